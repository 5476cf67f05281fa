"""Teams, their members and repositories: https://docs.github.com/rest/teams."""

from controller.sandbox.accounts import teams
from controller.sandbox.errors import forbidden, not_found
from controller.sandbox.nouns import Organization, Role, Team
from controller.sandbox.render.repositories import repository as shown_repository
from controller.sandbox.render.repositories import simple_repository
from controller.sandbox.render.teams import full, team, team_membership, with_role
from controller.sandbox.render.users import LEVELS, permissions, simple_user
from controller.sandbox.rest.answers import Answer, created, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import REPO, Endpoint, endpoints
from controller.sandbox.rest.fields import one_of, strings
from controller.sandbox.rest.organizations import own_organization

# The address that GitHub's own answers have.
_BY_ID = "/organizations/{org_id}/team/{team_id}"
_WITH_REPOSITORY = "application/vnd.github.v3.repository+json"


def list_teams(call: Call) -> Answer:
    """An organisation's teams."""
    found = own_organization(call)
    return call.listed(call.forge.teams.of(found.login), lambda one: team(call.view, one))


def create_team(call: Call) -> Answer:
    """Make a team, with its maintainers and repositories; any member may."""
    owner = own_organization(call)
    name, description = call.take("name", str), call.opt("description", str) or ""
    people = [call.forge.user(login) for login in strings("maintainers", call.json().get("maintainers"))]
    names = [one.partition("/") for one in strings("repo_names", call.json().get("repo_names"))]
    given = [call.at(owner=login, repo=repo).repository("admin") for login, _, repo in names]
    made = teams.create(call.forge, owner, name, description, call.user)
    for user in people:
        made = teams.put_member(call.forge, made, user, maintainer=True)
    for repository in given:
        teams.grant(call.forge, made, repository, "read")
    return created(full(call.view, made))


def get_team(call: Call) -> Answer:
    """A team by its slug or by ids."""
    return ok(full(call.view, _team(call)))


def list_members(call: Call) -> Answer:
    """A team's members; `role` narrows them to `maintainer` or `member`."""
    found, wanted = _team(call), call.query.get("role", "all")
    logins = [
        login
        for login in found.members
        if wanted in ("all", "maintainer" if login in found.maintainers else "member")
    ]
    return call.listed(logins, lambda login: simple_user(call.view, call.forge.user(login)))


def check_member(call: Call) -> Answer:
    """204 for a member, 404 for anybody else."""
    _member(call, _team(call))
    return nothing()


def get_membership(call: Call) -> Answer:
    """What somebody is in a team; 404 if they are not in it."""
    found = _team(call)
    return ok(team_membership(call.view, found, _member(call, found)))


def put_membership(call: Call) -> Answer:
    """Put somebody into a team; the organisation's owners and the team's maintainers may."""
    found, user = _own_team(call), call.forge.user(call.path["username"])
    office = one_of("role", call.opt("role", str) or "member", ("member", "maintainer"))
    changed = teams.put_member(call.forge, found, user, maintainer=office == "maintainer")
    return ok(team_membership(call.view, changed, user.login))


def delete_membership(call: Call) -> Answer:
    """Take somebody out of a team; they may themselves, too."""
    user = call.forge.user(call.path["username"])
    found = _team(call) if user == call.view.viewer else _own_team(call)
    _member(call, found)
    teams.drop_member(call.forge, found, user)
    return nothing()


def list_repositories(call: Call) -> Answer:
    """The repositories that a team was given something in."""
    found = _team(call)
    own = [one for one in call.forge.repositories.of(found.organization) if found.slug in one.team_roles]
    return call.listed(own, lambda one: simple_repository(call.view, one))


def check_repository(call: Call) -> Answer:
    """204 for a repository of the team's, or what it may do there where `Accept` asks for it; 404 for any other."""
    found, repository = _team(call), call.repository()
    held: Role = repository.team_roles.get(found.slug, "none")
    if held == "none":
        raise not_found()
    if _WITH_REPOSITORY not in call.headers.get("accept", ""):
        return nothing()
    shown = shown_repository(call.view, repository)
    del shown["has_discussions"]
    return ok({**shown, "permissions": permissions(held), "role_name": held})


def put_repository(call: Call) -> Answer:
    """Say what a team may do in a repository; for the repository's admins."""
    found, repository = _team(call), call.repository("admin")
    level = one_of("permission", call.opt("permission", str) or "push", LEVELS)
    teams.grant(call.forge, found, repository, LEVELS[level])
    return nothing()


def delete_repository(call: Call) -> Answer:
    """Take a repository off a team; for the repository's admins."""
    teams.grant(call.forge, _team(call), call.repository("admin"), "none")
    return nothing()


def list_teams_of_repository(call: Call) -> Answer:
    """The teams that were given something in a repository; for those who may push."""
    repository = call.repository("write")
    own = [one for one in call.forge.teams.of(repository.owner) if one.slug in repository.team_roles]
    return call.listed(own, lambda one: with_role(call.view, one, repository.team_roles[one.slug]))


def _member(call: Call, found: Team) -> str:
    wanted = call.path["username"].lower()
    login = next((login for login in found.members if login.lower() == wanted), None)
    if login is None:
        raise not_found()
    return login


def _team(call: Call) -> Team:
    return _found(call, own_organization(call))


def _found(call: Call, owner: Organization) -> Team:
    known, by_id = call.forge.teams, "team_id" in call.path
    key = (owner.login, call.path.get("team", "").lower())
    found = known.get(call.number("team_id")) if by_id else known.find(key)
    if found is None or found.organization != owner.login:
        raise not_found()
    return found


def _own_team(call: Call) -> Team:
    owner = own_organization(call)
    found = _found(call, owner)
    if call.view.grant is None and call.user.login not in (*owner.admins, *found.maintainers):
        raise forbidden("You must be an organization owner or team maintainer to update a team membership.")
    return found


def _of_team(base: str) -> tuple[Endpoint, ...]:
    reach = base + "/repos/{owner}/{repo}"
    return (
        *endpoints(
            base,
            "teams/teams",
            ("members",),
            ("GET ", get_team),
            ("GET /repos", list_repositories),
        ),
        *endpoints(
            base,
            "teams/members",
            ("members",),
            ("GET /members", list_members),
            ("GET /memberships/{username}", get_membership),
            ("PUT /memberships/{username}", put_membership),
            ("DELETE /memberships/{username}", delete_membership),
        ),
        *endpoints(reach, "teams/teams", ("members=read,metadata=read",), ("GET ", check_repository)),
        *endpoints(
            reach,
            "teams/teams",
            ("administration,members=read",),
            ("PUT ", put_repository),
            ("DELETE ", delete_repository),
        ),
    )


ENDPOINTS = (
    *endpoints(
        "/orgs/{org}/teams",
        "teams/teams",
        ("members",),
        ("GET ", list_teams),
        ("POST ", create_team),
    ),
    *_of_team("/orgs/{org}/teams/{team}"),
    *_of_team(_BY_ID),
    *endpoints(
        _BY_ID,
        "teams/members",
        ("members",),
        ("GET /members/{username}", check_member),
    ),
    *endpoints(
        REPO + "/teams",
        "repos/repos",
        ("administration",),
        ("GET ", list_teams_of_repository),
    ),
)
