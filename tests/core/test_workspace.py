import json
import re
import string

import hcl2
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from controller.core.catalogue import read_catalogue
from controller.core.identity import RequestId
from controller.core.naming import resource_name
from controller.core.request import read_request
from controller.core.workspace import canonical, hcl, render, variables

PATH = "requests/payments/orders.yaml"
_REFUSED = "\u2028\u2029\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
USER_TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters=_REFUSED) | st.sampled_from("\n\t"),
    max_size=100,
)
NASTY = [
    '${file("/etc/passwd")}',
    "%{ for x in y }",
    '"}\nprovider "x" {}',
    "$${a}",
    "\\",
    '"',
    "<<EOT",
    "*/",
    "#",
    "{{ 7*7 }}",
    "{% x %}",
    "null",
    "true",
]
WIDE = {
    "terraform/modules/wide/kind.yaml": b"""\
title: Wide
description: Takes any text.
provider: aws
parameters:
  text: {type: string, default: "", description: d}
  labels: {type: map, default: {}, description: d}
  count: {type: integer, default: 0, description: d}
  share: {type: number, default: 0, description: d}
  on: {type: boolean, default: false, description: d}
variables:
  text: {parameter: text}
  labels: {parameter: labels}
  count: {parameter: count}
  share: {parameter: share}
  on: {parameter: on}
  team: {from: team}
secrets: {password: {}}
outputs: {text: {show: true}, other: {}}
""",
    "terraform/modules/wide/main.tf": b"# module\n",
    "terraform/environments/dev.yaml": b"title: Dev\nkinds: [wide]\nproviders: {aws: {region: us-east-1}}\n",
}


@pytest.fixture(scope="module")
def wide():
    return read_catalogue(WIDE)


@pytest.fixture
def rendered(tree):
    """The files of the one request of a tree."""

    def make(text, path=PATH):
        (workspace,) = tree({path: text}).workspaces.values()
        return workspace

    return make


def test_what_is_rendered_is_the_root_module_the_vetted_module_and_the_values(rendered, ask):
    files = rendered(ask()).files
    assert set(files) == {
        "main.tf",
        "providers.tf.json",
        "backend.tf",
        "outputs.tf",
        "terraform.tfvars.json",
        "module/main.tf",
        ".terraform.lock.hcl",
    }
    assert files["module/main.tf"] == b'resource "null" "this" {}\n'
    assert files[".terraform.lock.hcl"] == b"# locked\n"


def test_every_variable_gets_its_value_from_its_source(rendered, ask):
    values = json.loads(
        rendered(ask(size="medium", public="true", labels="{a: b}")).files["terraform.tfvars.json"]
    )
    assert values == {
        "name": "dev-orders",
        "engine": "postgres",
        "class": "db.medium",
        "storage": 20,
        "ratio": 0.5,
        "public": "open",
        "note": "",
        "labels": {"a": "b"},
        "final": False,
        "fixed": [1, "two"],
        "team": "payments",
        "where": "dev",
        "id": "dev.database.orders",
        "short": "orders",
    }


def test_a_value_that_the_environment_does_not_set_takes_the_kinds_default(catalogue, accepted, ask):
    request = accepted(ask(environment="prod", size="large"))
    assert variables(request, catalogue.kinds["database"], catalogue.environments["prod"])["final"] is True


def test_the_root_module_is_hcl_that_declares_each_variable_and_passes_it_on(rendered, ask):
    root = hcl2.loads(rendered(ask()).files["main.tf"].decode())
    names = {name.strip('"') for block in root["variable"] for name in block if not name.startswith("__")}
    (module,) = (block['"this"'] if '"this"' in block else block["this"] for block in root["module"])
    assert "password" in names
    assert set(module) - {"__is_block__"} == {*names, "source"}


def test_a_secret_is_an_ephemeral_variable_without_a_value(rendered, ask):
    files = rendered(ask()).files
    assert re.search(r'variable "password" \{[^}]*ephemeral = true', files["main.tf"].decode())
    assert b"password" not in files["terraform.tfvars.json"]


def test_an_output_that_is_not_shown_is_sensitive(rendered, ask):
    outputs = rendered(ask()).files["outputs.tf"].decode()
    assert re.search(r'output "endpoint" \{[^}]*sensitive = false', outputs)
    assert re.search(r'output "hidden" \{[^}]*sensitive = true', outputs)


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("{type: local}", None),
        ("{type: s3, config: {bucket: b}}", 'key = "infrautomater/dev.database.orders.tfstate"'),
        ("{type: azurerm}", 'key = "infrautomater/dev.database.orders.tfstate"'),
        ("{type: gcs, config: {bucket: b}}", 'prefix = "infrautomater/dev.database.orders"'),
        ("{type: pg}", 'schema_name = "dev.database.orders"'),
        ("{type: consul}", 'path = "infrautomater/dev.database.orders"'),
    ],
)
def test_each_backend_gets_the_key_of_the_request(files, accepted, ask, skeletons, state, line):
    text = f"title: Dev\nkinds: [database]\nstate: {state}\n"
    catalogue = read_catalogue({**files, "terraform/environments/dev.yaml": text.encode()})
    workspace = render(accepted(ask()), catalogue.kinds["database"], catalogue.environments["dev"], skeletons)
    backend = workspace.files["backend.tf"].decode()
    assert line is None or line in backend
    assert hcl2.loads(backend)


def test_a_digest_names_the_content_and_nothing_else(rendered, ask):
    digest = rendered(ask()).digest
    same = [
        rendered(f"# a comment\n{ask()}"),
        rendered(ask().replace("\n", "\r\n")),
        rendered(f"{ask()}\n\n"),
        rendered(ask(size="small")),
        rendered(ask(ratio="0.5")),
        rendered(ask(), "requests/payments/elsewhere.yaml"),
    ]
    assert {workspace.digest for workspace in same} == {digest}
    others = [
        rendered(ask(size="medium")),
        rendered(ask(name="other")),
        rendered(ask(), "requests/search/o.yaml"),
        rendered(ask(note="x")),
    ]
    assert len({digest, *(workspace.digest for workspace in others)}) == 5


@pytest.mark.parametrize(
    ("path", "content", "is_same"),
    [
        ("terraform/modules/database/main.tf", b"# other\n", False),
        ("terraform/modules/database/.terraform.lock.hcl", b"# other\n", False),
        ("terraform/modules/database/more.tf", b"", False),
        ("terraform/modules/database/README.md", b"other", True),
        ("terraform/modules/bucket/main.tf", b"# other\n", True),
        ("terraform/environments/prod.yaml", b"title: P\nkinds: []\n", True),
    ],
)
def test_a_digest_changes_with_the_module_and_not_with_its_neighbours(
    files, tree, ask, path, content, is_same
):
    before = tree({PATH: ask()})
    after = tree({PATH: ask()}, read_catalogue({**files, path: content}))
    digests = {workspace.digest for wanted in (before, after) for workspace in wanted.workspaces.values()}
    assert (len(digests) == 1) is is_same


def test_a_new_title_or_quota_of_the_environment_is_no_change(files, tree, ask):
    dev = (
        files["terraform/environments/dev.yaml"].replace(b"Development", b"Dev")
        + b"quotas: {default: {database: 1}}\n"
    )
    after = tree({PATH: ask()}, read_catalogue({**files, "terraform/environments/dev.yaml": dev}))
    assert [each.digest for each in after.workspaces.values()] == [
        each.digest for each in tree({PATH: ask()}).workspaces.values()
    ]


@settings(max_examples=150, deadline=None)
@given(
    wrote=st.fixed_dictionaries(
        {
            "text": USER_TEXT | st.sampled_from(NASTY),
            "labels": st.dictionaries(
                USER_TEXT | st.sampled_from(NASTY), USER_TEXT | st.sampled_from(NASTY), max_size=4
            ),
            "count": st.integers(-(10**15), 10**15),
            "share": st.floats(-(10**15), 10**15),
            "on": st.booleans(),
        }
    )
)
def test_what_a_requester_writes_is_data_in_one_file_and_comes_back_unchanged(wide, skeletons, blob, wrote):
    """Promise 1: requests are data, never code."""
    assume("<<" not in wrote["labels"])
    head = {"kind": "wide", "name": "it", "environment": "dev"}
    neutral, theirs = (
        read_request("requests/t/it.yaml", blob(json.dumps({**head, **parameters}, ensure_ascii=False)), wide)
        for parameters in ({}, {"parameters": wrote})
    )
    assert not isinstance(theirs, tuple), theirs
    plain, rendered = (
        render(each, wide.kinds["wide"], wide.environments["dev"], skeletons) for each in (neutral, theirs)
    )
    assert {path: blob for path, blob in plain.files.items() if path != "terraform.tfvars.json"} == {
        path: blob for path, blob in rendered.files.items() if path != "terraform.tfvars.json"
    }
    assert json.loads(rendered.files["terraform.tfvars.json"]) == {**wrote, "team": "t"}


@pytest.mark.parametrize("name", ["a", "a-b", "a0"])
def test_a_name_is_the_only_word_of_a_requester_outside_the_values_and_it_is_harmless(rendered, ask, name):
    for path, content in rendered(ask(name=name)).files.items():
        if path.endswith(".tf"):
            assert set(content.decode()) <= set(string.printable)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (5, "5"),
        (-1.5, "-1.5"),
        ("", '""'),
        ("a", '"a"'),
        ('a"b', '"a\\"b"'),
        ("a\\b", '"a\\\\b"'),
        ("a\nb\tc\r", '"a\\nb\\tc\\r"'),
        ("${file(1)}", '"$${file(1)}"'),
        ("$${a}", '"$$${a}"'),
        ("%{ if x }", '"%%{ if x }"'),
        ("$ { %", '"$ { %"'),
        ("\b\f", '"\\u0008\\u000c"'),
        ("\\b", '"\\\\b"'),
        ("\x00", '"\\u0000"'),
        ("é👩", '"é👩"'),
        ([], "[]"),
        ([1, ["a"]], '[1, ["a"]]'),
        ((1, 2), "[1, 2]"),
        ({}, "{}"),
        ({"b": 1, "a": {"${x}": None}}, '{"a" = {"$${x}" = null}, "b" = 1}'),
    ],
)
def test_a_trusted_value_is_written_as_hcl_in_which_nothing_is_evaluated(value, text):
    """`$$${a}` and its like were checked against Terraform 1.11."""
    assert hcl(value) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_without_end_is_no_hcl(value):
    with pytest.raises(ValueError, match="JSON compliant"):
        hcl(value)
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical({"a": value})


def test_what_hcl_has_no_word_for_is_refused():
    with pytest.raises(TypeError, match="no word for object"):
        hcl(object())


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["$", "{", "%", "\\", '"', "}", "\n", "a"]), max_size=12).map("".join)
)
def test_no_text_opens_a_template_or_ends_its_quotes(text):
    written = hcl(text)
    assert written[0] == written[-1] == '"'
    inner = re.sub(r'\\u[0-9a-f]{4}|\\["\\nrt]', "", written[1:-1])
    assert '"' not in inner and "\\" not in inner and "\n" not in inner
    assert not re.search(r"[$%]\{", re.sub(r"\$\$\{|%%\{", "-", written))


def test_values_are_written_in_one_form_only():
    assert (
        canonical({"b": "é", "a": [1, 2.0]}) == b'{\n  "a": [\n    1,\n    2.0\n  ],\n  "b": "\xc3\xa9"\n}\n'
    )
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})


def test_objects_in_the_cloud_have_the_name_of_their_environment_and_request():
    assert resource_name(RequestId("dev", "database", "orders")) == "dev-orders"


def test_a_name_has_the_letters_that_every_cloud_takes():
    assert resource_name(RequestId("dev_eu-", "database", "my--orders")) == "dev-eu-my-orders"


def providers(rendered_with, text):
    return json.loads(rendered_with(text).files["providers.tf.json"]).get("provider", {})


@pytest.fixture
def rendered_with(files, accepted, ask, skeletons):
    """The workspace of a request in an environment with these lines."""

    def make(text):
        dev = f"title: Dev\nkinds: [database]\n{text}\n".encode()
        catalogue = read_catalogue({**files, "terraform/environments/dev.yaml": dev})
        kind, environment = catalogue.kinds["database"], catalogue.environments["dev"]
        return render(accepted(ask()), kind, environment, skeletons)

    return make


def test_the_settings_of_the_kinds_own_provider_are_rendered_and_no_others(rendered_with):
    text = (
        "providers: {aws: {region: eu-west-1, assume_role: {role_arn: r}}, kubernetes: {config_context: c}}"
    )
    assert providers(rendered_with, text) == {
        "aws": {"region": "eu-west-1", "assume_role": {"role_arn": "r"}}
    }
    assert providers(rendered_with, "mode: apply") == {}


def test_a_provider_that_somebody_else_makes_is_named_by_its_address(files, accepted, ask, skeletons):
    path = "terraform/modules/database/kind.yaml"
    kind = files[path].replace(b"provider: aws\n", b"provider: aws\nsource: acme/aws\n")
    catalogue = read_catalogue({**files, path: kind})
    workspace = render(accepted(ask()), catalogue.kinds["database"], catalogue.environments["dev"], skeletons)
    rendered = json.loads(workspace.files["providers.tf.json"])
    assert rendered["terraform"] == {"required_providers": {"aws": {"source": "acme/aws"}}}
    assert rendered["provider"]["aws"]["region"] == "us-east-1"


@pytest.mark.parametrize("tags", ["{Stage: dev}", "{tags: {Stage: dev}}"])
def test_default_tags_may_be_written_as_the_tags_themselves(rendered_with, tags):
    text = f"providers: {{aws: {{default_tags: {tags}}}}}"
    assert providers(rendered_with, text) == {"aws": {"default_tags": {"tags": {"Stage": "dev"}}}}


def test_nothing_is_evaluated_in_the_settings_of_a_provider(rendered_with):
    text = """providers: {aws: {region: '${file("/etc/passwd")}', list: ['%{ if true }'], default_tags: {'${x}': a}}}"""
    assert providers(rendered_with, text) == {
        "aws": {
            "region": '$${file("/etc/passwd")}',
            "list": ["%%{ if true }"],
            "default_tags": {"tags": {"$${x}": "a"}},
        }
    }
