"""Users, organisations, teams and the rate limit: https://docs.github.com/rest/users and https://docs.github.com/rest/teams."""

import time

from controller.sandbox.errors import not_found
from controller.sandbox.nouns import Organization, Team
from controller.sandbox.render.users import (
    Json,
    account,
    full_user,
    organization,
    simple_user,
    team,
    team_url,
)
from controller.sandbox.rest.answers import Answer, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import endpoints

RATE_LIMIT = 5_000
_HOUR = 3_600


def get_authenticated(call: Call) -> Answer:
    """Who the token speaks for."""
    return ok(full_user(call.view, call.user, own=True))


def get_user(call: Call) -> Answer:
    """A user by login."""
    found = call.forge.user(call.path["username"])
    return ok(full_user(call.view, found, own=found == call.view.viewer))


def get_rate_limit(_call: Call) -> Answer:
    """GitHub's limits; a box shows them and never enforces them."""
    limit: Json = {"limit": RATE_LIMIT, "used": 0, "remaining": RATE_LIMIT, "reset": next_reset()}
    return ok({"resources": dict.fromkeys(("core", "search", "graphql"), limit), "rate": limit})


def next_reset() -> int:
    """When the rate limit's hour ends, in seconds since 1970."""
    return (int(time.time()) // _HOUR + 1) * _HOUR


def get_organization(call: Call) -> Answer:
    """An organisation by login."""
    return ok(organization(call.view, _organization(call)))


def list_organization_members(call: Call) -> Answer:
    """An organisation's members."""
    found = _own_organization(call)
    return call.listed(found.members, lambda login: account(call.view, login))


def check_organization_member(call: Call) -> Answer:
    """204 for a member, 404 for anybody else."""
    if call.path["username"].lower() not in {login.lower() for login in _own_organization(call).members}:
        raise not_found()
    return nothing()


def list_teams(call: Call) -> Answer:
    """An organisation's teams."""
    found = _own_organization(call)
    return call.listed(call.forge.teams.of(found.login), lambda one: team(call.view, one))


def get_team(call: Call) -> Answer:
    """A team by its slug or by ids."""
    return ok(team(call.view, _team(call)))


def list_team_members(call: Call) -> Answer:
    """A team's members; `role` narrows them to `maintainer` or `member`."""
    found = _team(call)
    wanted = call.query.get("role", "all")
    logins = [login for login in found.members if wanted in ("all", _team_role(found, login))]
    return call.listed(logins, lambda login: simple_user(call.view, call.forge.user(login)))


def check_team_member(call: Call) -> Answer:
    """204 for a member, 404 for anybody else."""
    _member(call, _team(call))
    return nothing()


def get_team_membership(call: Call) -> Answer:
    """What somebody is in a team; 404 if they are not in it."""
    found = _team(call)
    login = _member(call, found)
    url = f"{team_url(call.view, found)}/memberships/{login}"
    return ok({"url": url, "role": _team_role(found, login), "state": "active"})


def _team_role(found: Team, login: str) -> str:
    return "maintainer" if login in found.maintainers else "member"


def _member(call: Call, found: Team) -> str:
    wanted = call.path["username"].lower()
    login = next((login for login in found.members if login.lower() == wanted), None)
    if login is None:
        raise not_found()
    return login


def _organization(call: Call) -> Organization:
    name = call.path["org"]
    found = call.forge.organizations.find(name.lower())
    if found is None and name.isdecimal():
        found = call.forge.organizations.get(int(name))
    if found is None:
        raise not_found()
    return found


def _own_organization(call: Call) -> Organization:
    # Teams and private memberships are shown to the organisation's own people only.
    found = _organization(call)
    if call.user.login not in found.members:
        raise not_found()
    return found


def _team(call: Call) -> Team:
    owner, name = _own_organization(call), call.path["team"]
    found = call.forge.teams.find((owner.login, name.lower()))
    if found is None and name.isdecimal():
        found = call.forge.teams.get(int(name))
    if found is None:
        raise not_found()
    return found


ENDPOINTS = (
    *endpoints(
        "/user",
        "users/users",
        (),
        ("GET ", get_authenticated),
    ),
    *endpoints(
        "/users/{username}",
        "users/users",
        (),
        ("GET ", get_user),
    ),
    *endpoints(
        "/rate_limit",
        "rate-limit/rate-limit",
        (),
        ("GET ", get_rate_limit),
    ),
    *endpoints(
        "/orgs/{org}",
        "orgs/orgs",
        ("members",),
        ("GET ", get_organization),
        ("GET /members", list_organization_members),
        ("GET /members/{username}", check_organization_member),
        ("GET /teams", list_teams),
    ),
    *endpoints(
        "/orgs/{org}/teams/{team}",
        "teams/teams",
        ("members",),
        ("GET ", get_team),
        ("GET /members", list_team_members),
        ("GET /members/{username}", check_team_member),
        ("GET /memberships/{username}", get_team_membership),
    ),
    *endpoints(
        "/organizations/{org}/team/{team}",
        "teams/teams",
        ("members",),
        ("GET ", get_team),
        ("GET /members", list_team_members),
        ("GET /members/{username}", check_team_member),
        ("GET /memberships/{username}", get_team_membership),
    ),
)
