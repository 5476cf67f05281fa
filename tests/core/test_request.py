import pytest

from controller.core.catalogue import read_catalogue
from controller.core.identity import RequestId
from controller.core.request import Request, read_request
from controller.core.requests import read_requests

GOOD = "kind: database\nname: orders\nenvironment: dev\n"
PATH = "requests/payments/orders.yaml"


def test_a_request_is_read_with_its_defaults_filled_in(accepted):
    request = accepted(f"{GOOD}parameters:\n  size: medium\n  labels: {{a: b}}\n")
    assert request.id == RequestId("dev", "database", "orders")
    assert (request.team, request.path, request.named) == ("payments", PATH, (2, 1))
    assert request.parameters == {
        "engine": "postgres",
        "size": "medium",
        "storage": 20,
        "ratio": 0.5,
        "public": False,
        "note": "",
        "code": "abc",
        "labels": {"a": "b"},
    }
    assert (request.places["size"], request.places["labels"]) == ((5, 3), (6, 3))


@pytest.mark.parametrize(
    "path",
    [
        "requests/orders.yaml",
        "requests/payments/eu/orders.yaml",
        "requests/payments/orders.yml",
        "requests/payments/orders.json",
        "requests/payments/orders",
        "requests/payments/orders.YAML",
        "requests/Payments/orders.yaml",
        "requests/1st/orders.yaml",
        "requests/.github/orders.yaml",
        "requests/pay ments/orders.yaml",
        f"requests/{'p' * 32}/orders.yaml",
        "requests//orders.yaml",
    ],
)
def test_a_file_in_the_wrong_place_is_refused_with_the_right_one(read, path):
    (rejection,) = read(GOOD, path)
    assert (rejection.path, rejection.line, rejection.column, rejection.field) == (path, 1, 1, "")
    assert rejection.problem and rejection.way_out


@pytest.mark.parametrize(
    ("path", "way_out"),
    [
        ("requests/payments/orders.yml", "Rename it to `requests/payments/orders.yaml`."),
        ("requests/payments/orders", "Rename it to `requests/payments/orders.yaml`."),
        ("requests/a/b/c.yaml", "Put it at `requests/<team>/<file>.yaml`."),
    ],
)
def test_the_way_out_of_a_wrong_place_can_be_copied(read, path, way_out):
    assert read(GOOD, path)[0].way_out == way_out


@pytest.mark.parametrize(
    ("mode", "what"),
    [
        ("120000", "a symbolic link"),
        ("160000", "a submodule"),
        ("100755", "an executable file"),
        ("100664", "no plain file"),
    ],
)
def test_only_a_plain_file_is_a_request(read, mode, what):
    (rejection,) = read(GOOD, mode=mode)
    assert what in rejection.problem
    assert rejection.way_out == "Commit a plain file."


@pytest.mark.parametrize(
    ("text", "line", "column", "field", "problem", "way_out"),
    [
        (
            "kind: database\nname: orders\n",
            1,
            1,
            "environment",
            "`environment` is missing",
            "Add `environment`.",
        ),
        (f"{GOOD}team: x\n", 4, 1, "team", "`team` is not a known field", "Choose one of `kind`"),
        (f"{GOOD}paramters: {{}}\n", 4, 1, "paramters", "not a known field", "Did you mean `parameters`?"),
        (
            f"{GOOD}parameters:\n",
            4,
            1,
            "parameters",
            "`parameters` is left empty",
            "Give it `key: value` lines, or delete",
        ),
        (
            GOOD.replace("database", "databas"),
            1,
            1,
            "kind",
            "there is no kind `databas`",
            "Did you mean `database`?",
        ),
        (
            GOOD.replace("dev", "qa"),
            3,
            1,
            "environment",
            "there is no environment `qa`",
            "Choose one of `dev`, `prod`.",
        ),
        (
            "kind: bucket\nname: b\nenvironment: prod\n",
            1,
            1,
            "kind",
            "`prod` does not offer `bucket`",
            "Choose one of `database`.",
        ),
        (GOOD.replace("orders", "Orders"), 2, 1, "name", "`Orders` cannot be a name", "Use a-z, 0-9 and `-`"),
        (GOOD.replace("orders", "a_b"), 2, 1, "name", "`a_b` cannot be a name", "Use a-z"),
        (GOOD.replace("orders", "a-"), 2, 1, "name", "`a-` cannot be a name", "Use a-z"),
        (GOOD.replace("orders", "a.b"), 2, 1, "name", "`a.b` cannot be a name", "Use a-z"),
        (GOOD.replace("orders", "../../x"), 2, 1, "name", "cannot be a name", "Use a-z"),
        (GOOD.replace("orders", '"a\\n"'), 2, 1, "name", "cannot be a name", "Use a-z"),
        (GOOD.replace("orders", "é"), 2, 1, "name", "cannot be a name", "Use a-z"),
        (GOOD.replace("orders", "a" * 41), 2, 1, "name", "cannot be a name", "Use a-z"),
        (
            GOOD.replace("orders", "a" * 32),
            2,
            1,
            "name",
            "a database cannot have this name",
            "It must match `^[a-z]",
        ),
        (
            GOOD.replace("orders", "5"),
            2,
            1,
            "name",
            "`name` must be text, not `5`",
            'Put quotes around it: `"5"`.',
        ),
        (
            f"{GOOD}parameters:\n  size: large\n",
            5,
            3,
            "parameters.size",
            '`size` cannot be `"large"`',
            "Choose one of `small`, `medium`.",
        ),
        (f"{GOOD}parameters:\n  size: 5\n", 5, 3, "parameters.size", "`size` cannot be `5`", "Choose one of"),
        (
            f"{GOOD}parameters:\n  sise: small\n",
            5,
            3,
            "parameters.sise",
            "`sise` is not a known field",
            "Did you mean `size`?",
        ),
        (
            f"{GOOD}parameters: {{storage: true}}\n",
            4,
            14,
            "parameters.storage",
            "must be a whole number, not `true`",
            "Write a whole",
        ),
        (
            f"{GOOD}parameters: {{storage: '20'}}\n",
            4,
            14,
            "parameters.storage",
            'a whole number, not `"20"`',
            "Write a whole",
        ),
        (
            f"{GOOD}parameters: {{storage: 20.0}}\n",
            4,
            14,
            "parameters.storage",
            "a whole number, not `20.0`",
            "Write a whole",
        ),
        (
            f"{GOOD}parameters: {{storage: 19}}\n",
            4,
            14,
            "parameters.storage",
            "`19`, which is too little",
            "Write 20 or more.",
        ),
        (
            f"{GOOD}parameters: {{storage: 1001}}\n",
            4,
            14,
            "parameters.storage",
            "`1001`, which is too much",
            "Write 1000 or less.",
        ),
        (
            f"{GOOD}parameters: {{storage: {'9' * 18}}}\n",
            4,
            14,
            "parameters.storage",
            "too much",
            "Write 1000 or less.",
        ),
        (
            f"{GOOD}parameters: {{storage: 1e10000000}}\n",
            4,
            23,
            "",
            "the number is not finite",
            "Write a smaller one.",
        ),
        (
            f"{GOOD}parameters: {{ratio: .nan}}\n",
            4,
            21,
            "",
            "the number is not finite",
            "Write a smaller one.",
        ),
        (
            f"{GOOD}parameters: {{ratio: '0.5'}}\n",
            4,
            14,
            "parameters.ratio",
            "must be a number",
            "Write a number",
        ),
        (f"{GOOD}parameters: {{ratio: 1.5}}\n", 4, 14, "parameters.ratio", "too much", "Write 1 or less."),
        (
            f"{GOOD}parameters: {{public: yes}}\n",
            4,
            14,
            "parameters.public",
            "must be `true` or `false`",
            "Write `true`",
        ),
        (
            f"{GOOD}parameters: {{note: no}}\nnote: no\n",
            5,
            1,
            "note",
            "`note` is not a known field",
            "Choose one of",
        ),
        (
            f"{GOOD}parameters: {{note: 010}}\n",
            4,
            14,
            "parameters.note",
            "must be text, not `10`",
            "Put quotes around it",
        ),
        (
            f"{GOOD}parameters: {{note: {'x' * 101}}}\n",
            4,
            14,
            "parameters.note",
            "`note` is too long",
            "Use at most 100",
        ),
        (
            f"{GOOD}parameters: {{code: ABC}}\n",
            4,
            14,
            "parameters.code",
            "cannot be",
            "It must match `^[a-z]+$`.",
        ),
        (
            f"{GOOD}parameters: {{labels: {{a: 1}}}}\n",
            4,
            23,
            "parameters.labels.a",
            "must be text, not `1`",
            "Put quotes",
        ),
        (
            f"{GOOD}parameters: {{labels: [a]}}\n",
            4,
            14,
            "parameters.labels",
            "must be `key: value` lines",
            "Indent",
        ),
        (
            "kind: bucket\nname: b\nenvironment: dev\n",
            1,
            1,
            "parameters.region",
            "`region` is missing",
            "Add `region`",
        ),
        ("- kind\n", 1, 1, "", "the file must be `key: value` lines", "Write one"),
        ("", 1, 1, "", "the file is empty", "Write a request, or delete the file."),
    ],
)
def test_every_refusal_says_what_is_wrong_where_it_is_and_the_way_out(  # noqa: PLR0917 -- a rejection has these parts
    read, text, line, column, field, problem, way_out
):
    rejections = read(text)
    assert isinstance(rejections, tuple)
    (found,) = [each for each in rejections if each.field == field]
    assert (found.path, found.line, found.column) == (PATH, line, column), str(found)
    assert problem in found.problem
    assert found.way_out.startswith(way_out), found.way_out


def test_all_that_is_wrong_is_said_at_once(read):
    text = "kind: database\nname: Orders\nenvironment: dev\nparameters: {size: XL, storage: 1, x: 1}\n"
    fields = ["name", "parameters.size", "parameters.storage", "parameters.x"]
    assert [each.field for each in read(text)] == fields


def test_windows_files_with_a_byte_order_mark_are_requests_too(accepted):
    assert accepted(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()).id.name == "orders"


def test_text_that_yaml_1_1_would_read_as_something_else_stays_text(accepted):
    for text in ("no", "on", "y", "1:30", "2026-11-22", "1_000", "0b1"):
        assert accepted(f"{GOOD}parameters: {{note: {text}}}\n").parameters["note"] == text


def test_the_limits_of_an_environment_narrow_and_its_own_default_must_be_given(read, ask):
    missing = read(ask(environment="prod"))
    assert [each.field for each in missing] == ["parameters.size"]
    assert read(ask(environment="prod", size="large")).parameters["size"] == "large"
    assert isinstance(read(ask(environment="prod", size="small")), tuple)
    assert isinstance(read(ask(environment="prod", size="large", engine="mysql")), tuple)


@pytest.mark.parametrize("length", [63, 64])
def test_an_identity_has_at_most_63_characters(files, blob, length):
    environment = "e" * 31
    extra = {f"terraform/environments/{environment}.yaml": b"title: E\nkinds: [bucket]\n"}
    catalogue = read_catalogue({**files, **extra})
    name = "n" * (length - 31 - len("bucket") - 2)
    text = f"kind: bucket\nname: {name}\nenvironment: {environment}\nparameters: {{region: eu}}\n"
    requests = read_requests({PATH: blob(text)}, catalogue)
    if length == 63:
        assert [len(identity.key) for identity in requests.accepted] == [63]
    else:
        (rejection,) = requests.refused[PATH]
        assert (rejection.line, rejection.field) == (2, "name")
        assert "has 64 characters, 63 are allowed" in rejection.problem
        assert rejection.way_out == "Choose a shorter name."


def test_readmes_and_dotfiles_are_no_requests(catalogue, blob):
    ignored = [
        "requests/README.md",
        "requests/a/notes.md",
        "requests/.gitkeep",
        "requests/a/.hidden.yaml",
        "requests/a/b/c/.x",
    ]
    requests = read_requests({path: blob("[") for path in ignored}, catalogue)
    assert (requests.accepted, requests.refused, requests.claimed) == ({}, {}, {})


def test_one_bad_file_spoils_no_other(catalogue, blob):
    blobs = {PATH: blob(GOOD), "requests/a/bad.yaml": blob("["), "requests/worse": blob("x", "120000")}
    requests = read_requests(blobs, catalogue)
    assert [request.path for request in requests.accepted.values()] == [PATH]
    assert set(requests.refused) == {"requests/a/bad.yaml", "requests/worse"}


def test_an_identity_that_two_files_ask_for_is_refused_in_both(catalogue, blob):
    other = "requests/search/x.yaml"
    requests = read_requests({PATH: blob(GOOD), other: blob(f"# mine\n{GOOD}")}, catalogue)
    assert requests.accepted == {}
    assert {
        path: (each[0].line, each[0].column, each[0].field) for path, each in requests.refused.items()
    } == {
        PATH: (2, 1, "name"),
        other: (3, 1, "name"),
    }
    assert f"`dev/database/orders` is also asked for in `{other}`" in requests.refused[PATH][0].problem
    assert requests.claimed == {
        PATH: RequestId("dev", "database", "orders"),
        other: RequestId("dev", "database", "orders"),
    }


@pytest.mark.parametrize(
    ("text", "mode", "claims"),
    [
        (f"{GOOD}parameters: {{size: XL}}\n", "100644", True),
        (f"{GOOD}nonsense: 1\n", "100644", True),
        (GOOD, "120000", True),
        ("kind: database\nname: orders\n", "100644", False),
        ("kind: database\nname: [x]\nenvironment: dev\n", "100644", False),
        ("[", "100644", False),
        ("- a\n", "100644", False),
    ],
)
def test_a_refused_file_claims_the_identity_that_it_still_names(catalogue, blob, text, mode, claims):
    requests = read_requests({PATH: blob(text, mode)}, catalogue)
    assert PATH in requests.refused
    assert (PATH in requests.claimed) is claims


def test_a_rejection_stands_at_the_parameter_or_where_it_would_be_written(accepted):
    request = accepted(f"{GOOD}parameters:\n  size: small\n")
    assert request.reject("size", "p", "w").line == 5
    assert request.reject("storage", "p", "w").line == 4
    assert accepted(GOOD).reject("storage", "p", "w").line == 1
    assert request.reject("storage", "p", "w").field == "parameters.storage"


def test_two_requests_are_equal_wherever_their_lines_stand(accepted):
    assert accepted(GOOD) == accepted(f"# a comment\n{GOOD}parameters: {{size: small}}\n")
    assert isinstance(accepted(GOOD), Request)


@pytest.mark.parametrize("text", ["dev/database/orders", "dev.database.orders"])
def test_an_identity_is_read_in_both_spellings(text):
    identity = RequestId.parse(text)
    assert (str(identity), identity.key) == ("dev/database/orders", "dev.database.orders")


@pytest.mark.parametrize("text", ["", "dev", "dev/database", "a/b/c/d"])
def test_what_has_not_three_parts_is_no_identity(text):
    with pytest.raises(ValueError, match="unpack"):
        RequestId.parse(text)


@pytest.mark.parametrize(
    ("path", "broken", "field", "words"),
    [
        (
            "terraform/environments/dev.yaml",
            b"mode: [",
            "environment",
            "the environment `dev` cannot be read",
        ),
        ("terraform/modules/database/kind.yaml", b"a: [", "kind", "the kind `database` cannot be read"),
    ],
)
def test_a_request_is_not_sent_elsewhere_since_its_kind_or_environment_is_broken(
    files, blob, path, broken, field, words
):
    catalogue = read_catalogue({**files, path: broken})
    (rejection,) = read_request(PATH, blob(GOOD), catalogue)
    assert rejection.field == field
    assert rejection.problem.startswith(f"{words} ({path}:")
    assert rejection.way_out == "The platform team has to mend that file first."
