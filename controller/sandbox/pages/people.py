"""Whom there is: profiles and faces."""

import hashlib

from starlette.responses import Response

from controller.sandbox.errors import not_found
from controller.sandbox.pages.page import FOLDER, shown
from controller.sandbox.pages.visit import Visit

_CELLS = 5
_ASSET = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}
_LONG, _SHORT = {"Cache-Control": "max-age=31536000, immutable"}, {"Cache-Control": "max-age=3600"}


def front(visit: Visit) -> Response:
    """Every repository of the box."""
    return shown(visit, "front.html.j2", repositories=visit.forge.repositories.all())


def profile(visit: Visit) -> Response:
    """A person, or an organisation with its repositories and teams."""
    login = visit.path["login"].lower()
    person, owner = visit.forge.users.find(login), visit.forge.organizations.find(login)
    found = person or owner
    if found is None:
        raise not_found()
    return shown(
        visit,
        "profile.html.j2",
        who=found,
        members=owner.members if owner else (),
        # A team's own address, /orgs/acme/teams/platform, is the API's here.
        teams=visit.forge.teams.of(owner.login) if owner else [],
        repositories=[one for one in visit.forge.repositories.all() if one.owner.lower() == login],
    )


def avatar(visit: Visit) -> Response:
    """A face for a login: a pattern that mirrors itself, the same every time."""
    digest = hashlib.sha256(visit.path["login"].lower().encode()).digest()
    hue = int.from_bytes(digest[:2], "big") % 360
    # Half of a half: the cells whose bytes are the smallest.
    places = sorted((digest[2 + _CELLS * x + y], x, y) for x in range(3) for y in range(_CELLS))[:8]
    cells = sorted({cell for _, x, y in places for cell in ((x, y), (_CELLS - 1 - x, y))})
    squares = "".join(f'<rect x="{x + 1}" y="{y + 1}" width="1" height="1"/>' for x, y in cells)
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 7 7" shape-rendering="crispEdges">'
        f'<rect width="7" height="7" fill="#f0f2f4"/><g fill="hsl({hue} 50% 48%)">{squares}</g></svg>'
    )
    return Response(picture, headers={**_ASSET, **_SHORT}, media_type="image/svg+xml")


def style(_visit: Visit) -> Response:
    """The one style sheet; its address changes with it."""
    return Response((FOLDER / "style.css").read_text(), headers={**_ASSET, **_LONG}, media_type="text/css")
