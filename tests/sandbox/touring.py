"""A tour through everything that a box answers: at each stop first those who shall be refused ask, then who shall not."""

import json
import re
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from string import Template
from unittest.mock import patch
from urllib.parse import quote

import httpx2
import jwt

from controller.sandbox import seed
from controller.sandbox.box import Box
from controller.sandbox.limits import Limits
from controller.sandbox.rest.routes import ENDPOINTS
from controller.sandbox.webhooks.posting import SENT
from tests.sandbox.conftest import SEED, receiving

REPO = "/repos/$owner/$repo"
PLACES = {
    "owner": "acme", "repo": "infrastructure", "org": "acme", "team": "platform", "app": "infrautomater",
    "person": "requester", "other": "controller", "reader": "guest", "main": "main", "guarded": "guarded",
    "queued": "queued",
    "file": "two.txt", "aside": "docs/aside.md", "one": "heads/one", "two": "heads/two", "more": "more",
    "leaving": "heads/leaving", "heads": "heads/", "ends": "main...one",
}  # fmt: skip
PERMISSIONS = (
    "administration", "contents", "issues", "members", "organization_administration", "pull_requests",
    "repository_hooks", "statuses",
)  # fmt: skip
HEADERS = {
    "X-GitHub-Request-Id", "X-GitHub-Media-Type", "X-GitHub-Api-Version-Selected", "X-RateLimit-Limit",
    "X-RateLimit-Remaining", "X-RateLimit-Used", "X-RateLimit-Reset", "X-RateLimit-Resource",
}  # fmt: skip
# What anybody with an account may ask, and what who may only read may do.
OF_ONESELF = ("/user", "/user/repos", "/graphql")
FOR_READERS = re.compile(r"POST .*/(comments|replies|reactions|forks|reviews|graphql)$")
# Where a name that is not there is a wish for something new, or finds nothing.
NEVER_MISSING = {"PUT …/contents/{}", "GET …/git/matching-refs/{}", "GET …/rules/branches/{}"}
BOX = {
    "manifest": replace(seed.APP, permissions=dict.fromkeys(PERMISSIONS, "write"), events=tuple(SENT)),
    "limits": Limits(hourly=1_000_000, anonymous=1_000_000),
}


def named(method, path):
    """An endpoint's name, which does not depend on what its parameters are called."""
    return f"{method} {re.sub(r'{[^}]*}', '{}', path).replace('/repos/{}/{}', '…')}"


BY_LINE = {named(one.method, one.path): one for one in ENDPOINTS}


def operation(description, line):
    """GitHub's name and description of an endpoint."""
    path = re.sub(r"{\w+(:path)?}", "1", BY_LINE[line].path) if line in BY_LINE else "/"
    return description.operation(line.split()[0], path) or ("", {})


@dataclass(frozen=True)
class Stop:
    who: str
    status: int
    method: str
    path: str
    body: str
    keep: tuple

    @property
    def line(self):
        return named(self.method, re.sub(r"\$\w+", "{}", self.path.replace("…", REPO)))

    @property
    def permission(self):
        return BY_LINE[self.line].permission if self.line in BY_LINE else "user"

    @property
    def last(self):
        """The place that is last in its address, if there is one."""
        return next(reversed(re.findall(r"\$(\w+)", self.path.replace("…", REPO))), None)

    def __str__(self):
        return f"{self.method} {self.path}"


def stops(text):
    """The stops that a text tells of, as `stops.py` has them."""
    for line in text.splitlines():
        if line and not line.startswith("#"):
            found = re.fullmatch(r"(\w+) (\d+) ([A-Z]+) (\S+)(?: (\{.*\}))?((?: \w+=[\w.]+)*)", line)
            who, status, method, path, body, keep = found.groups()
            yield Stop(who, int(status), method, path, body or "", tuple(keep.split()))


@dataclass
class Tour:
    """A walk through a box.

    `said` has by why it was asked where, what was answered, and what would have been right; `pages` each list that comes
    in pages, at once and one by one; `odd` what no answer may be like.
    """

    box: Box
    client: httpx2.Client
    receiver: object
    places: dict = field(default_factory=PLACES.copy)
    said: dict = field(default_factory=lambda: defaultdict(list), repr=False)
    pages: list = field(default_factory=list, repr=False)
    odd: list = field(default_factory=list, repr=False)

    def visit(self, stop):
        """Be refused in every way, arrive, and look around."""
        for why, right, who, places, sent in refusals(self, stop):
            self.note(why, stop, self.send(stop, who, sent, **places), right)
        answer = self.arrive(stop)
        if stop.method == "GET" and answer.status_code == 200:
            known = {"If-None-Match": answer.headers["ETag"]}
            self.note("what is known", stop, self.send(stop, stop.who, headers=known), {304})

    def arrive(self, stop):
        """Only what shall succeed."""
        answer = self.send(stop, stop.who, self.filled(stop.body))
        self.note("success", stop, answer, {stop.status})
        for name, _, where in (one.partition("=") for one in stop.keep):
            self.places[name] = str(dug(answer.json(), where.split(".")))
        return answer

    def note(self, why, stop, answer, right):
        self.said[why].append((stop, answer.status_code, right))

    def leaf(self, stop):
        """Read a list in pages of one, and at once."""
        assert self.box.settle()
        path, found = self.address(stop), []
        whole, url = self.ask("GET", f"{path}?per_page=100", stop.who).json(), f"{path}?per_page=1"
        while url:
            page = self.ask("GET", url, stop.who)
            found, url = [*found, *page.json()], page.links.get("next", {}).get("url")
        self.pages.append((stop, whole, found))

    def address(self, stop, **places):
        known = {name: quote(place) for name, place in self.places.items()}
        return Template(stop.path.replace("…", REPO)).substitute(known | places)

    def filled(self, body):
        return Template(body).substitute(self.places).encode()

    def send(self, stop, who, sent=b"", headers=None, **places):
        return self.ask(stop.method, self.address(stop, **places), who, sent, headers)

    def ask(self, method, path, who, sent=b"", headers=None):
        token = self.token(who)
        headers = (headers or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        try:
            answer = self.client.request(method, path, headers=headers, content=sent)
        except httpx2.TransportError:
            answer = httpx2.Response(500)
        self.odd.extend(f"{method} {path} as {who}: {one}" for one in oddities(answer))
        return answer

    def token(self, who):
        if who == "app":
            return signed(self.box.app.client_id, self.box.app.private_key, int(time.time()) // 60 * 60)
        known = {"nobody": None, "somebody": "ghp_wrong", "installation": self.places.get("token")}
        return known[who] if who in known else self.box.tokens[who]


@contextmanager
def touring(folder):
    """A tour that may begin, in a box with somebody who has no part in it, whose App was just installed elsewhere too."""
    files = SEED | {"CODEOWNERS": b"* @reviewer\n/secret @nobody-there\n"}
    with receiving() as receiver:
        with patch.dict(seed.ROLES, stranger="read"), started(folder, receiver, seed_files=files) as tour:
            tour.ask("DELETE", "/repos/acme/infrastructure/collaborators/stranger", "admin")
            tour.ask("PATCH", "/app/hook/config", "app", json.dumps({"url": receiver.url}).encode())
        with started(folder, receiver, repository="globex/site") as tour:
            yield tour


@contextmanager
def started(folder, receiver, **more):
    with Box(folder, **BOX, **more) as box, httpx2.Client(base_url=box.url, timeout=60) as client:
        known = {"receiver": receiver.url, "installation": str(box.app.installation_id)}
        yield Tour(box, client, receiver, PLACES | known)


def refusals(tour, stop):
    """Why, with which answers, by whom, where and with what a stop's wish is refused."""
    sent, kind = tour.filled(stop.body), stop.permission
    yield "a bad token", {401}, "somebody", {}, sent
    if kind:
        yield "no token", {401} if isinstance(kind, str) else {401, 404}, "nobody", {}, sent
    if kind and stop.path not in OF_ONESELF:
        yield "no role", {{"app": 401, "installation": 403}.get(kind, 404)}, "stranger", {}, sent
    if stop.method != "GET" and kind not in ((), "app") and not FOR_READERS.search(str(stop)):
        yield "too small a role", {403, 404}, "guest", {}, sent
    if stop.last and stop.line not in NEVER_MISSING:
        yield "nothing there", {404, 422}, stop.who, {stop.last: absent(tour.places[stop.last])}, sent
    yield from malformed(stop, sent)


def malformed(stop, sent):
    if not sent:
        return
    yield "no JSON", {400}, stop.who, {}, b'{"a": '
    yield "no object", {400, 422}, stop.who, {}, b"[1]"
    whole = json.loads(sent)
    for name, value in whole.items():
        wrong = 7 if isinstance(value, dict) else {"wrong": True}
        yield "a wrong type", {422}, stop.who, {}, json.dumps(whole | {name: wrong}).encode()


def absent(place):
    """Something of a place's kind that is not there."""
    return (
        "999999" if place.isdecimal() else "0" * 39 + "1" if re.fullmatch("[0-9a-f]{40}", place) else "gone"
    )


def oddities(answer):
    """What no answer may be like, whatever was asked."""
    if answer.status_code >= 500:
        yield str(answer.status_code)
        return
    yield from (f"no {name}" for name in sorted(HEADERS) if name not in answer.headers)
    if answer.content and answer.headers["Content-Type"] != "application/json; charset=utf-8":
        yield f"is {answer.headers['Content-Type']}"
    elif answer.status_code >= 400 and "//docs.github.com/" not in answer.json()["documentation_url"]:
        yield "refers to no page"


@cache
def signed(issuer, key, minute):
    return jwt.encode({"iss": issuer, "iat": minute - 60, "exp": minute + 300}, key, "RS256")


def dug(value, where):
    for one in where:
        value = value[int(one) if one.isdecimal() else one]
    return value
