"""`up`: everything in one process, from an empty repository to the first run, and to a clean end."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from github import Auth, Github

from controller.cli.up import _together
from controller.edge.starter import copy_starter
from controller.sandbox.box import Box

pytestmark = pytest.mark.edge

CALM = 0.2
"""Seconds in which whoever ends too early would have ended."""

PATH = "requests/payments/orders.yaml"
REQUEST = "kind: sandbox\nname: orders\nenvironment: dev\n"


@pytest.fixture
def box(tmp_path):
    with Box(tmp_path / "box") as box:
        yield box


@pytest.fixture
def up(tmp_path, box):
    """The command's process and where it listens; the log is `up.log`."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("INFRAUTOMATER_")}
    env = {
        **{name: value for name, value in inherited.items() if name not in {"REDIS_URL", "DATABASE_URL"}},
        "TMPDIR": str(tmp_path),
        "MARK_OF_THIS_TEST": str(tmp_path),
        "INFRAUTOMATER_DATA": str(tmp_path / "data"),
        "INFRAUTOMATER_REPOSITORY": box.repository,
        "INFRAUTOMATER_GITHUB_URL": box.api_url,
        "INFRAUTOMATER_GIT_URL": box.url,
        "INFRAUTOMATER_GITHUB_TOKEN": box.tokens["controller"],
        "INFRAUTOMATER_GITHUB_PAUSE": "0",
        "INFRAUTOMATER_WEBHOOK_SECRETS": "made-up",
        "INFRAUTOMATER_PORT": str(port),
        "INFRAUTOMATER_RECONCILE_EVERY": "1",
        "INFRAUTOMATER_SWEEP_EVERY": "1",
    }
    argv = [sys.executable, "-m", "controller", "up"]
    with (tmp_path / "up.log").open("wb") as log:
        process = subprocess.Popen(argv, env=env, stdout=log, stderr=log)
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def eventually(look, seconds=60):
    until = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def get(url):
    """The answer's JSON, whatever its code; None where nobody listens."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return json.load(refused)
    except OSError:
        return None


def marked(folder):
    """Every living process that was started with this test's mark."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"MARK_OF_THIS_TEST={folder}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def push_the_kit(folder, url):
    copy_starter(folder, samples=False)
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "The kit"), ("push", "-q", url, "main")):
        subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_from_an_empty_repository_to_the_first_run_and_to_the_end(tmp_path, box, up):
    process, url = up

    def ready():
        return get(f"{url}/readyz") or {}

    def said():
        return (tmp_path / "up.log").read_text()

    assert eventually(lambda: ready().get("workers") == "ok"), said()
    seen = ready()
    assert seen["default_branch"].startswith("not seen yet: the repository is empty")
    assert {seen[part] for part in ("ledger", "broker", "workers")} == {"ok"}

    push_the_kit(tmp_path / "kit", box.git_url("admin"))
    github = Github(auth=Auth.Token(box.tokens["admin"]), base_url=box.url, seconds_between_writes=0)
    repository = github.get_repo(box.repository)
    commit = repository.create_file(PATH, "Ask for it", REQUEST, branch="main")["commit"]

    def held():
        found = get(f"{url}/api/v1/runs?request=dev/sandbox/orders") or []
        return [each["run"] for each in found if each["run"]["state"]["type"] == "held"]

    assert eventually(held), said()
    [run] = held()
    assert (run["commit"], run["pull"]) == (commit.sha, None)
    assert [hold["type"] for hold in run["state"]["reasons"]] == ["no_pull"]
    assert eventually(lambda: set(ready().values()) == {"ok"}), ready()

    def told():
        statuses = repository.get_commit(commit.sha).get_combined_status().statuses
        return next((each for each in statuses if each.context == "infrautomater/apply"), None)

    assert eventually(told), said()
    assert eventually(lambda: "held" in told().description.lower()), told()
    comments = eventually(lambda: list(repository.get_commit(commit.sha).get_comments()))
    assert [each.user.login for each in comments] == ["controller"]
    assert "no merged pull request is known" in comments[0].body
    assert len(marked(tmp_path)) > 1  # the broker and its guard

    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0, said()
    assert "Traceback" not in said()
    assert eventually(lambda: not marked(tmp_path), 5), marked(tmp_path)


def test_others_go_on_until_the_worker_has_drained():
    stop, order = threading.Event(), []

    def worker():
        stop.wait(10)
        time.sleep(CALM)
        order.append("worker")

    def other(ended):
        ended.wait(10)
        order.append("other")

    threading.Timer(0.05, stop.set).start()
    _together(stop, worker, other, other)
    assert order == ["worker", "other", "other"]


def test_the_end_of_one_is_the_end_of_all_and_its_error_is_raised():
    def fail(_ended):
        raise LookupError("the port is taken")

    stop = threading.Event()
    with pytest.raises(LookupError, match="the port is taken"):
        _together(stop, lambda: stop.wait(10), fail, lambda ended: ended.wait(10))
    assert stop.is_set()
    with pytest.raises(LookupError, match="the port is taken"):
        _together(threading.Event(), lambda: fail(None), lambda ended: ended.wait(10))
