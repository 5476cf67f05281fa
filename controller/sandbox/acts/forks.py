"""Forks, and repositories that go: https://docs.github.com/rest/repos/forks."""

import itertools
import shutil
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from controller.sandbox.acts import refs
from controller.sandbox.errors import unprocessable
from controller.sandbox.forge import Forge, now
from controller.sandbox.nouns import Record, Repository, Role, User
from controller.sandbox.rules import heads
from controller.sandbox.store import Table
from controller.sandbox.webhooks import events

R = TypeVar("R", bound=Record)


def fork(
    forge: Forge, parent: Repository, actor: User, owner: str, name: str, *, default_branch_only: bool = False
) -> Repository:
    """Fork a repository; an owner's fork of it that is there already is given back.

    Args:
        forge: The state.
        parent: What is forked.
        actor: Who does it.
        owner: Whose the fork is to be: the actor's login, or an organisation's.
        name: What it is to be called; a number is added where the owner has something of that name.
        default_branch_only: Whether to leave the other branches behind.

    Raises:
        RefusedError: 422, there is nothing to fork yet.
    """
    there = next((one for one in heads.forks(forge, parent) if one.owner.lower() == owner.lower()), None)
    if there:
        return there
    if not forge.refs.of(parent.id):
        message = (
            "The repository exists, but it contains no Git content. Empty repositories cannot be forked."
        )
        raise unprocessable(message)
    made = forge.repositories.add(_child(forge, parent, actor, owner, name))
    branches = f"{refs.HEADS}{parent.default_branch if default_branch_only else '*'}"
    forge.git(made).create(made.default_branch)
    heads.bring(forge.git(parent), forge.git(made), f"+{branches}:{branches}")
    refs.adopt(forge, made)
    events.fork(forge, parent, actor, made)
    return made


def delete(forge: Forge, repository: Repository) -> None:
    """Delete a repository with everything in it; pulls from it live on in what it was forked from."""
    for pull in forge.pulls_of(repository):
        _clear(forge.reviews, forge.reviews.of(pull.id))
        _clear(forge.comments, forge.comments.of(pull.id))
        _clear(forge.review_comments, forge.review_comments.of(pull.id))
        forge.pulls.drop(pull)
    number = repository.id
    _clear(forge.refs, forge.refs.of(number))
    _clear(forge.labels, forge.labels.of(number))
    for hook in forge.hooks.of(number):
        _clear(forge.deliveries, forge.deliveries.of(hook.id))
        forge.hooks.drop(hook)
    _clear(forge.protections, forge.protections.of(number))
    _clear(forge.required_reviews, forge.required_reviews.of(number))
    _clear(forge.required_checks, forge.required_checks.of(number))
    _clear(forge.statuses, [one for one in forge.statuses.all() if one.repository == number])
    _clear(forge.commit_comments, [one for one in forge.commit_comments.all() if one.repository == number])
    for child in heads.forks(forge, repository):
        forge.repositories.put(replace(child, parent=repository.parent))
    forge.repositories.drop(repository)
    shutil.rmtree(forge.git(repository).path)


def _clear(table: Table[R], records: Iterable[R]) -> None:
    for record in records:
        table.drop(record)


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
