import pytest

from controller.core.hcl import Block, read_hcl


def read(text):
    file = read_hcl("main.tf", text.encode())
    assert isinstance(file, Block), file
    return file


def calls(expression):
    (attribute,) = read(f"x = {expression}\n").attributes.values()
    return [(call.name, call.arguments) for call in attribute.calls]


def test_blocks_have_types_labels_attributes_and_places():
    file = read('resource "a" "b" {\n  name = "n"\n  inner {\n    deep = true\n  }\n}\nlocals { x = 1 }\n')
    resource, local = file.blocks
    assert (resource.address, resource.line, resource.column) == ("resource.a.b", 1, 1)
    assert (resource.attributes["name"].literal, resource.attributes["name"].line) == ("n", 2)
    assert [(each.address, each.line) for each in resource.walk()] == [("resource.a.b", 1), ("inner", 3)]
    assert resource.blocks[0].has("deep", "true")
    assert (local.type, local.labels, local.line) == ("locals", (), 7)


def test_labels_are_what_terraform_decodes_them_to():
    (block,) = read('data "ext\\u0065rn\\U00000061l" "x" {}').blocks
    assert block.labels == ("external", "x")


def test_an_object_that_is_written_out_has_items():
    (value,) = read('x = {\n  # said\n  a = "1"\n  "b" = c\n}\n').attributes.values()
    assert {name: item.text for name, item in value.items.items()} == {"a": '"1"', "b": "c"}


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ('"plain"', "plain"),
        ('"a \\"b\\" \\n"', 'a "b" \n'),
        ('"$${not} %%{this}"', None),
        ('"\\u0065\\U00000065\\\\n"', "ee\\n"),
        ('"\\ud800"', None),
        ('"\\UFFFFFFFF"', None),
        ('"\\/"', None),
        ("<<EOT\nplain\nEOT", None),
        ('"${evaluated}"', None),
        ('"%{ if true }x%{ endif }"', None),
        ("plain", None),
        ("1", None),
    ],
)
def test_a_literal_is_a_text_in_which_nothing_is_evaluated(text, literal):
    (value,) = read(f"x = {text}\n").attributes.values()
    assert value.literal == literal


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("f()", [("f", ())]),
        ('f(1, "two", g(h()))', [("f", ("1", '"two"', "g(h())")), ("g", ("h()",)), ("h", ())]),
        ('"a ${f()} b"', [("f", ())]),
        ('"${"${f()}"}"', [("f", ())]),
        ("[for x in f(): g(x)]", [("f", ()), ("g", ("x",))]),
        ("{ a = f() }", [("f", ())]),
        ("true ? f() : null", [("f", ())]),
        ("provider::aws::f(1)", [("provider::aws::f", ("1",))]),
        ("core::f(core::g())", [("f", ("g()",)), ("g", ())]),
        ("provider::core::f(1)", [("provider::core::f", ("1",))]),
        ('"f()"', []),
        ('"$${f()}"', []),
        ("1 # f()", []),
        ("1 /* f() */", []),
        ("f.g", []),
        ("<<EOT\nf() and ${g()} and $${h()}\nEOT", [("g", ())]),
        (
            '<<-EOT\n  ${f("}")} %{ for x in g() ~} ${h(x)} %{ endfor }\n  EOT',
            [("f", ('"}"',)), ("g", ()), ("h", ("x",))],
        ),
        ("<<EOT\n%{ if f() }a%{ else }b%{ endif }\nEOT", [("f", ())]),
        ("<<EOT\n100%${f()} $%{ if g() }%{ endif } $$${h()}\nEOT", [("f", ()), ("g", ())]),
        ('"100%${f()} $$${g()}"', [("f", ())]),
        ('"$${x ${f()}"', [("f", ())]),
        ('"$${ ${f()} }"', [("f", ())]),
        ('"%%{ if ${f()} }"', [("f", ())]),
        ('"$${ ${"}"}" == f() ? "a" : "b"', [("f", ())]),
        ('"\\"$\\" ${f()}"', [("f", ())]),
        ('<<EOT\n${ "${"}"}" == f() ? 1 : 2 }\nEOT', [("f", ())]),
        ('<<EOT\n${ "}" == "\\"" ? f() : "{" }\nEOT', [("f", ())]),
        ("<<EOT\n${ true ? 1 :\nEOT\n+ f() }\n$\n  EOT", [("f", ())]),
        ("<<EOT\n$EOT ${f()}EOT\nEOT", [("f", ())]),
        ("<<A\nA", []),
        ('"${\n  f(\n    g()\n  )\n}"', [("f", ("g()",)), ("g", ())]),
        ('"${<<EOT\n${f()}\nEOT\n}"', [("f", ())]),
        ("(f /* ( */ ())", [("f", ())]),
        ('{ (f()) = 1, "${g()}" = 2 }', [("f", ()), ("g", ())]),
        ('"\\\\${f()}"', [("f", ())]),
        ('"${~ f() ~}%{~ if g() ~}%{~ endif ~}"', [("f", ()), ("g", ())]),
        ('"<<EOT ${f()} # /* "', [("f", ())]),
    ],
)
def test_calls_are_found_where_terraform_would_evaluate_them_and_nowhere_else(expression, found):
    assert sorted(calls(expression)) == sorted(found)


def test_a_call_in_a_heredoc_is_placed():
    (value,) = read("x = <<EOT\none\ntwo ${f()}\nEOT\n").attributes.values()
    assert [(call.line, call.column) for call in value.calls] == [(3, 7)]


def test_an_expression_knows_the_names_that_it_binds():
    (value,) = read('x = [for a, b in c : "%{ for d in e }${f}%{ endfor }"]\n').attributes.values()
    assert value.bound == {"a", "b", "d"}


@pytest.mark.parametrize(
    ("blob", "line", "problem"),
    [
        (b"x = 1\nvariable {", 2, "still open at its end"),
        (b"x = 1\ny = ?\n", 2, "`?` cannot stand here"),
        (b"x =\n", 1, "the line ends too early"),
        (b'x = "\xff"', 1, "this is not UTF-8 text"),
        (b"x = 1\n}", 2, "`}` cannot stand here"),
        (b"a {" * 3_000 + b"}" * 3_000, 1, "nested too deep"),
        (b"x = 1\ny = " + b"[" * 101 + b"]" * 101, 2, "nested too deep"),
        (b"x = 1\ny = " + b'"${' * 51 + b'}"' * 51, 2, "nested too deep"),
        (b"x = 1\ny = 2" + b" " * 1_001 + b"z = 3", 2, "nobody sees what stands behind them"),
        (b"x = <<EOT\n\n" + b"\n" * 1_001 + b"EOT\n", 1, "nobody sees what stands behind them"),
        (b"x = <<EOT\n${f(}\nEOT\n", 2, "`}` cannot stand here"),
        (b"x = <<EOT\na\n\x1cEOT\nEOT\n", 3, "the heredoc's last line must be `EOT`"),
        (b"x = <<EOT\na\nEOT", 3, "the heredoc's last line must be `EOT`"),
        (b"x = <<EOT\na\n", 3, "still open at its end"),
        (b'x = <<"EOT"\n', 1, "`<<` cannot stand here"),
        (b"x = 1 # a\ry = f()\n", 1, "a carriage return ends no line"),
        (b'x = "a\nb"\n', 1, "the line ends too early"),
        (b'x = "${ f(\\"a\\") }"\n', 1, "`\\` cannot stand here"),
        (b"x = 1 /* open", 1, "`/*` cannot stand here"),
        (b"x = (1}\n", 1, "`}` cannot stand here"),
        (b"x = {~}\n", 1, "`~}` cannot stand here"),
        (b"x = core ::f()\n", 1, "cannot stand here"),
        (b"x = provider::core::f::g()\n", 1, "cannot stand here"),
        (b'data "${"external"}" "x" {}', 1, "cannot be a label"),
    ],
)
def test_what_is_no_hcl_is_told_with_its_line(blob, line, problem):
    rejection = read_hcl("main.tf", blob)
    assert (rejection.path, rejection.line) == ("main.tf", line)
    assert problem in rejection.problem
