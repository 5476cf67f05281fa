"""Organisations and their members: https://docs.github.com/rest/orgs."""

from controller.sandbox.accounts.installation_tokens import installation_of
from controller.sandbox.errors import forbidden, not_found
from controller.sandbox.nouns import InstallationToken, Organization
from controller.sandbox.render.teams import membership
from controller.sandbox.render.users import account, organization
from controller.sandbox.rest.answers import Answer, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import endpoints


def get_organization(call: Call) -> Answer:
    """An organisation by login."""
    return ok(organization(call.view, _organization(call)))


def list_members(call: Call) -> Answer:
    """An organisation's members."""
    found = own_organization(call)
    return call.listed(found.members, lambda login: account(call.view, login))


def check_member(call: Call) -> Answer:
    """204 for a member, 404 for anybody else."""
    _member(call, own_organization(call))
    return nothing()


def get_membership(call: Call) -> Answer:
    """What somebody is in an organisation; 404 if they are not in it."""
    found = own_organization(call)
    return ok(membership(call.view, found, _member(call, found)))


def own_organization(call: Call, *, admin: bool = False) -> Organization:
    """The organisation in the path, for its own people and for what is installed on it.

    Args:
        call: The call.
        admin: Whether it is for its owners only.

    Raises:
        RefusedError: 404, the caller does not belong there; 403, and owns nothing there.
    """
    found = _organization(call)
    if isinstance(call.view.grant, InstallationToken):
        if installation_of(call.forge, call.view.grant).account != found.login:
            raise not_found()
        return found
    # Teams and private memberships are shown to the organisation's own people only.
    if call.user.login not in (*found.members, *found.admins):
        raise not_found()
    if admin and call.user.login not in found.admins:
        raise forbidden("Must have admin rights to Organization.")
    return found


def _organization(call: Call) -> Organization:
    known, by_id = call.forge.organizations, "org_id" in call.path
    found = known.get(call.number("org_id")) if by_id else known.find(call.path["org"].lower())
    if found is None:
        raise not_found()
    return found


def _member(call: Call, found: Organization) -> str:
    wanted = call.path["username"].lower()
    login = next((login for login in found.members if login.lower() == wanted), None)
    if login is None:
        raise not_found()
    return login


ENDPOINTS = (
    *endpoints(
        "/orgs/{org}",
        "orgs/orgs",
        (),
        ("GET ", get_organization),
    ),
    *endpoints(
        "/orgs/{org}",
        "orgs/members",
        ("members",),
        ("GET /members", list_members),
        ("GET /members/{username}", check_member),
        ("GET /memberships/{username}", get_membership),
    ),
)
