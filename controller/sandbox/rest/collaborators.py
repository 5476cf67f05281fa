"""Who may do what in a repository: https://docs.github.com/rest/collaborators/collaborators."""

from dataclasses import replace

from controller.sandbox.errors import forbidden, not_found
from controller.sandbox.forge import now
from controller.sandbox.nouns import Repository, Role, User
from controller.sandbox.render.repositories import repository_url, simple_repository
from controller.sandbox.render.users import LEVELS, Json, collaborator, node_id, simple_user
from controller.sandbox.rest.answers import Answer, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import REPO, endpoints
from controller.sandbox.rest.fields import one_of

_LEGACY = {"maintain": "write", "triage": "read"}


def list_collaborators(call: Call) -> Answer:
    """Everybody who may read, or with `affiliation=direct` those who were let in by name; for those who may push."""
    repository = call.repository("write")
    direct = call.query.get("affiliation") == "direct"
    people = [
        user
        for user in call.forge.users.all()
        if user.type == "User"
        and (user.login in repository.roles if direct else call.forge.role(repository, user) != "none")
    ]
    return call.listed(people, lambda user: collaborator(call.view, repository, user))


def check_collaborator(call: Call) -> Answer:
    """204 for a collaborator, 404 for anybody else."""
    if call.forge.role(call.repository(), _person(call)) == "none":
        raise not_found()
    return nothing()


def get_permission(call: Call) -> Answer:
    """What somebody may do, with GitHub's old four words in `permission`."""
    repository, user = call.repository(), _person(call)
    held = call.forge.role(repository, user)
    shown = collaborator(call.view, repository, user)
    return ok({"permission": _LEGACY.get(held, held), "role_name": held, "user": shown})


def put_collaborator(call: Call) -> Answer:
    """Let somebody in; for admins.

    GitHub invites who is not of the organisation, and answers 201 with the invitation. So does a box; but as it has nobody
    who would accept, whoever is invited has accepted. A change for somebody who is in is 204.
    """
    repository, user = call.repository("admin"), _person(call)
    level = one_of("permission", call.opt("permission", str) or "push", LEVELS)
    owner = call.forge.organizations.find(repository.owner.lower())
    known = user.login in repository.roles or (owner is not None and user.login in owner.members)
    roles: dict[str, Role] = {**repository.roles, user.login: LEVELS[level]}
    call.forge.repositories.put(replace(repository, roles=roles))
    return nothing() if known else Answer(201, _invitation(call, repository, user, LEVELS[level]))


def delete_collaborator(call: Call) -> Answer:
    """Take back what somebody was given by name; for admins, and for themselves."""
    repository, user = call.repository(), _person(call)
    if user != call.view.viewer and not call.may(repository, "admin"):
        raise forbidden("Must have admin rights to Repository.")
    roles = {login: role for login, role in repository.roles.items() if login != user.login}
    call.forge.repositories.put(replace(repository, roles=roles))
    return nothing()


def _person(call: Call) -> User:
    return call.forge.user(call.path["username"])


def _invitation(call: Call, repository: Repository, user: User, held: Role) -> Json:
    number = call.forge.store.next_id()
    return {
        "id": number,
        "node_id": node_id("RI", number),
        "repository": simple_repository(call.view, repository),
        "invitee": simple_user(call.view, user),
        "inviter": simple_user(call.view, call.user),
        "permissions": held,
        "created_at": now(),
        "url": f"{repository_url(call.view, repository)}/invitations/{number}",
        "html_url": f"{call.view.web}/{repository.full_name}/invitations",
        "expired": False,
    }


ENDPOINTS = (
    *endpoints(
        REPO + "/collaborators",
        "collaborators/collaborators",
        ("metadata",),
        ("GET ", list_collaborators),
        ("GET /{username}", check_collaborator),
        ("GET /{username}/permission", get_permission),
    ),
    *endpoints(
        REPO + "/collaborators/{username}",
        "collaborators/collaborators",
        ("administration",),
        ("PUT ", put_collaborator),
        ("DELETE ", delete_collaborator),
    ),
)
