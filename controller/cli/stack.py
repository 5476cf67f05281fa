"""The whole product on one machine, each part a process of its own: box, broker, listener, worker, schedule.

Every process is under a guard, so that none of them outlives this one, however it ends.
"""

import json
import os
import secrets
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from signal import SIGTERM
from typing import Any

from github import Auth, Github

from controller.cli.account import Account, Webhook, account, client
from controller.edge.guarded import SERVICE, Guarded, Rule, Start, guarded
from controller.edge.starter import copy_starter
from controller.edge.valkey import embedded_valkey
from controller.errors import InfrautomaterError

PATIENCE = 30.0
"""Seconds until a part must be up."""

WORKER = Rule(SIGTERM, silence=float("inf"), grace=60.0)
"""A worker may have to let Terraform save its state."""

DRAIN = "5"
"""Seconds that a run may go on after the end of a rehearsal."""


class StackError(InfrautomaterError):
    """A part did not start; its log says why."""


@dataclass(frozen=True)
class Stack:
    """Where the parts are; `tokens` by login, `account` is the controller's, `data` holds everything, `env` starts more workers."""

    github: str
    controller: str
    repository: str
    tokens: Mapping[str, str] = field(repr=False)
    account: Account
    webhook_secret: str = field(repr=False)
    data: Path = Path()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)

    def client(self, login: str) -> Github:
        """GitHub's API as one of the box's people."""
        return client(Auth.Token(self.tokens[login]), self.github)

    def hook(self) -> Webhook:
        """The webhook through which the controller hears."""
        return self.account.hook(self.github, self.repository)


@contextmanager
def running_stack(
    data: Path, extra: Mapping[str, str] | None = None, *, as_app: bool = True
) -> Iterator[Stack]:
    """Run everything for the length of a block.

    Args:
        data: everything is kept here; a stack that was stopped goes on where it was.
        extra: more environment for the controller's processes.
        as_app: whether the controller is a GitHub App; an account with a token otherwise.

    Raises:
        StackError: a part did not come up.
    """
    data = data.absolute()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as parts:
        facts = parts.enter_context(_box(data))
        broker = parts.enter_context(embedded_valkey(data / "valkey"))
        secret = _kept_secret(data / "webhook.secret")
        port = _kept_port(data / "controller.port")
        who = account(facts, as_app=as_app)
        env = {**_environment(data, facts, broker, port), **who.settings, **(extra or {})}
        env["INFRAUTOMATER_WEBHOOK_SECRETS"] = secret
        stack = Stack(
            facts["url"],
            f"http://127.0.0.1:{port}",
            facts["repository"],
            facts["tokens"],
            who,
            secret,
            data,
            env,
        )
        listener = parts.enter_context(verb(stack, "serve", SERVICE))
        parts.enter_context(verb(stack, "work", WORKER))
        parts.enter_context(verb(stack, "schedule", SERVICE))
        await_part(listener, lambda: _answers(f"{stack.controller}/healthz"), data / "serve.log")
        stack.hook().tell(f"{stack.controller}/webhooks/github", secret)
        await_part(listener, lambda: _has_worker(stack.controller), data / "work.log")
        yield stack


@contextmanager
def verb(stack: Stack, name: str, rule: Rule, log: str = "") -> Iterator[Guarded]:
    """One of the controller's long-running verbs as a process; its log is `<data>/<log or name>.log`."""
    with (stack.data / f"{log or name}.log").open("ab") as out:
        argv = (sys.executable, "-m", "controller", name)
        with guarded(argv, Start(stack.data, {**os.environ, **stack.env}, out, out), rule) as process:
            yield process


@contextmanager
def _box(data: Path) -> Iterator[dict[str, Any]]:
    """The box, and what it says of itself in its first line."""
    with tempfile.TemporaryDirectory() as seed, (data / "box.log").open("ab") as errors:
        copy_starter(Path(seed), samples=False)
        argv = (
            sys.executable,
            "-m",
            "controller.sandbox",
            "--dir",
            str(data / "box"),
            "--seed",
            seed,
            "--port",
            str(_kept_port(data / "box.port")),
            "--app",
        )
        facts = data / "box.json"
        # It has everybody's token and the App's key.
        facts.unlink(missing_ok=True)
        facts.touch(mode=0o600)
        with facts.open("wb") as out, guarded(argv, Start(data, None, out, errors), SERVICE) as process:
            await_part(process, lambda: facts.read_bytes().endswith(b"\n"), data / "box.log")
            yield json.loads(facts.read_bytes())


def _environment(data: Path, facts: Mapping[str, Any], broker: str, port: int) -> dict[str, str]:
    return {
        "REDIS_URL": broker,
        "INFRAUTOMATER_DATA": str(data / "controller"),
        "INFRAUTOMATER_REPOSITORY": facts["repository"],
        "INFRAUTOMATER_GITHUB_URL": facts["api_url"],
        "INFRAUTOMATER_GIT_URL": facts["url"],
        "INFRAUTOMATER_GITHUB_PAUSE": "0",
        "INFRAUTOMATER_PORT": str(port),
        "INFRAUTOMATER_DRAIN": DRAIN,
    }


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(20))
    return path.read_text()


def _kept_port(path: Path) -> int:
    """The port of the last time where it is still free: links in old comments lead there."""
    kept = path.read_text() if path.exists() else ""
    try:
        port = _free_port(int(kept or 0))
    except (OSError, ValueError):
        port = _free_port()
    path.write_text(str(port))
    return port


def _free_port(wanted: int = 0) -> int:
    with socket.create_server(("127.0.0.1", wanted)) as probe:
        return int(probe.getsockname()[1])


def await_part(process: Guarded, ready: Callable[[], bool], log: Path) -> None:
    """Wait until a part is ready.

    Raises:
        StackError: it ended, or took too long; the message has its log's last lines.
    """
    until = time.monotonic() + PATIENCE
    while not ready():
        if process.wait(0.05) is not None or time.monotonic() > until:
            said = log.read_text(errors="replace").strip().splitlines()[-5:]
            raise StackError(
                "\n".join(["a part of the product did not start:", *said, f"(all of it: {log})"])
            )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 -- our own listener on loopback
            return bool(response.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError):
        return False


def _has_worker(controller: str) -> bool:
    try:
        with urllib.request.urlopen(f"{controller}/api/v1/workers", timeout=5) as response:  # noqa: S310 -- likewise
            return bool(json.load(response))
    except (urllib.error.URLError, OSError):
        return False
