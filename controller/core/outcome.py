"""Outcome: how a run ended."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from controller.core.lock import StateLock, read_lock
from controller.core.plan import Plan
from controller.core.stream import Stream
from controller.core.verdict import Verdict


class Cause(StrEnum):
    """What class of thing went wrong; it decides the next step that people are told."""

    MISTAKE = "mistake"
    PERMISSION = "permission"
    QUOTA = "quota"
    NAME_TAKEN = "name taken"
    NOT_EMPTY = "not empty"
    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    NETWORK = "network"
    LOCK_HELD = "lock held"
    STATE_REFUSED = "state refused"
    STATE_KEPT = "state kept"
    DISK_FULL = "disk full"
    ABSENT = "terraform absent"


_KEPT = "pushes it before it plans, and no other run"
_REFUSED = "has one that it does not continue"
"""Of our own words for a state that no backend has yet; they come with errors that by themselves would pass."""

_SIGNS = {
    Cause.DISK_FULL: r"no space left on device|disk quota exceeded",
    Cause.STATE_REFUSED: rf"{_REFUSED}|cannot\s+import\s+state\s+with|cannot\s+overwrite\s+existing\s+state",
    Cause.STATE_KEPT: _KEPT,
    Cause.LOCK_HELD: r"\bLock Info:\s*$",
    Cause.THROTTLED: r"throttl|rate exceeded|request ?limit ?exceeded|too many requests|slow ?down",
    Cause.QUOTA: r"quota|limit ?exceeded|exceeded.*limit",
    Cause.NAME_TAKEN: r"already (exists|owned)|bucketalready",
    Cause.NOT_EMPTY: r"not ?empty",
    Cause.PERMISSION: r"access ?denied|unauthori[sz]ed|forbidden|no valid credential|not authorized|expired ?token|invalidclienttokenid|signaturedoesnotmatch",
    Cause.NETWORK: r"no such host|connection (refused|reset)|could not connect|tls handshake|i/o timeout|network is unreachable|failed to query available provider|request send failed|unexpected eof|: eof\b|broken pipe",
    Cause.TIMEOUT: r"timeout while waiting|timed out|deadline exceeded",
}
_UNREAD_LOCK = r"acquiring the state lock|error locking state"
"""Said of every lock that was not to be had, so that a network that is down is not taken for one that is held."""

_LOCKED = "Error acquiring the state lock"

_FRAME = re.compile(r"^[╷│╵] ?")
_ERROR = "Error: "

NEXT_STEP = {
    Cause.MISTAKE: "Read Terraform's error; mend the request or the module with a new pull request.",
    Cause.PERMISSION: "Ask the platform team to check the environment's credentials, then retry.",
    Cause.QUOTA: "Ask the platform team for more quota, or free some, then retry.",
    Cause.NAME_TAKEN: "Choose another name with a new pull request.",
    Cause.NOT_EMPTY: "Empty it first, then retry.",
    Cause.THROTTLED: "Retry in a few minutes.",
    Cause.TIMEOUT: "Retry; what was done so far is kept.",
    Cause.NETWORK: "Retry when the network or the provider's registry can be reached.",
    Cause.LOCK_HELD: "Wait until the other run has ended, then retry.",
    Cause.STATE_REFUSED: "Ask the platform team to compare the state that was kept with the backend's, as the error says, then retry.",
    Cause.STATE_KEPT: "Ask the platform team to have the retry run on the machine that the error names, and on no other: it pushes the state that is kept there before it plans.",
    Cause.DISK_FULL: "Ask the platform team to free space on the disk that the error names, then retry; what was done so far is kept.",
    Cause.ABSENT: "Ask the platform team to install Terraform on the worker, then retry.",
}


@dataclass(frozen=True)
class Planned:
    """A plan was made; nothing was changed."""

    plan: Plan
    verdict: Verdict
    warnings: tuple[str, ...] = ()
    type: Literal["planned"] = "planned"


@dataclass(frozen=True)
class Applied:
    """What is wanted is there; `outputs` has the values that a requester may see, None for hidden ones."""

    outputs: Mapping[str, Any]
    changed: int = 0
    type: Literal["applied"] = "applied"


@dataclass(frozen=True)
class Destroyed:
    """All that the request had made is gone."""

    changed: int = 0
    type: Literal["destroyed"] = "destroyed"


@dataclass(frozen=True)
class Failed:
    """A step ended in an error: `completed` and `unfinished` are the addresses that an apply got to.

    `detail` is Terraform's own text, and may hold anything; whoever shows it fences it. `advice` is what the kind itself
    says of such an error, empty where it says nothing.
    """

    step: str
    cause: Cause
    summary: str
    detail: str = ""
    completed: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    advice: str = ""
    lock: StateLock | None = None
    type: Literal["failed"] = "failed"

    @property
    def next_step(self) -> str:
        """What to do now: the kind's own advice goes before what is said of every such cause.

        Where a state is kept that is said in any case: whoever retries elsewhere makes everything a second time.
        """
        step, kept = self.advice or NEXT_STEP[self.cause], NEXT_STEP[Cause.STATE_KEPT]
        return f"{step} {kept}" if _KEPT in self.detail and step != kept else step

    @property
    def left_state(self) -> bool:
        """Whether a state is on its worker's disk that the backend does not have."""
        return leaves_state(self.detail)

    @property
    def aftermath(self) -> str:
        """What state things are in."""
        if self.step != "apply" or not (self.completed or self.unfinished):
            return "Nothing was changed."
        return f"Partly applied. {reached(self)}"


@dataclass(frozen=True)
class Interrupted:
    """The run was stopped, or its worker was lost; another attempt goes on from where it was.

    `completed` and `unfinished` are the addresses that an apply got to, as far as its worker could still say.
    """

    step: str
    why: str
    completed: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    type: Literal["interrupted"] = "interrupted"


@dataclass(frozen=True)
class Superseded:
    """Newer content took its place before it was applied."""

    why: str
    type: Literal["superseded"] = "superseded"


@dataclass(frozen=True)
class Withdrawn:
    """Nobody wants it any more, or a person took it back."""

    by: str
    why: str
    type: Literal["withdrawn"] = "withdrawn"


Outcome = Annotated[
    Planned | Applied | Destroyed | Failed | Interrupted | Superseded | Withdrawn, Field(discriminator="type")
]


def reached(outcome: Failed | Interrupted) -> str:
    """How far an apply came, as far as anybody knows."""
    parts = {"Done": outcome.completed, "Begun and not finished": outcome.unfinished}
    return " ".join(
        f"{word}: {', '.join(f'`{address}`' for address in addresses)}."
        for word, addresses in parts.items()
        if addresses
    )


def failure(
    step: str,
    stream: Stream,
    errors: str,
    *,
    advices: Mapping[str, str] | None = None,
    timed_out: bool = False,
) -> Failed:
    """The outcome of a step that failed.

    Args:
        step: the step's name.
        stream: what it said on standard output.
        errors: what it printed on standard error.
        advices: the kind's `errors`, what to do by a word of the error.
        timed_out: whether its deadline ended it.
    """
    printed = _unboxed(errors)
    told = [f"{error.summary}\n{error.detail}".strip() for error in stream.errors]
    detail = "\n\n".join(text for text in (*told, printed) if text)
    cause = Cause.TIMEOUT if timed_out and not leaves_state(detail) else classify(detail)
    summary = f"{step} did not end within its deadline" if timed_out else _summary(step, stream, printed)
    return Failed(
        step,
        cause,
        summary,
        detail,
        stream.completed,
        stream.unfinished,
        advise(detail, advices or {}),
        _lock(stream, printed) if _meets_lock(cause, detail) else None,
    )


def _summary(step: str, stream: Stream, printed: str) -> str:
    return stream.errors[0].summary if stream.errors else _heading(printed) or f"terraform {step} failed"


def _meets_lock(cause: Cause, detail: str) -> bool:
    """Whether somebody's lock stood in the way, also in that of a kept state, and not one that could not be released."""
    return cause is Cause.LOCK_HELD or (cause is Cause.STATE_KEPT and _LOCKED in detail)


def _lock(stream: Stream, printed: str) -> StateLock | None:
    """The lock as the error about locks tells it, and no other text, which may be anybody's."""
    told = [error.detail for error in stream.errors if error.summary == _LOCKED]
    return read_lock(told[0] if told else printed)


def _unboxed(errors: str) -> str:
    """What Terraform printed for people, without the frame that it draws around each error."""
    return "\n".join(_FRAME.sub("", line).rstrip() for line in errors.splitlines()).strip()


def _heading(printed: str) -> str:
    """The line that says what is wrong: the first that calls itself an error, or else the first."""
    lines = printed.splitlines()
    heading = next((line for line in lines if line.startswith(_ERROR)), lines[0] if lines else "")
    return heading.removeprefix(_ERROR)


def advise(text: str, advices: Mapping[str, str]) -> str:
    """What a kind says of an error: the first of its words that the text holds speaks; empty where none does."""
    said = " ".join(text.split()).casefold()
    return next((advice for word, advice in advices.items() if word.casefold() in said), "")


def leaves_state(errors: str) -> bool:
    """Whether an error tells of a state that is kept on its worker's disk, since the backend did not take it."""
    return _KEPT in errors or _REFUSED in errors


def classify(text: str) -> Cause:
    """The class of an error by its text; a mistake where nothing else is known."""
    for cause, sign in _SIGNS.items():
        if re.search(sign, text, re.IGNORECASE | re.MULTILINE):
            return cause
    return Cause.LOCK_HELD if re.search(_UNREAD_LOCK, text, re.IGNORECASE) else Cause.MISTAKE
