"""Users, organisations and teams as GitHub shows them: https://docs.github.com/rest/users."""

import base64
from typing import Any
from urllib.parse import quote

from controller.sandbox.forge import allows
from controller.sandbox.nouns import Organization, Repository, Role, User
from controller.sandbox.view import View

Json = dict[str, Any]

LEVELS: dict[str, Role] = {
    "admin": "admin",
    "maintain": "maintain",
    "push": "write",
    "triage": "triage",
    "pull": "read",
}
"""The words that a team's or a collaborator's permission is given in."""
_LINKS = {
    "followers_url": "followers",
    "following_url": "following{/other_user}",
    "gists_url": "gists{/gist_id}",
    "starred_url": "starred{/owner}{/repo}",
    "subscriptions_url": "subscriptions",
    "organizations_url": "orgs",
    "repos_url": "repos",
    "events_url": "events{/privacy}",
    "received_events_url": "received_events",
}


def node_id(noun: str, record_id: int) -> str:
    """A record's name in GraphQL, such as `PR_MTI`."""
    return f"{noun}_{base64.urlsafe_b64encode(str(record_id).encode()).decode().rstrip('=')}"


def account(view: View, login: str) -> Json:
    """A user or an organisation by login, in GitHub's "simple user" form."""
    found = view.forge.users.find(login.lower())
    if found:
        return simple_user(view, found)
    owner = view.forge.organizations.find(login.lower())
    number = owner.id if owner else 0
    return _account(view, login, ("Organization" if owner else "User", "O" if owner else "U", number))


def simple_user(view: View, user: User) -> Json:
    """A user in GitHub's short form; a bot's page is its App's."""
    if user.type == "User":
        return _account(view, user.login, ("User", "U", user.id))
    shown = _account(view, user.login, ("Bot", "BOT", user.id))
    return {**shown, "html_url": f"{view.web}/apps/{user.login.removesuffix('[bot]')}"}


def person(view: View, login: str | None) -> Json | None:
    """A user by login, None for nobody."""
    return account(view, login) if login else None


def full_user(view: View, user: User, *, own: bool) -> Json:
    """A user in GitHub's long form.

    Args:
        view: For whom.
        user: Who is shown.
        own: Whether they ask for themselves (then the mail address is shown).
    """
    details = {
        "name": user.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": user.email if own else None,
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": user.created_at,
        "updated_at": user.created_at,
    }
    return {**simple_user(view, user), **details}


def collaborator(view: View, repository: Repository, user: User) -> Json:
    """A user with what they may do in a repository."""
    held = view.forge.role(repository, user)
    return {**simple_user(view, user), "permissions": permissions(held), "role_name": held}


def permissions(held: Role) -> dict[str, bool]:
    """A role as GitHub's five permission flags."""
    return {flag: allows(held, needed) for flag, needed in LEVELS.items()}


def level(held: Role) -> str:
    """A role in the word that a team's permission has for it."""
    return next((word for word, role in LEVELS.items() if role == held), "pull")


def organization(view: View, found: Organization) -> Json:
    """An organisation in GitHub's long form."""
    details = {
        "name": found.name,
        "is_verified": False,
        "has_organization_projects": False,
        "has_repository_projects": False,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "html_url": f"{view.web}/{found.login}",
        "created_at": found.created_at,
        "updated_at": found.created_at,
        "archived_at": None,
        "type": "Organization",
    }
    return {**simple_organization(view, found), **details}


def simple_organization(view: View, found: Organization) -> Json:
    """An organisation in GitHub's short form."""
    url = f"{view.api}/orgs/{found.login}"
    return {
        "login": found.login,
        "id": found.id,
        "node_id": node_id("O", found.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{view.web}/avatars/{found.login}",
        "description": "",
    }


def _account(view: View, login: str, what: tuple[str, str, int]) -> Json:
    kind, noun, number = what
    url = f"{view.api}/users/{quote(login)}"
    return {
        "login": login,
        "id": number,
        "node_id": node_id(noun, number),
        "avatar_url": f"{view.web}/avatars/{quote(login)}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{view.web}/{quote(login)}",
        **{name: f"{url}/{suffix}" for name, suffix in _LINKS.items()},
        "type": kind,
        "site_admin": False,
    }
