"""Whose review is asked for: https://docs.github.com/rest/pulls/review-requests."""

from collections.abc import Iterable
from dataclasses import replace

from controller.sandbox.forge import Forge, now
from controller.sandbox.nouns import Pull, Team, User
from controller.sandbox.render.teams import team
from controller.sandbox.render.users import Json, account
from controller.sandbox.rules import owners
from controller.sandbox.webhooks import events


def ask(forge: Forge, pull: Pull, actor: User, users: Iterable[User], teams: Iterable[Team]) -> Pull:
    """Ask people and teams for their review; those who were asked before are not asked again."""
    for user in users:
        if user.login not in pull.requested_reviewers:
            wanted = (*pull.requested_reviewers, user.login)
            pull = forge.pulls.put(replace(pull, requested_reviewers=wanted, updated_at=now()))
            _tell(forge, pull, actor, "review_requested", _person(forge, user))
    for one in teams:
        if one.slug not in pull.requested_teams:
            named = (*pull.requested_teams, one.slug)
            pull = forge.pulls.put(replace(pull, requested_teams=named, updated_at=now()))
            _tell(forge, pull, actor, "review_requested", _group(forge, one))
    return pull


def withdraw(forge: Forge, pull: Pull, actor: User, users: Iterable[User], teams: Iterable[Team]) -> Pull:
    """Ask people and teams no more."""
    for user in users:
        if user.login in pull.requested_reviewers:
            left = tuple(login for login in pull.requested_reviewers if login != user.login)
            pull = forge.pulls.put(replace(pull, requested_reviewers=left, updated_at=now()))
            _tell(forge, pull, actor, "review_request_removed", _person(forge, user))
    for one in teams:
        if one.slug in pull.requested_teams:
            rest = tuple(slug for slug in pull.requested_teams if slug != one.slug)
            pull = forge.pulls.put(replace(pull, requested_teams=rest, updated_at=now()))
            _tell(forge, pull, actor, "review_request_removed", _group(forge, one))
    return pull


def ask_owners(forge: Forge, pull: Pull, actor: User, asked: Iterable[str] = ()) -> Pull:
    """Ask the code owners of what a pull changes, but for its author.

    Args:
        forge: The state.
        pull: Which one; a draft's owners are left in peace.
        actor: By whose deed they are asked.
        asked: The groups of owners that were asked before.
    """
    if pull.draft:
        return pull
    before = {owner for group in asked for owner in group.split()}
    groups = owners.groups(forge, pull)
    named = list(dict.fromkeys(owner for group in groups for owner in group if owner not in before))
    teams = [found for owner in named if (found := owners.team_of(forge, owner))]
    people = [
        user for owner in named if not owners.team_of(forge, owner) for user in owners.users(forge, owner)
    ]
    return ask(forge, pull, actor, [user for user in people if user.login != pull.user], teams)


def answered(forge: Forge, pull: Pull, reviewer: str) -> Pull:
    """The pull once somebody has reviewed it: neither they nor their teams are asked any longer."""
    people = tuple(login for login in pull.requested_reviewers if login != reviewer)
    organization = forge.repository_of(pull).owner
    teams = tuple(
        slug
        for slug in pull.requested_teams
        if not (found := forge.teams.find((organization, slug))) or reviewer not in found.members
    )
    return forge.pulls.put(replace(pull, requested_reviewers=people, requested_teams=teams, updated_at=now()))


def _tell(forge: Forge, pull: Pull, actor: User, action: str, whom: Json) -> None:
    events.pull_request(forge, pull, actor, action, **whom)


def _person(forge: Forge, user: User) -> Json:
    return {"requested_reviewer": account(events.view(forge), user.login)}


def _group(forge: Forge, found: Team) -> Json:
    return {"requested_team": team(events.view(forge), found)}
