"""Teams: who is in them, and what they may do where: https://docs.github.com/rest/teams."""

import re
import unicodedata
from dataclasses import replace

from controller.sandbox.errors import forbidden, invalid
from controller.sandbox.forge import Forge, now
from controller.sandbox.nouns import Organization, Repository, Role, Team, User


def create(forge: Forge, owner: Organization, name: str, description: str, creator: User) -> Team:
    """Make a team; whoever makes it maintains it.

    Raises:
        RefusedError: 422, there is a team of that name.
    """
    slug = slug_of(name)
    if not slug or forge.teams.find((owner.login, slug)):
        raise invalid("Team", "Name must be unique for this org", "name", "already_exists")
    people = (creator.login,) if creator.type == "User" else ()
    return forge.teams.add(
        Team(
            organization=owner.login,
            slug=slug,
            name=name,
            description=description,
            maintainers=people,
            members=people,
            created_at=now(),
        )
    )


def slug_of(name: str) -> str:
    """A team's name as addresses have it: `My TEam Näme` is `my-team-name`, says https://docs.github.com/rest/teams/teams."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"\w+", plain))


def put_member(forge: Forge, team: Team, user: User, *, maintainer: bool) -> Team:
    """Put somebody into a team, and into its organisation; a box has nobody who would accept an invitation."""
    owner = forge.organizations.find(team.organization.lower())
    if owner and user.login not in owner.members:
        forge.organizations.put(replace(owner, members=(*owner.members, user.login)))
    others = tuple(login for login in team.maintainers if login != user.login)
    members = tuple(dict.fromkeys((*team.members, user.login)))
    maintainers = (*others, user.login) if maintainer else others
    return forge.teams.put(replace(team, members=members, maintainers=maintainers))


def drop_member(forge: Forge, team: Team, user: User) -> Team:
    """Take somebody out of a team."""
    members, maintainers = (
        tuple(login for login in logins if login != user.login) for logins in (team.members, team.maintainers)
    )
    return forge.teams.put(replace(team, members=members, maintainers=maintainers))


def grant(forge: Forge, team: Team, repository: Repository, held: Role) -> Repository:
    """Say what a team may do in a repository; `none` takes it off.

    Raises:
        RefusedError: 403, the repository is another organisation's.
    """
    if repository.owner != team.organization:
        raise forbidden("Repository must be owned by the organization.")
    others = {slug: role for slug, role in repository.team_roles.items() if slug != team.slug}
    roles = others if held == "none" else {**others, team.slug: held}
    return forge.repositories.put(replace(repository, team_roles=roles))
