"""Teams as GitHub shows them: https://docs.github.com/rest/teams/teams."""

from controller.sandbox.nouns import Organization, Role, Team
from controller.sandbox.render.users import (
    Json,
    level,
    node_id,
    organization,
    permissions,
    simple_organization,
    simple_user,
)
from controller.sandbox.view import View


def team(view: View, found: Team) -> Json:
    """A team in the form that lists hold."""
    url = team_url(view, found)
    return {
        "id": found.id,
        "node_id": node_id("T", found.id),
        "url": url,
        "html_url": f"{view.web}/orgs/{found.organization}/teams/{found.slug}",
        "name": found.name,
        "slug": found.slug,
        "description": found.description,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "type": "organization",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "parent": None,
    }


def full(view: View, found: Team) -> Json:
    """A team in GitHub's long form."""
    owner = view.forge.organizations.find(found.organization.lower())
    reached = [one for one in view.forge.repositories.of(found.organization) if found.slug in one.team_roles]
    return {
        **team(view, found),
        "members_count": len(found.members),
        "repos_count": len(reached),
        "created_at": found.created_at,
        "updated_at": found.created_at,
        "organization": organization(view, owner) if owner else None,
    }


def with_role(view: View, found: Team, held: Role) -> Json:
    """A team with what its members may do in a repository."""
    return {**team(view, found), "permission": level(held), "permissions": permissions(held)}


def team_url(view: View, found: Team) -> str:
    """A team's address, by ids as GitHub gives it."""
    owner = view.forge.organizations.find(found.organization.lower())
    return f"{view.api}/organizations/{owner.id if owner else 0}/team/{found.id}"


def team_membership(view: View, found: Team, login: str) -> Json:
    """What somebody is in a team; whoever is put into one is in it, for a box has nobody who would accept an invitation."""
    office = "maintainer" if login in found.maintainers else "member"
    return {"url": f"{team_url(view, found)}/memberships/{login}", "role": office, "state": "active"}


def membership(view: View, found: Organization, login: str) -> Json:
    """What somebody is in an organisation."""
    shown = simple_organization(view, found)
    return {
        "url": f"{shown['url']}/memberships/{login}",
        "state": "active",
        "role": "admin" if login in found.admins else "member",
        "organization_url": shown["url"],
        "organization": shown,
        "user": simple_user(view, view.forge.user(login)),
    }
