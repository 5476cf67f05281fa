import pytest
from pydantic import TypeAdapter

from controller.core.kind import Kind, is_module_file, read_kind
from controller.core.source import Constant, FromEnvironment, FromParameter, FromRequest

FOLDER = "terraform/modules/thing"
HEAD = "title: T\ndescription: D\nprovider: aws\n"


def read(text, **files):
    return read_kind("thing", FOLDER, {"kind.yaml": text.encode(), **files})


def test_a_kind_comes_with_the_files_of_its_module():
    files = {"main.tf": b"m", ".terraform.lock.hcl": b"l", "README.md": b"r", "policies/a.json": b"p"}
    kind = read(HEAD, **files)
    assert isinstance(kind, Kind)
    assert kind.name == "thing"
    assert kind.module == {"main.tf": b"m", ".terraform.lock.hcl": b"l", "policies/a.json": b"p"}


@pytest.mark.parametrize(
    ("path", "belongs"),
    [
        ("main.tf", True),
        ("main.tf.json", True),
        (".terraform.lock.hcl", True),
        ("policies/bucket.json", True),
        ("templates/user-data.tftpl", True),
        ("inner/main.tf", True),
        ("kind.yaml", False),
        ("README.md", False),
        ("docs/more.md", False),
        (".terraform/modules/x.tf", False),
        (".tflint.hcl", False),
        ("tests/one.tftest.hcl", False),
    ],
)
def test_what_belongs_to_a_module_is_all_that_terraform_may_read(path, belongs):
    assert is_module_file(path) is belongs


@pytest.mark.parametrize(
    ("source", "type_"),
    [
        ("{parameter: p}", FromParameter),
        ("{from: team}", FromRequest),
        ("{environment: e, default: 1}", FromEnvironment),
        ("{constant: 1}", Constant),
        ("{constant: }", Constant),
    ],
)
def test_a_variable_takes_its_value_from_one_source(source, type_):
    text = f"{HEAD}parameters: {{p: {{type: string, description: d}}}}\nvariables: {{v: {source}}}\n"
    kind = read(text)
    assert isinstance(kind, Kind), kind
    assert isinstance(kind.format.variables["v"], type_)


@pytest.mark.parametrize(
    ("text", "field", "line", "problem", "way_out"),
    [
        (
            "variables: {v: {form: name}}",
            "variables.v",
            4,
            "`v`: this needs one of `parameter`, `from`",
            "Write `{parameter: …}`",
        ),
        ("variables: {v: name}", "variables.v", 4, "this needs one of", "Write `{parameter: …}`"),
        (
            "variables: {v: {from: nam}}",
            "variables.v.from",
            4,
            '`from` cannot be `"nam"`',
            "Did you mean `name`?",
        ),
        (
            "variables: {v: {parameter: p}}",
            "variables.v.parameter",
            4,
            "there is no parameter `p`",
            "None is",
        ),
        (
            "variables: {v: {from: name, default: x}}",
            "variables.v.default",
            4,
            "`default` is not a known field",
            "Choose",
        ),
        ("variables: {'a b': {from: name}}", "variables.a b", 4, '`a b` cannot be `"a b"`', "It must match"),
        ("secrets: {s: {rotate: p}}", "secrets.s.rotate", 4, "there is no parameter `p`", "None is offered"),
        (
            "secrets: {s: {length: 4}}",
            "secrets.s.length",
            4,
            "`length` is `4`, which is too little",
            "Write 12",
        ),
        (
            "secrets: {s: {lenght: 24}}",
            "secrets.s.lenght",
            4,
            "`lenght` is not a known",
            "Did you mean `length`?",
        ),
        (
            "outputs: {o: {shown: true}}",
            "outputs.o.shown",
            4,
            "`shown` is not a known",
            "Did you mean `show`?",
        ),
        ("name: {pattern: '('}", "name.pattern", 4, "this is no regular expression", "Write it without"),
        ("cost: {currency: usd, per_month: 5}", "cost.currency", 4, "cannot be", "It must match"),
        ("cost: {currency: USD, per_month: x}", "cost.per_month", 4, "must be a number", "Write a number"),
        (
            "cost: {currency: USD, per_month: {parameter: p}}",
            "cost.per_month.parameter",
            4,
            "no parameter",
            "None",
        ),
        (
            "cost: {currency: USD, per_month: {parm: p}}",
            "cost.per_month.parameter",
            4,
            "`parameter` is missing",
            "Add",
        ),
        (
            "parameters: {P: {type: string, description: d}}",
            "parameters.P",
            4,
            "`P` cannot be",
            "It must match",
        ),
        (
            "parameters: {p: {type: text, description: d}}",
            "parameters.p.type",
            4,
            "`type` cannot be",
            "Choose one of",
        ),
        ("parameters: {p: {type: string}}", "parameters.p.description", 4, "`description` is missing", "Add"),
        (
            "parameters: {p: {type: string, description: d, enum: [true]}}",
            "parameters.p.enum.0",
            4,
            "item 1 of `enum`: this must be text or a number",
            "Write a plain value.",
        ),
        (
            "parameters: {p: {type: string, description: d, default: [1]}}",
            "parameters.p.default",
            4,
            "`default`: this must be text",
            "Write a plain value.",
        ),
        (
            "parameters: {p: {type: string, description: d, pattern: '('}}",
            "parameters.p.pattern",
            4,
            "no regular expression",
            "Write it without",
        ),
        (
            "parameters: {p: {type: integer, description: d, minimum: 5, default: 1}}",
            "parameters.p.default",
            4,
            "`1` does not fit",
            "Change",
        ),
        (
            "parameters: {p: {type: integer, description: d, change: growonly}}",
            "parameters.p.change",
            4,
            "cannot be",
            "Did you mean `grow_only`?",
        ),
        ("farewell: {}", "farewell", 4, "this needs one of `environment` and `constant`", "Write `{constant"),
        (
            "farewell: {environment: e, default: false, map: {true: kept}}",
            "farewell.map",
            4,
            "`map` says nothing of the default `false`",
            "Add `false`.",
        ),
        (
            "parameters: {p: {type: string, description: d, takes: an hour}}",
            "parameters.p.takes",
            4,
            "`takes` says how long a `downtime` is",
            "Delete it.",
        ),
        ("titel: x", "titel", 4, "`titel` is not a known field", "Did you mean `title`?"),
    ],
)
def test_a_kind_that_cannot_work_is_refused_when_it_is_written(text, field, line, problem, way_out):
    rejections = read(f"{HEAD}{text}\n")
    assert isinstance(rejections, tuple)
    found = [each for each in rejections if each.field == field]
    assert len(found) == 1, [str(each) for each in rejections]
    assert found[0].path == f"{FOLDER}/kind.yaml"
    assert found[0].line == line
    assert problem in found[0].problem
    assert found[0].way_out.startswith(way_out)


@pytest.mark.parametrize(
    ("said", "values", "words"),
    [
        ("{constant: nothing}", {}, "nothing"),
        ("{environment: e, default: false, map: {true: kept, false: gone}}", {}, "gone"),
        ("{environment: e, default: false, map: {true: kept, false: gone}}", {"e": True}, "kept"),
        ("{environment: e, default: false, map: {true: kept, false: gone}}", {"e": "odd"}, ""),
    ],
)
def test_a_farewell_goes_by_the_environment_s_values(said, values, words):
    assert read(f"{HEAD}farewell: {said}\n").format.farewell.take(values) == words


def test_a_kind_may_say_nothing_of_what_remains():
    assert read(HEAD).format.farewell.take({}) == ""


@pytest.mark.parametrize(
    ("parameter", "mapping", "problem"),
    [
        ("type: string, enum: [a, b]", "{a: 1}", "`map` says nothing of `b`"),
        ("type: integer, enum: [1, 2]", "{1: a}", "`map` says nothing of `2`"),
        ("type: boolean", "{true: a}", "`map` says nothing of `false`"),
        ("type: string", "{a: 1}", "a parameter that takes any value cannot be mapped"),
        ("type: integer, maximum: 3", "{1: 1}", "a parameter that takes any value cannot be mapped"),
    ],
)
def test_a_map_must_know_every_value_so_that_no_request_can_break_the_rendering(parameter, mapping, problem):
    text = f"{HEAD}parameters: {{p: {{{parameter}, description: d}}}}\nvariables: {{v: {{parameter: p, map: {mapping}}}}}\n"
    (rejection,) = read(text)
    assert (rejection.field, rejection.line) == ("variables.v.map", 5)
    assert problem in rejection.problem


@pytest.mark.parametrize(
    ("parameter", "mapping"),
    [
        ("type: string, enum: [a, no]", "{a: 1, no: 2}"),
        ("type: integer, enum: [1, 20]", "{1: a, 20: b}"),
        ("type: boolean", "{true: a, false: b}"),
    ],
)
def test_a_map_that_knows_every_value_is_accepted(parameter, mapping):
    text = f"{HEAD}parameters: {{p: {{{parameter}, description: d}}}}\nvariables: {{v: {{parameter: p, map: {mapping}}}}}\n"
    assert isinstance(read(text), Kind)


@pytest.mark.parametrize(
    ("mapping", "value", "result"),
    [
        (None, 5, 5),
        ({"a": 1}, "a", 1),
        ({"true": "open"}, True, "open"),
        ({"20": "x"}, 20, "x"),
        ({"1.5": "y"}, 1.5, "y"),
    ],
)
def test_a_parameters_value_is_mapped_by_the_word_that_yaml_has_for_it(mapping, value, result):
    assert FromParameter(parameter="p", map=mapping).take(value) == result


@pytest.mark.parametrize(
    "name",
    [
        "schema",
        "copy",
        "json",
        "dict",
        "validate",
        "model_config",
        "model_fields",
        "class",
        "self",
        "disk-size",
        "fields",
    ],
)
def test_a_parameter_may_have_a_name_that_python_or_pydantic_keeps_for_itself(name):
    kind = read(f"{HEAD}parameters: {{{name}: {{type: integer, description: d, default: 1}}}}\n")
    model = kind.model({})
    assert model.model_validate({name: 5}).model_dump(by_alias=True) == {name: 5}
    assert model.model_validate({}).model_dump(by_alias=True) == {name: 1}


def test_a_default_is_read_like_a_value_so_that_writing_it_out_changes_nothing():
    kind = read(f"{HEAD}parameters: {{p: {{type: number, description: d, default: 1}}}}\n")
    given, left = (
        kind.model({}).model_validate(value).model_dump_json(by_alias=True) for value in ({"p": 1}, {})
    )
    assert given == left


def test_a_model_is_made_once_for_each_set_of_limits():
    kind = read(f"{HEAD}parameters: {{p: {{type: string, enum: [a, b], description: d, default: a}}}}\n")
    assert kind.model({}) is kind.model({})
    assert kind.model({"p": ("a",)}) is kind.model({"p": ("a",)})
    assert kind.model({}) is not kind.model({"p": ("a",)})


def test_a_kind_survives_the_ledger(catalogue):
    adapter = TypeAdapter(Kind)
    for kind in catalogue.kinds.values():
        assert adapter.validate_json(adapter.dump_json(kind, by_alias=True)) == kind


def test_an_unreadable_kind_is_one_rejection():
    (rejection,) = read("a: [")
    assert rejection.path == f"{FOLDER}/kind.yaml"
