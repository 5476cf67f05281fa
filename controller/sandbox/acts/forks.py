"""Forks, and repositories that go: https://docs.github.com/rest/repos/forks."""

import itertools
import re
import shutil
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from controller.sandbox.acts import refs
from controller.sandbox.errors import invalid, unprocessable
from controller.sandbox.forge import Forge, now
from controller.sandbox.nouns import Record, Repository, Role, User
from controller.sandbox.rules import heads
from controller.sandbox.store import Table
from controller.sandbox.webhooks import events

R = TypeVar("R", bound=Record)
_MOST_CHARACTERS = 100


def fork(
    forge: Forge, parent: Repository, actor: User, owner: str, name: str, *, default_branch_only: bool = False
) -> Repository:
    """Fork a repository; an owner's fork of it that is there already is given back.

    Args:
        forge: The state.
        parent: What is forked.
        actor: Who does it.
        owner: Whose the fork is to be: the actor's login, or an organisation's.
        name: What it is to be called, where what no name may have becomes `-`; a number is added where the owner has
            something of that name.
        default_branch_only: Whether to leave the other branches behind.

    Raises:
        RefusedError: 422, there is nothing to fork yet, or nothing can be called so.
    """
    there = next((one for one in heads.forks(forge, parent) if one.owner.lower() == owner.lower()), None)
    if there:
        return there
    if not forge.refs.of(parent.id):
        message = (
            "The repository exists, but it contains no Git content. Empty repositories cannot be forked."
        )
        raise unprocessable(message)
    child = _child(forge, parent, actor, owner, _named(name))
    branches = f"{refs.HEADS}{parent.default_branch if default_branch_only else '*'}"
    # No record names this folder: if there is one, a crash has left it.
    shutil.rmtree(forge.git(child).path, ignore_errors=True)
    forge.git(child).create(child.default_branch)
    heads.bring(forge.git(parent), forge.git(child), f"+{branches}:{branches}")
    made = forge.repositories.add(child)
    refs.adopt(forge, made)
    events.fork(forge, parent, actor, made)
    return made


def delete(forge: Forge, repository: Repository) -> None:
    """Delete a repository with everything in it; pulls from it live on in what it was forked from."""
    for pull in forge.pulls_of(repository):
        _clear(forge, forge.reviews, forge.reviews.of(pull.id))
        _clear(forge, forge.comments, forge.comments.of(pull.id))
        _clear(forge, forge.happenings, forge.happenings.of(pull.id))
        _clear(forge, forge.review_comments, forge.review_comments.of(pull.id))
        _clear(forge, forge.pulls, [pull])
    number = repository.id
    _clear(forge, forge.refs, forge.refs.of(number))
    _clear(forge, forge.labels, forge.labels.of(number))
    for hook in forge.hooks.of(number):
        _clear(forge, forge.deliveries, forge.deliveries.of(hook.id))
        _clear(forge, forge.hooks, [hook])
    _clear(forge, forge.protections, forge.protections.of(number))
    _clear(forge, forge.required_reviews, forge.required_reviews.of(number))
    _clear(forge, forge.required_checks, forge.required_checks.of(number))
    _clear(forge, forge.rulesets, forge.rulesets.of(number))
    _clear(forge, forge.queue_entries, [one for one in forge.queue_entries.all() if one.repository == number])
    statuses, said = forge.statuses.all(), forge.commit_comments.all()
    _clear(forge, forge.statuses, [one for one in statuses if one.repository == number])
    _clear(forge, forge.commit_comments, [one for one in said if one.repository == number])
    for child in heads.forks(forge, repository):
        forge.repositories.put(replace(child, parent=repository.parent))
    forge.repositories.drop(repository)
    shutil.rmtree(forge.git(repository).path)


def _clear(forge: Forge, table: Table[R], records: Iterable[R]) -> None:
    for record in records:
        for reaction in forge.reactions.of(record.id):
            forge.reactions.drop(reaction)
        for folded in forge.minimized.of(record.id):
            forge.minimized.drop(folded)
        table.drop(record)


def _named(name: str) -> str:
    called = re.sub(r"[^A-Za-z0-9._-]+", "-", name).removesuffix(".git")
    if called in ("", ".", ".."):
        raise invalid("Repository", "name is reserved", "name")
    if len(called) > _MOST_CHARACTERS:
        raise invalid("Repository", f"name is too long (maximum is {_MOST_CHARACTERS} characters)", "name")
    return called


def _child(forge: Forge, parent: Repository, actor: User, owner: str, name: str) -> Repository:
    return Repository(
        owner=owner, name=_free_name(forge, owner, name), description=parent.description,
        default_branch=parent.default_branch, roles=_roles(forge, owner, actor), created_at=now(),
        updated_at=now(), pushed_at=parent.pushed_at, parent=parent.id,
        team_roles=parent.team_roles if owner == parent.owner else {},
    )  # fmt: skip


def _free_name(forge: Forge, owner: str, name: str) -> str:
    names = itertools.chain((name,), (f"{name}-{number}" for number in itertools.count(1)))
    return next(one for one in names if forge.repositories.find(f"{owner}/{one}".lower()) is None)


def _roles(forge: Forge, owner: str, actor: User) -> dict[str, Role]:
    found = forge.organizations.find(owner.lower())
    return dict.fromkeys((*(found.admins if found else ()), actor.login), "admin")
