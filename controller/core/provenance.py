"""Provenance: which commit of the default branch asked for a change, and which pull brought that commit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from controller.core.catalogue import is_made_from
from controller.core.change import Change
from controller.core.pull import Pull, PullState


@dataclass(frozen=True)
class Step:
    """A commit on the default branch's first-parent line, and the paths it changed."""

    commit: str
    paths: tuple[str, ...]


def asking_commit(change: Change, since: Sequence[Step], line: Iterable[Step]) -> str | None:
    """The commit that asks for a change.

    It is the last that changed the request's file since the last reconcile; else the last since then that changed its
    kind or environment; else the last ever that changed its file.

    Args:
        change: the change.
        since: the steps since the last reconcile, oldest first.
        line: every step of the default branch, newest first; only read where `since` does not tell.
    """
    newest_first = tuple(reversed(since))

    def is_its_file(path: str) -> bool:
        return path == change.request.path

    def is_its_catalogue(path: str) -> bool:
        return is_made_from(change.request.id, path)

    searches = ((newest_first, is_its_file), (newest_first, is_its_catalogue), (line, is_its_file))
    for steps, asks in searches:
        for step in steps:
            if any(asks(path) for path in step.paths):
                return step.commit
    return None


def bringing_pull(commit: str, pulls: Iterable[Pull], base: str) -> Pull | None:
    """The merged pull on `base` that brought a commit: the one whose merge it is, else any that GitHub names."""
    merged = [pull for pull in pulls if pull.state is PullState.MERGED and pull.base == base]
    exact = [pull for pull in merged if pull.merge_commit == commit]
    return next(iter(exact or merged), None)
