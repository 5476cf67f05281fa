"""Wish: what a person wants with one run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """A held run goes on, whatever it is held for: the plan that was shown is the reviewed one."""

    by: str
    why: str


@dataclass(frozen=True)
class Acceptance:
    """The plan of a held run is accepted: only what must be confirmed by name still holds it."""

    by: str
    why: str


@dataclass(frozen=True)
class Confirmation:
    """That a run ends what is there is meant: said of a held run, or of the plan that an open pull shows."""

    by: str
    why: str


@dataclass(frozen=True)
class Withdrawal:
    """A waiting or held run is taken back."""

    by: str
    why: str


@dataclass(frozen=True)
class Retry:
    """Another attempt: of a run that ended badly, or of a plan that is to be made again."""

    by: str


Wish = Release | Acceptance | Confirmation | Withdrawal | Retry


@dataclass(frozen=True)
class Answer:
    """What came of a comment that had commands in it; `words` are empty where there is nothing to say but yes.

    `vouches` is the head of the pull for which plans were asked by somebody with write access.
    """

    comment: int
    pull: int
    by: str
    refused: bool
    words: tuple[str, ...] = ()
    vouches: str = ""
