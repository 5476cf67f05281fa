"""Global node ids: https://docs.github.com/graphql/guides/using-global-node-ids."""

import base64
import binascii
from typing import Any

from controller.sandbox.forge import Forge
from controller.sandbox.graphql.problems import Problem
from controller.sandbox.nouns import Comment, Pull, Record, Repository, Review
from controller.sandbox.rest.call import Call


def found_node(call: Call, name: Any) -> Record:
    """The record that an id names.

    Raises:
        Problem: NOT_FOUND, there is none that the caller may see.
    """
    record = _record(call.forge, str(name))
    home = None if record is None else repository_of(call.forge, record)
    if record is None or (home and call.view.role(home) == "none"):
        raise Problem("NOT_FOUND", f"Could not resolve to a node with the global id of '{name}'")
    return record


def found_pull(call: Call, name: Any) -> Pull:
    """The pull that an id names.

    Raises:
        Problem: NOT_FOUND, there is none that the caller may see.
    """
    record = found_node(call, name)
    if not isinstance(record, Pull):
        raise Problem("NOT_FOUND", f"Could not resolve to PullRequest node with the global id of '{name}'")
    return record


def repository_of(forge: Forge, record: Record) -> Repository | None:
    """The repository that a record lies in; None for people, teams and what else lies in none."""
    if isinstance(record, Repository):
        return record
    if isinstance(record, Review | Comment):
        record = forge.pull(record.pull)
    number = getattr(record, "repository", None)
    return forge.repository(number) if isinstance(number, int) else None


def _record(forge: Forge, name: str) -> Record | None:
    noun, _, coded = name.partition("_")
    try:
        number = int(base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)))
    except (binascii.Error, ValueError):
        return None
    tables: dict[str, Any] = {
        "PR": forge.pulls,
        "R": forge.repositories,
        "U": forge.users,
        "BOT": forge.users,
        "O": forge.organizations,
        "T": forge.teams,
        "PRR": forge.reviews,
        "IC": forge.comments,
        "LA": forge.labels,
        "REA": forge.reactions,
    }
    found: Record | None = tables[noun].get(number) if noun in tables else None
    return found
