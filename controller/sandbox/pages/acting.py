"""A button does exactly what the API does, for whoever is signed in."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import RedirectResponse, Response

from controller.sandbox.errors import RefusedError
from controller.sandbox.nouns import App
from controller.sandbox.pages.visit import Visit
from controller.sandbox.render.users import Json
from controller.sandbox.rest.answers import Answer
from controller.sandbox.rest.call import Call
from controller.sandbox.view import View

_SEE_OTHER = 303


def act(
    visit: Visit, handler: Callable[[Call], Answer], body: Mapping[str, Any] | None = None, **path: str
) -> Any:
    """Call an endpoint's handler as whoever is signed in.

    Args:
        visit: Where the button was pressed.
        handler: The endpoint's.
        body: The call's body.
        path: Parameters of the endpoint's address that the page's own does not have.

    Returns:
        The answer's body.

    Raises:
        RefusedError: What the API refuses, a page refuses.
    """
    return handler(_call(visit, visit.view, body or {}, path)).body


def act_as(visit: Visit, app: App, handler: Callable[[Call], Answer]) -> Any:
    """Call an endpoint's handler as an App, for what is the App's alone to ask."""
    return handler(_call(visit, replace(visit.view, grant=app), {}, {})).body


def given(visit: Visit, *names: str) -> Json:
    """The fields of a form that somebody filled in; a browser's line ends become git's."""
    values = {name: visit.form.get(name, "").replace("\r\n", "\n") for name in names}
    return {name: value for name, value in values.items() if value.strip()}


def go(address: str) -> Response:
    """Answer a form with the page to look at next."""
    return RedirectResponse(address, _SEE_OTHER)


def words(refused: RefusedError) -> tuple[str, ...]:
    """A refusal in GitHub's words."""
    more = (one if isinstance(one, str) else _item(one) for one in refused.errors)
    return (refused.message, *more)


def _call(visit: Visit, view: View, body: Mapping[str, Any], path: Mapping[str, str]) -> Call:
    return Call(
        view=view,
        path={**visit.path, **path},
        query={},
        headers={},
        raw=json.dumps(body).encode(),
        url=str(visit.request.url),
    )


def _item(error: Json) -> str:
    named = " ".join(str(error[name]) for name in ("resource", "field", "code") if name in error)
    return str(error.get("message", named))
