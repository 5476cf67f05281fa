"""One stack for the lane: the box, the broker, the listener, a worker and the schedule, as real processes."""

import itertools
import json
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest
from github import UnknownObjectException

from controller.cli.stack import running_stack

PATIENCE = 60.0


def eventually(look, seconds=PATIENCE):
    """What `look` returns as soon as it is true; its last answer where it never is."""
    began, pause = time.monotonic(), 0.1
    while True:
        found = look()
        if found or time.monotonic() > began + seconds:
            return found
        time.sleep(pause)
        pause = min(pause * 1.1, 0.5)  # GitHub counts what is asked


class World:
    """People at work on the box's repository; each test asks for names of its own."""

    numbers = itertools.count()

    def __init__(self, stack):
        self.stack, self.me = stack, stack.account.login
        self.repository = {
            login: stack.client(login).get_repo(stack.repository)
            for login in ("requester", "reviewer", "admin")
        }

    def name(self):
        return f"thing-{os.getpid()}-{next(self.numbers)}"

    def commit(self, branch, files, message="A change"):
        """Put files (path → text, None to delete) on a branch, made from the default branch where it is new."""
        mine = self.repository["requester"]
        if branch not in [each.name for each in mine.get_branches()]:
            mine.create_git_ref(f"refs/heads/{branch}", mine.get_branch("main").commit.sha)
        for path, text in files.items():
            sha = self.sha(path, branch)
            if text is None:
                mine.delete_file(path, message, sha, branch=branch)
            elif sha:
                mine.update_file(path, message, text, sha, branch=branch)
            else:
                mine.create_file(path, message, text, branch=branch)
        return mine.get_branch(branch).commit.sha

    def sha(self, path, branch):
        folder = path.rsplit("/", 1)[0]
        try:
            found = self.repository["requester"].get_contents(folder, ref=branch)
        except UnknownObjectException:
            return None
        return next((each.sha for each in found if each.path == path), None)

    def propose(self, files, branch=None, **more):
        branch = branch or self.name()
        self.commit(branch, files)
        return self.repository["requester"].create_pull(
            base="main", head=branch, title=branch, body="", **more
        )

    def approve(self, pull, login="reviewer"):
        return self.repository[login].get_pull(pull.number).create_review(event="APPROVE", body="Fine.")

    def merge(self, pull, method="merge"):
        return self.repository["reviewer"].get_pull(pull.number).merge(merge_method=method).sha

    def comment(self, pull, kind="plan"):
        bodies = [each.body for each in pull.get_issue_comments() if each.user.login == self.me]
        return next((body for body in bodies if body.startswith(f"<!-- infrautomater:{kind}")), "")

    def comments(self, pull):
        return [each.body for each in pull.get_issue_comments() if each.user.login == self.me]

    def headline(self, pull, kind="plan"):
        lines = [
            line for line in self.comment(pull, kind).splitlines() if line and not line.startswith("<!--")
        ]
        return lines[0].strip("*") if lines else ""

    def says(self, pull, words, kind="plan", seconds=PATIENCE):
        """Wait until the comment's first visible line has these words; the whole comment."""
        found = eventually(lambda: words in self.headline(pull, kind), seconds)
        assert found, f"waited for {words!r}, and read:\n{self.comment(pull, kind)}"
        return self.comment(pull, kind)

    def status(self, commit, context):
        statuses = self.repository["requester"].get_commit(commit).get_combined_status().statuses
        return next((each for each in statuses if each.context == f"infrautomater/{context}"), None)

    def reaches(self, commit, context, state):
        found = eventually(lambda: getattr(self.status(commit, context), "state", "") == state)
        assert found, f"{context} of {commit} is {self.status(commit, context)}"
        return self.status(commit, context)

    def deliveries(self, event):
        """Every attempt of the hook's last deliveries of an event."""
        return [each for each in self.stack.hook().deliveries() if each["event"] == event]

    def delivery(self, listed):
        """A delivery with what was sent and what came back."""
        return self.stack.hook().delivery(listed["id"])

    def redeliver(self, listed):
        self.stack.hook().redeliver(listed["id"])

    def faults(self, *wanted):
        """Ask for faults; those that have not struck yet."""
        return [self._faults("POST", fault) for fault in wanted][-1] if wanted else self._faults("GET")

    def calm(self):
        self._faults("DELETE")

    def _faults(self, method, body=None):
        headers = {"Authorization": f"Bearer {self.stack.tokens['admin']}"}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"{self.stack.github}/_box/faults", data, headers, method=method)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.load(answer)

    @contextmanager
    def deaf(self):
        """No webhook is delivered for the length of a block."""
        self.faults({"kind": "drop", "times": 1_000_000})
        try:
            yield
        finally:
            self.calm()

    def get(self, path):
        with urllib.request.urlopen(f"{self.stack.controller}{path}", timeout=10) as answer:
            return json.load(answer)

    def runs(self, name, environment="dev", kind="sandbox"):
        return self.get(f"/api/v1/runs?request={environment}/{kind}/{name}")

    def request(self, name):
        return next(
            (each for each in self.get("/api/v1/requests?limit=500") if each["id"]["name"] == name), None
        )

    def reaches_status(self, name, status):
        found = eventually(lambda: (self.request(name) or {}).get("status") == status)
        assert found, f"{name}: {self.request(name)}"

    def verb(self, *words):
        done = subprocess.run(
            [sys.executable, "-m", "controller", *words],
            check=False,
            env={**os.environ, **self.stack.env},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def provisioned(self, name=None, team="payments", **parameters):
        """A request that was asked for, merged and applied; its name."""
        name = name or self.name()
        pull = self.propose({path(name, team): request(name, **parameters)})
        self.says(pull, "Ready: 1 change")
        self.merge(pull)
        self.says(pull, "1 request provisioned", "result")
        return name


def path(name, team="payments"):
    return f"requests/{team}/{name}.yaml"


def request(name, environment="dev", kind="sandbox", **parameters):
    return (
        json.dumps({"kind": kind, "name": name, "environment": environment, "parameters": parameters}) + "\n"
    )


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    extra = {
        "INFRAUTOMATER_APPLY_TIMEOUT": "8",
        "INFRAUTOMATER_LOCK_TIMEOUT": "2",
        "INFRAUTOMATER_DRAIN": "0",
    }
    with running_stack(tmp_path_factory.mktemp("stack"), extra) as stack:
        yield stack


@pytest.fixture(scope="session")
def world(stack):
    return World(stack)


@pytest.fixture
def own_world(tmp_path):
    """A stack that the test may break, with short leases."""
    extra = {"INFRAUTOMATER_LEASE": "6", "INFRAUTOMATER_HEARTBEAT": "1", "INFRAUTOMATER_SILENCE": "4"}
    with running_stack(tmp_path, extra) as stack:
        yield World(stack)
