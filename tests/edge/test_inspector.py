"""A catalogue of a stranger's is looked at in a process of its own, which may be ended for it."""

import os

import pytest

from controller.core.inspection import TOO_MUCH, inspect
from controller.edge import inspector
from controller.edge.inspector import inspect_apart

pytestmark = pytest.mark.edge

KIND = b"title: Note\ndescription: A note.\nprovider: builtin\nvariables: {}\n"
MODULE = b'terraform {\n  required_version = ">= 1.11"\n}\nlocals {\n  now = timestamp()\n}\n'
FILES = {"terraform/modules/note/kind.yaml": KIND, "terraform/modules/note/main.tf": MODULE}


def test_what_it_finds_is_what_the_core_finds():
    assert inspect_apart(FILES) == inspect(FILES)
    assert "timestamp" in str(inspect_apart(FILES))


def test_no_variable_of_ours_reaches_it(monkeypatch):
    seen = []
    run = inspector.subprocess.run
    monkeypatch.setattr(
        inspector.subprocess, "run", lambda *argv, **more: seen.append(more["env"]) or run(*argv, **more)
    )
    monkeypatch.setenv("INFRAUTOMATER_GITHUB_TOKEN", "ghp_secret")
    inspect_apart({**FILES, "terraform/modules/note/README.md": b"anew"})
    assert seen and all(name in {"PATH", "HOME", "PYTHONPATH", "VIRTUAL_ENV"} for name in seen[0])
    assert "ghp_secret" in os.environ.values()


@pytest.mark.parametrize(
    ("limit", "value", "endless"),
    [
        ("CPU_SECONDS", 1, "all(True for _ in iter(int, 1))"),
        ("MEMORY", 256 * 1024**2, "[bytearray(10**6) for _ in iter(int, 1)]"),
    ],
    ids=["time", "memory"],
)
def test_what_takes_too_much_is_given_up_and_told(limit, value, endless, tmp_path, monkeypatch):
    """The limits are lowered by a program that sets them and then is the inspector's own."""
    lowered = tmp_path / "lowered.py"
    lowered.write_text(
        f"from controller.edge import inspector\ninspector.{limit} = {value}\n"
        f"inspector.inspect = lambda files: {endless}\ninspector.main()\n"
    )
    run = inspector.subprocess.run
    monkeypatch.setattr(
        inspector.subprocess, "run", lambda argv, **more: run((argv[0], str(lowered)), **more)
    )
    assert inspect_apart({**FILES, "terraform/modules/note/README.md": limit.encode()}) == (TOO_MUCH,)
