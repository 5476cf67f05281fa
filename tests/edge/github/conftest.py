"""GitHub in a box with people in it, and a GitHub whose every answer is written by the test."""

import base64
import json
import threading
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import urlsplit

import pytest
from github import Auth

from controller.edge.github import AppInstallation, GitHubRest
from controller.sandbox.box import Box

REPOSITORY = "acme/infrastructure"


class World:
    """A box, and what people do in it."""

    def __init__(self, box) -> None:
        self.box = box
        self.numbers = count(1)
        app = box.app
        self.bot = f"{app.slug}[bot]"
        self.installation = AppInstallation((str(app.app_id), app.private_key), REPOSITORY, box.api_url)

    def ask(self, login, verb, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        token = self.installation.token if login == self.bot else self.box.tokens[login]
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.box.api_url}{path.replace('REPO', f'/repos/{REPOSITORY}')}"
        request = urllib.request.Request(url, data, headers, method=verb)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def graphql(self, login, document, **variables):
        """What GraphQL answers somebody."""
        body = json.dumps({"query": document, "variables": variables}).encode()
        headers = {"Authorization": f"Bearer {self.box.tokens[login]}"}
        request = urllib.request.Request(self.box.graphql_url, body, headers, method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            told = json.loads(answer.read())
        assert "errors" not in told, told
        return told["data"]

    def pull(self, base="main", login="requester", branch=None, **more):
        """A new pull of somebody's that adds one file; GitHub's JSON of it."""
        branch = branch or f"branch-{next(self.numbers)}"
        tip = self.ask(login, "GET", f"REPO/git/ref/heads/{base}")["object"]["sha"]
        self.ask(login, "POST", "REPO/git/refs", {"ref": f"refs/heads/{branch}", "sha": tip})
        self.commit(f"requests/payments/{branch.replace('/', '-')}.yaml", branch)
        body = {"title": f"Add {branch}", "head": branch, "base": base, **more}
        return self.ask(login, "POST", "REPO/pulls", body)

    def remark(self, number, body, login="requester"):
        """The number of a new comment of somebody's."""
        return self.ask(login, "POST", f"REPO/issues/{number}/comments", {"body": body})["id"]

    def commit(self, path, branch):
        content = base64.b64encode(b"kind: sandbox\n").decode()
        body = {"message": "Add", "content": content, "branch": branch}
        return self.ask("requester", "PUT", f"REPO/contents/{path}", body)["commit"]["sha"]

    def comments(self, number):
        return self.ask("guest", "GET", f"REPO/issues/{number}/comments?per_page=100")

    def tip(self):
        return self.ask("guest", "GET", "REPO/git/ref/heads/main")["object"]["sha"]

    def github(self, login="controller", **more) -> GitHubRest:
        auth = self.installation if login == self.bot else Auth.Token(self.box.tokens[login])
        return GitHubRest(auth, REPOSITORY, **{"base_url": self.box.api_url, "pause": 0, **more})


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    with Box(tmp_path_factory.mktemp("github") / "box", seed_files={"README.md": b"Hello\n"}) as box:
        yield World(box)


@pytest.fixture(params=["token", "app"])
def me(request, world):
    """Our account's login: a user with a token, and a GitHub App's bot."""
    return "controller" if request.param == "token" else world.bot


@pytest.fixture
def github(world, me):
    return world.github(me)


@dataclass
class Script:
    """A GitHub that answers what it is told: `(verb, path)` → answers in turn, the last one for ever.

    An answer is `(status, body)`, `(status, body, headers)`, or a function that is called first and returns one.
    """

    url: str = ""
    answers: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    bodies: list = field(default_factory=list)
    headers: list = field(default_factory=list)

    def on(self, verb, path, *answers):
        self.answers[verb, path] = list(answers)

    def reply(self, verb, path, body, headers):
        self.asked.append((verb, path))
        self.bodies.append(json.loads(body) if body else None)
        self.headers.append(headers)
        answers = self.answers.get((verb, urlsplit(path).path)) or [(404, {"message": "Not Found"})]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        answer = answer() if callable(answer) else answer
        return (*answer, {})[:3]

    def count(self, verb):
        return [asked for asked, _ in self.asked].count(verb)

    def github(self, **more) -> GitHubRest:
        auth = Auth.Token("s3cret-token")
        return GitHubRest(auth, REPOSITORY, base_url=self.url, **{"pause": 0, "login": "controller", **more})


@pytest.fixture
def script():
    played = Script()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, data, headers = played.reply(self.command, self.path, body, dict(self.headers))
            if status is None:  # the connection ends without an answer
                self.close_connection = True
                return
            text = data if isinstance(data, bytes) else json.dumps(data).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(text)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    for verb in ("GET", "POST", "PATCH", "DELETE"):
        setattr(Handler, f"do_{verb}", Handler.answer)

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_):
            pass  # a client that stopped waiting

    server = Server(("127.0.0.1", 0), Handler)
    played.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield played
    server.shutdown()
    thread.join()
    server.server_close()
