"""People at work on GitHub in a box, and what the ledger of a running stack says of it."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from github import InputGitTreeElement
from github.PullRequest import PullRequest
from sqlalchemy import Engine, func, select

from controller.cli.stack import Stack
from controller.edge.ledger.engine import make_engine, reading
from controller.edge.ledger.tables import deliveries, runs


class People:
    """A requester who asks by pull request, and a reviewer who merges."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._requester, self._reviewer = (
            stack.client(login).get_repo(stack.repository) for login in ("requester", "reviewer")
        )

    def propose(self, branch: str, files: Mapping[str, str]) -> PullRequest:
        """Open a pull with these files (path → text) in one commit."""
        mine = self._requester
        tip = mine.get_branch("main").commit
        elements = [InputGitTreeElement(path, "100644", "blob", text) for path, text in files.items()]
        tree = mine.create_git_tree(elements, mine.get_git_tree(tip.commit.tree.sha))
        commit = mine.create_git_commit(branch, tree, [mine.get_git_commit(tip.sha)])
        mine.create_git_ref(f"refs/heads/{branch}", commit.sha)
        return mine.create_pull(base="main", head=branch, title=branch, body="")

    def merge(self, pull: PullRequest) -> None:
        self._reviewer.get_pull(pull.number).merge()

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """No webhook is delivered for the length of a block."""
        self._faults("POST", {"kind": "drop", "times": 1_000_000})
        try:
            yield
        finally:
            self._faults("DELETE")

    def _faults(self, method: str, body: object = None) -> None:
        headers = {"Authorization": f"Bearer {self._stack.tokens['admin']}"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._stack.github}/_box/faults", data, headers, method=method)
        urllib.request.urlopen(request, timeout=10).close()


class Records:
    """The running stack's ledger, read past the product's own views, which have no times of deliveries."""

    def __init__(self, stack: Stack) -> None:
        self._engine: Engine = make_engine(f"sqlite:///{stack.data / 'controller/ledger.sqlite'}")

    def last_delivery(self) -> datetime:
        return self._one(select(func.max(deliveries.c.received))) or datetime.fromtimestamp(0, UTC)

    def first_delivery(self, since: datetime) -> datetime:
        found: datetime = self._one(
            select(func.min(deliveries.c.received)).where(deliveries.c.received > since)
        )
        return found

    def count(self, operation: str, state: str, outcome: str | None = None) -> int:
        """How many runs of this operation are in this state."""
        what = select(func.count()).where(runs.c.operation == operation, runs.c.state == state)
        return int(self._one(what if outcome is None else what.where(runs.c.outcome == outcome)))

    def last(self, column: str, operation: str = "apply") -> datetime:
        """The greatest of a column of times of all runs of an operation."""
        found: datetime = self._one(select(func.max(runs.c[column])).where(runs.c.operation == operation))
        return found

    def _one(self, statement: Any) -> Any:
        with reading(self._engine) as conn:
            return conn.execute(statement).scalar_one()


def await_(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until something is so; ends the benchmark where it does not come about."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise SystemExit(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)
