"""The command as a person calls it, in this process: its exit code and what it printed."""

import os
import sys
from dataclasses import dataclass

import pytest

from controller.cli import main
from controller.edge.starter import copy_starter


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def kit(tmp_path, monkeypatch):
    """A copy of the starter kit, where the command is called."""
    root = tmp_path / "kit"
    copy_starter(root, samples=True)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def infrautomater(monkeypatch, capsys):
    """Call a verb; settings of the machine that runs the tests are out of sight."""
    for name in os.environ:
        if name.startswith("INFRAUTOMATER_") or name in {"REDIS_URL", "DATABASE_URL"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "250")

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["infrautomater", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Said(ended.value.code or 0, printed.out, printed.err)

    return call
