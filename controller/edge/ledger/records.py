"""Records: how nouns become columns and JSON, and come back."""

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement

from controller.core.call import FIRST_REMINDER, Actor, Call, execute
from controller.core.environment import Environment, Mode
from controller.core.hold import Hold
from controller.core.identity import RequestId
from controller.core.kind import Kind
from controller.core.plan import Plan
from controller.core.proposal import Proposal
from controller.core.request import Request
from controller.core.run import Ended, Opening, Operation, Run, Running, State, Tries, Waiting
from controller.core.workspace import Workspace
from controller.edge.ledger.tables import AnyRow, runs
from controller.ports import WorkerCard

Noun = TypeVar("Noun")
Columns = Mapping[str, Any]

REQUEST: Final = TypeAdapter(Request)
PROPOSAL: Final = TypeAdapter(Proposal)
CARD: Final = TypeAdapter(WorkerCard)
OUTPUTS: Final = TypeAdapter[Mapping[str, Any]](Mapping[str, Any])
STATE: Final = TypeAdapter[State](State)
_REVIEWED: Final = TypeAdapter[Plan | None](Plan | None)
_CONDITIONS: Final = TypeAdapter[tuple[Hold, ...]](tuple[Hold, ...])
_KIND: Final = TypeAdapter(Kind)
_ENVIRONMENT: Final = TypeAdapter(Environment)

RUN: tuple[ColumnElement[Any], ...] = (
    runs.c.id,
    runs.c.request,
    runs.c.operation,
    runs.c.digest,
    runs.c.mode,
    runs.c.commit,
    runs.c.pull,
    runs.c.after,
    runs.c.attempt,
    runs.c.state_json,
    runs.c.reviewed_json,
    runs.c.conditions_json,
    runs.c.confirmed,
    runs.c.times_failed,
    runs.c.times_lost,
)
"""The columns that a Run is read from."""


def dump(adapter: TypeAdapter[Noun], noun: Noun) -> str:
    """A noun as JSON, under the names that its format has on paper."""
    return adapter.dump_json(noun, by_alias=True).decode()


def word(state: State) -> str:
    """A state as the audit trail says it: `waiting`, `running:apply`, `held`, `ended:applied`."""
    match state:
        case Running(step=step):
            return f"running:{step}"
        case Ended(outcome):
            return f"ended:{outcome.type}"
        case _:
            return state.type


def new_run(opening: Opening, subject: Request, now: datetime) -> Columns:
    """The columns of a run that is opened."""
    return {
        "key": opening.key,
        "family": opening.family,
        "request": opening.request.key,
        "team": subject.team,
        "path": subject.path,
        "subject": dump(REQUEST, subject),
        "operation": opening.operation.value,
        "digest": opening.digest,
        "mode": opening.mode.value,
        "commit": opening.commit,
        "pull": opening.pull,
        "after": opening.after,
        "attempt": opening.attempt,
        "queue": execute(0, opening.operation, opening.request).queue,
        "by_person": False,
        "created": now,
        "worker": "",
        "fence": 0,
        "seen": 0,
        "confirmed": "",
        **tries_columns(opening.tries),
        **state_columns(opening.waits),
        **call_columns(opening.waits, now),
        **review_columns(opening.reviewed, opening.conditions),
    }


def state_columns(state: State) -> Columns:
    """The columns that tell a run's state."""
    outcome = state.outcome.type if isinstance(state, Ended) else None
    return {"state": state.type, "outcome": outcome, "state_json": dump(STATE, state)}


def call_columns(state: Waiting, now: datetime) -> Columns:
    """The columns that tell when a run that waits is called again."""
    return {"until": state.until, "due": state.until or now + FIRST_REMINDER, "reminders": 0}


def tries_columns(tries: Tries) -> Columns:
    """The columns that tell how often this work came to nothing."""
    return {"times_failed": tries.failed, "times_lost": tries.lost}


def review_columns(reviewed: Plan | None, conditions: tuple[Hold, ...]) -> Columns:
    """The columns that tell what people saw, and what still stands against the run."""
    return {"reviewed_json": dump(_REVIEWED, reviewed), "conditions_json": dump(_CONDITIONS, conditions)}


def read_run(row: AnyRow) -> Run:
    """A run from a row with the columns `RUN`."""
    return Run(
        id=row.id,
        request=RequestId.parse(row.request),
        operation=Operation(row.operation),
        digest=row.digest,
        mode=Mode(row.mode),
        commit=row.commit,
        pull=row.pull,
        after=row.after,
        attempt=row.attempt,
        state=STATE.validate_json(row.state_json),
        reviewed=_REVIEWED.validate_json(row.reviewed_json),
        conditions=_CONDITIONS.validate_json(row.conditions_json),
        confirmed=row.confirmed,
        tries=Tries(row.times_failed, row.times_lost),
    )


def read_call(row: AnyRow) -> Call:
    """A call from a row of the outbox."""
    return Call(Actor(row.actor), row.queue, row.argument, row.id)


def new_workspace(workspace: Workspace) -> Columns:
    """The columns of a rendered workspace."""
    return {
        "request": workspace.id.key,
        "digest": workspace.digest,
        "subject": dump(REQUEST, workspace.request),
        "kind": dump(_KIND, replace(workspace.kind, module={})),
        "environment": dump(_ENVIRONMENT, workspace.environment),
        "files": _pack(workspace.files, workspace.kind.module),
    }


def read_workspace(row: AnyRow, subject: str) -> Workspace:
    """A workspace from its row, about the request as the run knows it."""
    files, module = _unpack(row.files)
    kind = replace(_KIND.validate_json(row.kind), module=module)
    return Workspace(REQUEST.validate_json(subject), kind, _ENVIRONMENT.validate_json(row.environment), files)


def _pack(*folders: Mapping[str, bytes]) -> bytes:
    """Folders of files, compressed together, since a module's files are in its workspace too."""
    packed = [{path: _to_text(content) for path, content in folder.items()} for folder in folders]
    return zlib.compress(json.dumps(packed).encode())


def _unpack(blob: bytes) -> list[dict[str, bytes]]:
    folders = json.loads(zlib.decompress(blob))
    return [{path: _to_bytes(content) for path, content in folder.items()} for folder in folders]


def _to_text(content: bytes) -> str | list[str]:
    """UTF-8 as it is; anything else in base64, in a list of one so that it cannot be taken for text."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return [base64.b64encode(content).decode()]


def _to_bytes(content: str | list[str]) -> bytes:
    return content.encode() if isinstance(content, str) else base64.b64decode(content[0])
