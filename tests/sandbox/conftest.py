"""A box, a receiver of its deliveries, and clients: real PyGithub, plain HTTP, and real git."""

import itertools
import json
import os
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import httpx2
import pytest
from github import Auth, Github, GithubException

from controller.sandbox.box import Box

SECRET = "rehearsal"
SEED = {"README.md": b"# Infrastructure\n", "requests/pay/orders.yaml": b"kind: database\nname: orders\n"}


@dataclass
class Received:
    headers: dict
    body: bytes

    @property
    def event(self):
        return self.headers["X-GitHub-Event"]

    @property
    def payload(self):
        is_form = self.headers["Content-Type"] == "application/x-www-form-urlencoded"
        return json.loads(parse_qs(self.body.decode())["payload"][0] if is_form else self.body)


@dataclass
class Receiver:
    url: str
    answers: dict = field(default_factory=dict)
    received: list = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver = self.server.receiver
        receiver.received.append(Received(dict(self.headers), body))
        self.send_response(receiver.answers.get(self.path, 202))
        self.end_headers()
        self.wfile.write(b"taken")

    def log_message(self, *arguments):
        pass


@contextmanager
def receiving():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.receiver
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def receiver():
    with receiving() as receiver:
        yield receiver


class World:
    """One box, and everybody's clients to it."""

    def __init__(self, box, receiver):
        self.box, self.receiver = box, receiver
        self.clients, self.repos, self.names = {}, {}, itertools.count(1)

    def github(self, login, base=None):
        key = login, base
        if key not in self.clients:
            auth = Auth.Token(self.box.tokens[login])
            self.clients[key] = Github(
                auth=auth,
                base_url=base or self.box.api_url,
                seconds_between_requests=0,
                seconds_between_writes=0,
                retry=None,
            )
        return self.clients[key]

    def repo(self, login="requester", base=None):
        key = login, base
        if key not in self.repos:
            self.repos[key] = self.github(login, base).get_repo(self.box.repository)
        return self.repos[key]

    def call(self, method, path, login="requester", **options):
        headers = {"Authorization": f"Bearer {self.box.tokens[login]}"} if login else {}
        headers |= options.pop("headers", {})
        return httpx2.request(method, f"{self.box.api_url}{path}", headers=headers, **options)

    def name(self, prefix="branch"):
        """A name that nobody has; later ones sort behind earlier ones."""
        return f"{prefix}-{next(self.names):05}"

    def branch(self, files=None, login="requester", commits=1):
        """A new branch off main with a file (or the files) changed by it."""
        repo, name = self.repo(login), self.name()
        repo.create_git_ref(f"refs/heads/{name}", repo.get_branch("main").commit.sha)
        for number in range(commits):
            for path, content in (files or {f"files/{name}-{number}": f"{number}\n"}).items():
                put(repo, name, path, content)
        return name

    def pull(self, files=None, login="requester", **options):
        head = self.branch(files, login, options.pop("commits", 1))
        facts = {"title": f"Change {head}", "body": "Because.", "base": "main", "head": head} | options
        return self.repo(login).create_pull(**facts)

    def deliveries(self, event, action=None, **facts):
        """What was delivered of an event, oldest first, where the payload's top has these facts."""
        assert self.box.settle()
        payloads = [one.payload for one in self.receiver.received if one.event == event]
        # Several boxes may deliver to one receiver.
        payloads = [one for one in payloads if one["sender"]["url"].startswith(self.box.url)]
        wanted = facts | ({"action": action} if action else {})
        return [one for one in payloads if all(one.get(name) == value for name, value in wanted.items())]

    def close(self):
        for client in self.clients.values():
            client.close()


def put(repo, branch, path, content):
    try:
        old = repo.get_contents(path, ref=branch)
    except GithubException:
        return repo.create_file(path, f"Add {path}", content, branch=branch)
    return repo.update_file(path, f"Change {path}", content, old.sha, branch=branch)


@pytest.fixture(scope="session")
def world(tmp_path_factory, receiver):
    with Box(tmp_path_factory.mktemp("box"), seed_files=SEED) as box:
        world = World(box, receiver)
        config = {"url": f"{receiver.url}/hook", "content_type": "json", "secret": SECRET}
        world.repo("admin").create_hook("web", config, ["*"])
        yield world
        world.close()


@pytest.fixture
def empty(tmp_path, receiver):
    with Box(tmp_path / "box") as box:
        world = World(box, receiver)
        yield world
        world.close()


@pytest.fixture
def clone(world, tmp_path):
    """Git in a clone by the requester: `clone("push", "origin", "x")` gives what it said."""
    runner(tmp_path)("clone", "--quiet", world.box.git_url("requester"), "tree")
    return runner(tmp_path / "tree")


@pytest.fixture
def git_in():
    """Real git in a folder, without any configuration of the machine's."""
    return runner


def runner(folder: Path):
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        **{
            f"GIT_{role}_{fact}": value
            for role in ("AUTHOR", "COMMITTER")
            for fact, value in IDENTITY.items()
        },
    }

    def run(*arguments, check=True):
        done = subprocess.run(
            ("git", *arguments),
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert not check or done.returncode == 0, done.stderr
        return (done.stdout if check else done.stderr).strip()

    run.folder = folder
    return run


IDENTITY = {"NAME": "Requester", "EMAIL": "requester@users.noreply.example.com"}
