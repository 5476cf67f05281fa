"""Users: https://docs.github.com/rest/users."""

from controller.sandbox.render.users import full_user
from controller.sandbox.rest.answers import Answer, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import endpoints


def get_authenticated(call: Call) -> Answer:
    """Who the token speaks for."""
    return ok(full_user(call.view, call.user, own=True))


def get_user(call: Call) -> Answer:
    """A user by login."""
    found = call.forge.user(call.path["username"])
    return ok(full_user(call.view, found, own=found == call.view.viewer))


ENDPOINTS = (
    *endpoints(
        "/user",
        "users/users",
        "user",
        ("GET ", get_authenticated),
    ),
    *endpoints(
        "/users/{username}",
        "users/users",
        (),
        ("GET ", get_user),
    ),
)
