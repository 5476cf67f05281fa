"""Global node ids: https://docs.github.com/graphql/guides/using-global-node-ids."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from controller.sandbox.forge import Forge
from controller.sandbox.graphql.problems import Problem
from controller.sandbox.nouns import Comment, Pull, Reaction, Record, Repository, Review, ReviewComment, Team
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.organizations import own_organization
from controller.sandbox.rules.visibility import is_seen


def found_node(call: Call, name: Any) -> Record:
    """The record that an id names.

    Raises:
        Problem: NOT_FOUND, there is none that the caller may see.
    """
    record = _record(call.forge, str(name))
    if record is None or not _is_seen(call, record):
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
    if isinstance(record, Review | Comment | ReviewComment):
        record = forge.pull(record.pull)
    number = getattr(record, "repository", None)
    return forge.repository(number) if isinstance(number, int) else None


def _is_seen(call: Call, record: Record | None) -> bool:
    if isinstance(record, Reaction):
        return _is_seen(call, _subject(call.forge, record.subject))
    if record is None:
        return False
    if isinstance(record, Team):
        return bool(own_organization(call.at(org=record.organization)))
    if isinstance(record, Review | ReviewComment) and not is_seen(call.forge, call.view.viewer, record):
        return False
    home = repository_of(call.forge, record)
    return home is None or call.view.role(home) != "none"


def _subject(forge: Forge, number: int) -> Record | None:
    tables = (forge.pulls, forge.comments, forge.review_comments, forge.commit_comments, forge.reviews)
    found: Iterator[Record | None] = (table.get(number) for table in tables)
    return next((one for one in found if one), None)


def _record(forge: Forge, name: str) -> Record | None:
    noun, _, coded = name.partition("_")
    try:
        number = int(base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)))
    except (binascii.Error, ValueError):
        return None
    tables: dict[str, Any] = {
        "PR": forge.pulls,
        "MQE": forge.queue_entries,
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
