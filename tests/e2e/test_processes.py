"""The commands that start everything: they tell where it is, and leave nothing behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.conftest import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("processes")]


def start(*words, folder, path=os.environ["PATH"], **more):
    """One of our commands in a session of its own; every process of it has a mark in its environment."""
    env = {**os.environ, "PATH": path, "TMPDIR": str(folder), "MARK_OF_THIS_TEST": str(folder)}
    argv = [sys.executable, "-m", "controller", *words]
    return subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True, **more)


def marked(folder):
    """Every living process that was started below a command of this test."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"MARK_OF_THIS_TEST={folder}".encode() in (process / "environ").read_bytes():
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def test_the_sandbox_says_where_everything_is_and_ends_whole(tmp_path):
    with start("sandbox", "--json", "--dir", str(tmp_path / "box"), folder=tmp_path) as sandbox:
        facts = json.loads(sandbox.stdout.readline())
        assert set(facts) == {"github", "git", "controller", "repository", "tokens", "webhook_secret", "data"}
        with urllib.request.urlopen(f"{facts['controller']}/api/v1/workers") as answer:
            [worker] = json.load(answer)
        assert worker["pid"] in marked(tmp_path)
        url = f"{facts['git']}/{facts['repository']}.git".replace(
            "://", f"://x:{facts['tokens']['requester']}@"
        )
        listed = subprocess.run(["git", "ls-remote", url], capture_output=True, text=True, check=True).stdout
        assert "refs/heads/main" in listed

        sandbox.send_signal(signal.SIGTERM)
        assert sandbox.wait(60) == 0
    assert eventually(lambda: not marked(tmp_path), 10), marked(tmp_path)


def test_a_killed_sandbox_leaves_no_process_behind(tmp_path):
    with start("sandbox", "--json", folder=tmp_path) as sandbox:
        assert sandbox.stdout.readline()
        sandbox.kill()
    assert eventually(lambda: not marked(tmp_path), 70), marked(tmp_path)


@pytest.mark.parametrize("seconds", [0.7, 3.0, 6.0])
def test_the_demo_can_be_stopped_at_any_moment(tmp_path, seconds):
    with start("demo", folder=tmp_path) as demo:
        time.sleep(seconds)
        os.killpg(demo.pid, signal.SIGINT)
        demo.communicate(timeout=60)
        assert demo.returncode in {130, -signal.SIGINT}
    assert eventually(lambda: not marked(tmp_path), 10), marked(tmp_path)


@pytest.fixture
def bare_path(tmp_path):
    """A PATH with git and what git's own scripts need, and nothing else."""
    bare = tmp_path / "bin"
    bare.mkdir()
    for program in ("git", "sh"):
        (bare / program).symlink_to(shutil.which(program))
    assert not any(shutil.which(name, path=str(bare)) for name in ("terraform", "tofu"))
    return str(bare)


def test_the_demo_needs_no_terraform_on_the_path(tmp_path, bare_path):
    """Everything is played, with the Terraform of the wheel, and the closing table says so."""
    with start("demo", "--json", folder=tmp_path, path=bare_path, stderr=subprocess.PIPE) as demo:
        printed, said = demo.communicate(timeout=170)
    assert demo.returncode == 0, said
    table = json.loads(printed.splitlines()[-1])
    assert table["ok"] and len(table["steps"]) == 11
    assert [step["happened"] for step in table["steps"]][-1] == "Done: 1 request destroyed"
    assert eventually(lambda: not marked(tmp_path), 10), marked(tmp_path)
