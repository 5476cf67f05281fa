"""docs/adding-a-kind.md is followed to the letter: its files are written, its commands run, its words seen."""

import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from controller.cli import application
from controller.core.environment import EnvironmentFormat
from controller.core.inspection import inspect
from controller.core.kind import KindFormat
from controller.core.parameter import Parameter
from controller.edge.starter import copy_starter

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/adding-a-kind.md"
ENVIRONMENTS = ROOT / "docs/environments.md"
EXAMPLE = "## A worked example"


class Step(NamedTuple):
    """A fenced block: its language, the file that its first line names, and what is in it."""

    language: str
    path: str
    text: str


def steps():
    section = PAGE.read_text().split(f"{EXAMPLE}\n")[1].split("\n## ")[0]
    for language, body in re.findall(r"^```(\w+)\n(.*?)^```$", section, flags=re.DOTALL | re.MULTILINE):
        head, _, rest = body.partition("\n")
        is_named = head.startswith("# ")
        yield Step(language, head.removeprefix("# ") if is_named else "", rest if is_named else body)


def exchange(file, diff, *, back=False):
    """Put the lines with a plus in the place of those with a minus, or the other way round."""
    lines = {sign: "".join(f"{line[1:]}\n" for line in diff.splitlines() if line[0] == sign) for sign in "-+"}
    old, new = (lines["+"], lines["-"]) if back else (lines["-"], lines["+"])
    text = file.read_text()
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new))


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in the repository that is being filled; what it printed."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("INFRAUTOMATER_")]:
        monkeypatch.delenv(name)

    def call(command):
        program, *words = command.split()
        assert program == "infrautomater"
        return CliRunner().invoke(application(words[:1]), words, env={"COLUMNS": "250"}).output

    return call


@pytest.mark.edge
def test_whoever_follows_the_page_sees_what_it_promises(tmp_path, run):
    copy_starter(tmp_path, samples=True)
    waiting = None
    commands = []
    for step in steps():
        file = tmp_path / step.path
        if step.language == "console":
            command, *promised = step.text.removeprefix("$ ").splitlines()
            printed = run(command)
            assert [line for line in promised if line not in printed] == [], printed
            commands.append(command)
            if waiting:
                exchange(*waiting, back=True)
                waiting = None
        elif step.language == "diff":
            exchange(file, step.text)
            waiting = (file, step.text)
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(step.text)
    assert len(commands) >= 4
    assert "every request can be read" in run("infrautomater validate")


@pytest.mark.parametrize("index", [0, 1])
def test_the_environments_that_are_shown_have_no_mistake(tmp_path, index):
    copy_starter(tmp_path, samples=False)
    shown = re.findall(r"^```yaml\n(.*?)^```$", ENVIRONMENTS.read_text(), flags=re.DOTALL | re.MULTILINE)
    (tmp_path / "terraform/environments/shown.yaml").write_text(shown[index])
    paths = [path for path in (tmp_path / "terraform").rglob("*") if path.is_file()]
    assert inspect({path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in paths}) == ()


def test_every_key_of_an_environment_is_explained():
    text = ENVIRONMENTS.read_text()
    assert [name for name in EnvironmentFormat.model_fields if f"| `{name}` |" not in text] == []


def test_every_key_of_a_kind_and_of_a_parameter_is_explained():
    text = PAGE.read_text()
    rows = "\n".join(line for line in text.splitlines() if line.startswith("|"))
    known = {**KindFormat.model_fields, **Parameter.model_fields}
    fields = {field.alias or name for name, field in known.items()} - {"type", "description"}
    assert [name for name in sorted(fields) if f"`{name}`" not in rows] == []
