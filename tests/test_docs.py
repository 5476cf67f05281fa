"""The documents against the code: what they name exists, and what exists is in them.

`python tests/test_docs.py` writes what is generated of docs/operating.md, docs/sandbox.md and docs/catalogue.md anew.
"""

import re
import subprocess
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from typer.testing import CliRunner

from controller.cli import application
from controller.core.hold import Hold
from controller.core.outcome import Cause, Outcome
from controller.core.request import BLOB_MODE, Blob, Request, read_request
from controller.core.run import Operation, State
from controller.core.status import RequestStatus
from controller.core.verdict import Risk
from controller.sandbox.rest.endpoints import DOCS
from controller.sandbox.rest.routes import ENDPOINTS
from controller.sandbox.webhooks.posting import SENT
from controller.settings import PREFIX, SECRETS, Settings
from tests.catalogue_page import kinds_page, shipped

ROOT = Path(__file__).parents[1]
OPERATING = ROOT / "docs/operating.md"
SANDBOX = ROOT / "docs/sandbox.md"
CATALOGUE = ROOT / "docs/catalogue.md"
ARCHITECTURE = ROOT / "docs/architecture.md"
ADRS = ROOT / "docs/adr"
MAX_PICTURE = 150 * 1024


def tracked() -> list[Path]:
    """Every file of the repository that git would keep."""
    argv = ("git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    listed = subprocess.run(argv, capture_output=True, check=True).stdout.decode()
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file()]


def documents() -> list[Path]:
    return sorted(path for path in tracked() if path.suffix == ".md")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(path: Path) -> str:
    """A document without its code blocks."""
    return re.sub(r"^ *```.*?^ *```", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)


# --- the tables that are written by this file ---------------------------------------------------------------------


def settings_table() -> str:
    fields = Settings.model_fields.items()
    rows = [f"| {_names(name, field)} | {_default(field)} | {field.description} |" for name, field in fields]
    return "\n".join(["| setting | unless set | it says |", "|---|---|---|", *rows])


def _variables(name: str, field: FieldInfo) -> list[str]:
    """The variable's names, as they may be set."""
    choices = getattr(field.validation_alias, "choices", [f"{PREFIX}{name.upper()}"])
    return [f"`{choice}`" for choice in choices]


def _names(name: str, field: FieldInfo) -> str:
    return ", or ".join([*_variables(name, field), *(["`…_FILE`"] if name in SECRETS else [])])


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "as cores and memory allow"
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    if value in ("", (), None):
        return ""
    text = (
        str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else value
    )
    return f"`{text}`"


def commands_table() -> str:
    rows = [f"| {_usage(name, verb)} | {_help(verb)} |" for name, verb in verbs().items()]
    return "\n".join(["| command | it does |", "|---|---|", *rows])


def verbs() -> dict[str, Any]:
    return dict(typer.main.get_command(application()).commands)


def _usage(name: str, verb: Any) -> str:
    arguments = [_argument(parameter) for parameter in _parameters(verb, "argument")]
    return f"`{' '.join([name, *arguments])}`"


def _argument(parameter: Any) -> str:
    word = parameter.name.upper() + ("…" if parameter.nargs == -1 else "")
    return word if parameter.required else f"[{word}]"


def _help(verb: Any) -> str:
    options = [f"`{_option(option)}`: {option.help}" for option in _parameters(verb, "option")]
    return "<br>".join([" ".join(verb.help.split()), *options])


def _option(option: Any) -> str:
    value = "" if option.is_flag else f" {option.name.upper() if option.name != 'folder' else 'DIR'}"
    return ", ".join(option.opts) + value


def _parameters(verb: Any, what: str) -> Iterator[Any]:
    return (one for one in verb.params if one.param_type_name == what and one.name != "help")


def speaks_tables() -> str:
    """What the box answers, a row for each page and need; and what it delivers."""
    pages: dict[tuple[str, Any], dict[str, list[str]]] = {}
    for one in sorted(ENDPOINTS, key=lambda one: (one.docs, one.path)):
        address = re.sub(r"^/repos/{owner}/{repo}", "…", one.path.replace(":path", ""))
        pages.setdefault((one.docs, one.permission), {}).setdefault(address, []).append(one.method)
    answers = [
        f"| {_page(docs)} | {_needed(need)} | {_asked(lines)} |" for (docs, need), lines in pages.items()
    ]
    events = [f"| {_event(name)} | {', '.join(f'`{one}`' for one in SENT[name])} |" for name in sorted(SENT)]
    heads = "| page | an App needs | it answers |\n|---|---|---|", "| event | actions |\n|---|---|"
    return "\n".join([heads[0], *answers, "", heads[1], *events])


def _asked(lines: dict[str, list[str]]) -> str:
    return ", ".join(f"`{' '.join(methods)} {address}`" for address, methods in lines.items())


def _page(docs: str) -> str:
    folder, _, page = docs.removeprefix(f"{DOCS}/").replace("-", " ").partition("/")
    return f"[{folder if folder == page else f'{folder}: {page}'}]({docs})"


def _needed(permission: Any) -> str:
    words = {"app": "its own signature", "installation": "an installation", "user": "to be a person", (): ""}
    if permission in words:
        return words[permission]
    return " or ".join(" and ".join(f"`{name}`" for name in one.split(",")) for one in permission)


def _event(name: str) -> str:
    return f"[`{name}`](https://docs.github.com/webhooks/webhook-events-and-payloads#{name})"


TABLES = {
    OPERATING: {"settings": settings_table, "commands": commands_table},
    SANDBOX: {"speaks": speaks_tables},
    CATALOGUE: {"kinds": lambda: kinds_page(shipped(ROOT))},
}


def with_tables(path: Path) -> str:
    text = path.read_text()
    for name, table in TABLES[path].items():
        begin, end = f"<!-- {name}: written by tests/test_docs.py -->", f"<!-- /{name} -->"
        before, rest = text.split(begin)
        after = rest.split(end)[1]
        text = f"{before}{begin}\n{table()}\n{end}{after}"
    return text


@pytest.mark.parametrize("path", TABLES, ids=name_of)
def test_tables_say_what_the_code_has(path):
    assert path.read_text() == with_tables(path), "run `python tests/test_docs.py`"


@pytest.mark.parametrize("name", verbs())
def test_a_command_s_help_says_what_operating_says(name):
    wide = {"COLUMNS": "400", "TERMINAL_WIDTH": "400", "NO_COLOR": "1"}
    shown = CliRunner().invoke(application(), [name, "--help"], env=wide).output
    said = " ".join(re.sub(r"[^\x00-\x7f…]", " ", shown).split())
    assert " ".join(verbs()[name].help.split()) in said
    for option in _parameters(verbs()[name], "option"):
        assert option.opts[-1] in said
        assert option.help in said


# --- what documents name ------------------------------------------------------------------------------------------


def slug(heading: str) -> str:
    """GitHub's anchor of a heading."""
    text = re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    return {slug(line.lstrip("# ")) for line in prose(path).splitlines() if re.match(r"#{1,6} ", line)}


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), f"{target} leads nowhere"
        assert found.is_relative_to(ROOT), f"{target} leads out of the repository"
        assert not anchor or anchor in anchors(found), f"{target} has no such heading"


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_paths_and_tests_that_are_named_exist(path):
    text = path.read_text()
    for name in re.findall(r"`((?:controller|tests|docs)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), f"there is no {name}"
    tests = {name for file in (ROOT / "tests").rglob("test_*.py") for name in _tests_of(file)}
    for name in re.findall(r"`(test_\w+)`", text):
        assert name in tests, f"there is no test {name}"


def _tests_of(file: Path) -> list[str]:
    return re.findall(r"^\s*def (test_\w+)", file.read_text(), flags=re.MULTILINE)


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_commands_that_are_named_exist(path):
    named = re.findall(r"(?:`|^\s*|exec )infrautomater ([a-z][\w-]*)", path.read_text(), flags=re.MULTILINE)
    assert set(named) <= set(verbs())


def test_make_targets_that_the_readme_names_exist():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make (\w+)", (ROOT / "README.md").read_text(), flags=re.MULTILINE))
    assert {"demo", "test"} <= named <= targets


def test_versions_that_the_readme_asks_for_are_those_that_the_package_asks_for():
    text, package = (ROOT / "README.md").read_text(), (ROOT / "pyproject.toml").read_text()
    asked = re.search(r'requires-python = ">=([\d.]+)"', package)
    assert asked
    assert f"Python {asked[1]} or later" in text


@pytest.mark.parametrize("path", sorted((ROOT / "docs/images").glob("*")), ids=lambda path: path.name)
def test_a_picture_is_small_shown_and_described(path):
    assert path.stat().st_size < MAX_PICTURE
    shown = [
        alt
        for document in documents()
        for alt, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", document.read_text())
        if target.endswith(path.name)
    ]
    assert shown
    assert all(len(alt) > 40 for alt in shown), "say what is to be seen"


EXAMPLES = [
    (path, text)
    for path in documents()
    if path.name != "adding-a-kind.md"  # it makes its own kind first, and has a test of its own
    for text in re.findall(
        r"^```yaml\n(# requests/.*?)^```", path.read_text(), flags=re.DOTALL | re.MULTILINE
    )
]


@pytest.mark.parametrize(("path", "text"), EXAMPLES, ids=[name_of(path) for path, _ in EXAMPLES])
def test_requests_that_are_shown_are_accepted(path, text):
    file = text.splitlines()[0].removeprefix("# ")
    read = read_request(file, Blob(BLOB_MODE, "", text.encode()), shipped(ROOT))
    assert isinstance(read, Request), read


# --- decisions and words ------------------------------------------------------------------------------------------


def test_every_decision_is_in_the_index_and_has_its_three_parts():
    index = (ADRS / "README.md").read_text()
    decisions = sorted(path for path in ADRS.glob("*.md") if path.name != "README.md")
    assert re.findall(r"\(([\w-]+\.md)\)", index) == [path.name for path in decisions]
    for number, path in enumerate(decisions, start=1):
        text = path.read_text()
        title = text.splitlines()[0]
        assert title.startswith(f"# {number:04}: ")
        assert path.name.startswith(f"{number:04}-")
        assert f"| {title.split(': ', 1)[1]} |" in index
        for part in ("Context", "Decision", "Consequences"):
            assert f"**{part}.**" in text


def words(union: Any) -> list[str]:
    """The words by which the members of a sum are told apart."""
    return [member.type for member in get_args(get_args(union)[0])]


def values(enum: type[StrEnum]) -> list[str]:
    return [member.value for member in enum]


VOCABULARY = {
    "Request status": values(RequestStatus),
    "Operation": values(Operation),
    "Run state": words(State),
    "Outcome": words(Outcome),
    "Hold reason": words(Hold),
    "Cause": values(Cause),
    "Risk": values(Risk),
}


@pytest.mark.parametrize("heading", VOCABULARY)
def test_the_glossary_has_the_words_of_the_code(heading):
    section = (ROOT / "docs/glossary.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([^`]+)` \|", section, flags=re.MULTILINE) == VOCABULARY[heading]


def test_writing_requests_has_every_status():
    text = (ROOT / "docs/writing-requests.md").read_text()
    assert all(f"`{status}`" in text for status in values(RequestStatus))


# --- what must not be in the repository ---------------------------------------------------------------------------

PRIVATE = {
    "a path of somebody's machine": r"(?<![\w.$~*/-])/(work|root|home/\w+|Users/\w+)/\w",
    "an index of packages": r"--(extra-)?index-url|https?://[^\s/\"']+/(simple|pypi)/",
    "a host of a private network": r"https?://(10\.\d+|192\.168|172\.(1[6-9]|2\d|3[01]))\.\d+",
}
TEXT = {
    "",
    ".md",
    ".py",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
    ".tf",
    ".hcl",
    ".j2",
    ".css",
    ".json",
    ".cfg",
    ".sh",
}


@pytest.mark.parametrize("what", PRIVATE)
def test_the_repository_names_no_machine_and_no_registry_of_ours(what):
    found = [
        f"{name_of(path)}:{number}"
        for path in tracked()
        if path.suffix in TEXT and path != Path(__file__)
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if re.search(PRIVATE[what], line)
    ]
    assert not found


if __name__ == "__main__":
    for path in TABLES:
        path.write_text(with_tables(path))
