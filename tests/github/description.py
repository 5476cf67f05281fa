"""GitHub's published description of its API, as something to hold an exchange or a delivery against.

See https://github.com/github/rest-api-description; `api.json` is made by `prune.py`.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jsonschema_rs

SOURCE = Path(__file__).parent / "api.json"
HOME = "urn:github"
PROBLEMS = ("basic-error", "validation-error", "validation-error-simple")
# Older addresses that GitHub's own answers lead to, and that clients (PyGithub's among them) follow; and the root folder's.
ALIASES = (
    (re.compile(r"^/organizations/(\d+)/team/(\d+)"), r"/orgs/\1/teams/\2"),
    (re.compile(r"^(/repos/[^/]+/[^/]+)/statuses/(.+)$"), r"\1/commits/\2/statuses"),
    (re.compile(r"^(/repos/[^/]+/[^/]+)/git/refs/(.+)$"), r"\1/git/ref/\2"),
    (re.compile(r"^(/repos/[^/]+/[^/]+/contents)$"), r"\1/."),
)
# Still answered, and followed by PyGithub, but no longer published: https://docs.github.com/rest/teams/members#get-team-member-legacy.
LEGACY = re.compile(r"/organizations/\d+/team/\d+/members/[^/]+")
# GitHub's own bots have addresses (`1+dependabot[bot]@…`) that are none to a checker.
FORMATS = {"email": lambda text: "@" in text}
DEEP = {"path", "ref", "branch", "name", "basehead", "tree_sha", "dir"}
NO_CONTENT = {204, 304}
# What GitHub answers anywhere, and publishes with few operations: https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api.
ANYWHERE = {304, 400, 401, 403, 404, 422}
# What `Accept` may ask for instead of JSON: https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#media-types.
RAW = {
    "text/plain",
    "application/vnd.github.raw",
    "application/vnd.github.diff",
    "application/vnd.github.patch",
}


@dataclass(frozen=True)
class Exchange:
    """A request to the API and its answer; names of headers are in lower case."""

    method: str
    path: str
    query: str
    sent: bytes
    status: int
    headers: Mapping[str, str]
    body: bytes
    agent: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path} → {self.status}"


@dataclass
class Description:
    """The description, and what was held against it; `seen` counts by operation and status, or by event."""

    seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    @cached_property
    def whole(self) -> dict[str, Any]:
        return as_json_schema(json.loads(SOURCE.read_text()))

    @cached_property
    def registry(self) -> jsonschema_rs.Registry:
        return jsonschema_rs.Registry([(HOME, {"$schema": DIALECT, **self.whole})])

    @cached_property
    def templates(self) -> list[tuple[re.Pattern[str], str]]:
        """Every path as an expression, those with the fewest parameters first."""
        paths = sorted(self.whole["paths"], key=lambda path: (path.count("{"), -len(path)))
        return [(re.compile(_expression(path), re.DOTALL), path) for path in paths]

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        """The operation's name (`GET /repos/{owner}/{repo}`) and description."""
        method = "GET" if method == "HEAD" else method
        for old, new in ALIASES:
            path = old.sub(new, path) if method == "GET" or new.startswith("/orgs/") else path
        for expression, template in self.templates:
            found = self.whole["paths"][template].get(method.lower())
            if found and expression.fullmatch(path):
                return f"{method} {template}", found
        return None

    def violations(self, exchange: Exchange) -> Iterator[str]:
        """What in an exchange GitHub does not do, one sentence each."""
        found = self.operation(exchange.method, exchange.path)
        if found is None:
            if exchange.status != 404 and not LEGACY.fullmatch(
                exchange.path
            ):  # a path that GitHub does not have is answered so
                yield f"{exchange}: GitHub publishes no such operation"
            return
        name, operation = found
        self._count(name, str(exchange.status))
        for problem in self._of_answer(operation, exchange):
            yield f"{exchange}: {problem}"
        if exchange.status < 300 and exchange.agent.startswith("infrautomater"):
            for problem in self._of_question(operation, exchange):
                yield f"{exchange}: asked wrongly: {problem}"

    def of_delivery(self, event: str, payload: dict[str, Any]) -> Iterator[str]:
        """What in a delivery's payload GitHub does not send."""
        names = ["-".join(filter(None, (event, payload.get("action")))).replace("_", "-"), event]
        name = next((name for name in names if name in self.whole["x-webhooks"]), None)
        if name is None:
            yield f"{names[0]}: GitHub publishes no such event"
            return
        self._count("delivery", name)
        content = self.whole["x-webhooks"][name]["post"]["requestBody"]["content"]["application/json"]
        for problem in self._of_value(content["schema"], payload):
            yield f"delivery {name}: {problem}"

    def _of_answer(self, operation: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        described = operation["responses"].get(str(exchange.status))
        if described is None and exchange.status not in ANYWHERE:
            yield "no such status is published"
            return
        if exchange.status in NO_CONTENT:
            yield from ["has a body"] if exchange.body else []
            return
        content = self._resolved(described or {}).get("content", {})
        kind = exchange.headers.get("content-type", "").partition(";")[0]
        if "application/json" not in content and exchange.status < 400:
            yield from ["has a body, where GitHub has none"] if not content and exchange.body else []
            return
        if kind != "application/json":
            yield from [] if exchange.status < 400 and kind in RAW else [f"is {kind}, not JSON"]
            return
        value = json.loads(exchange.body)
        if exchange.status < 400:
            yield from self._of_value(content["application/json"]["schema"], value)
        else:
            yield from self._of_problem(content.get("application/json", {}).get("schema"), value, exchange)

    def _of_problem(self, schema: Any, value: Any, exchange: Exchange) -> Iterator[str]:
        shapes = [{"$ref": f"{HOME}#/components/schemas/{name}"} for name in PROBLEMS]
        yield from self._of_value({"anyOf": [*([schema] if schema else []), *shapes]}, value)
        for name in ("message", "documentation_url", "status"):
            yield from [] if name in value else [f"an error without {name}"]
        if str(value.get("status")) != str(exchange.status):
            yield f"says status {value.get('status')}"

    def _of_question(self, operation: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        known = {self._resolved(one)["name"] for one in operation.get("parameters", [])}
        for name in parse_qs(exchange.query).keys() - known:
            yield f"the query's {name} is unknown"
        content = operation.get("requestBody", {}).get("content", {})
        if exchange.sent and "application/json" not in content:
            yield "takes no body"
        elif exchange.sent:
            yield from self._of_value(content["application/json"]["schema"], json.loads(exchange.sent))

    def _of_value(self, schema: Any, value: Any) -> Iterator[str]:
        validator = jsonschema_rs.Draft202012Validator(
            schema, registry=self.registry, validate_formats=True, formats=FORMATS
        )
        for error in validator.iter_errors(value):
            yield f"{'/'.join(map(str, error.instance_path))}: {error.message[:300]}"
        for path in self._unknown([schema], value, ""):
            yield f"{path}: GitHub has no such field"

    def _unknown(self, schemas: list[Any], value: Any, path: str) -> Iterator[str]:
        """Fields of a value that none of the schemas it may follow has."""
        variants = [variant for schema in schemas for variant in self._variants(schema)]
        if isinstance(value, list):
            items = [variant["items"] for variant in variants if "items" in variant]
            for number, item in enumerate(value):
                yield from self._unknown(items, item, f"{path}/{number}")
        elif isinstance(value, dict) and any("properties" in variant for variant in variants):
            open_ended = any(variant.get("additionalProperties") for variant in variants)
            for name, item in value.items():
                known = [v["properties"][name] for v in variants if name in v.get("properties", {})]
                if not known and not open_ended:
                    yield f"{path}/{name}"
                yield from self._unknown(known, item, f"{path}/{name}") if known else ()

    def _variants(self, schema: Any) -> Iterator[dict[str, Any]]:
        found = self._resolved(schema)
        yield found
        for way in ("allOf", "anyOf", "oneOf"):
            for part in found.get(way, ()):
                yield from self._variants(part)

    def _resolved(self, node: Any) -> dict[str, Any]:
        while isinstance(node, dict) and "$ref" in node:
            kind, name = node["$ref"].split("/")[-2:]
            node = self.whole["components"][kind][name]
        return node

    def _count(self, what: str, how: str) -> None:
        self.seen[what, how] += 1


DIALECT = "https://json-schema.org/draft/2020-12/schema"


def as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0's `nullable` and its references, in the words of JSON Schema."""
    if isinstance(node, list):
        return [as_json_schema(part) for part in node]
    if not isinstance(node, dict):
        return node
    plain = {name: as_json_schema(part) for name, part in node.items() if name != "nullable"}
    if isinstance(plain.get("$ref"), str):
        plain["$ref"] = plain["$ref"].replace("#/", f"{HOME}#/", 1)
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain


def _expression(path: str) -> str:
    parts = re.split(r"(\{\w+\})", path)
    return "".join(
        re.escape(part) if not part.startswith("{") else ".+" if part[1:-1] in DEEP else "[^/]+"
        for part in parts
    )
