"""Who is signed in where: sessions in memory, each with a cookie of its own and a token that its forms carry."""

import ipaddress
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from starlette.requests import Request
from starlette.responses import Response

_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Notice:
    """What the next page says: what went wrong, and what had been typed into the form that it was about."""

    words: tuple[str, ...]
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser; `key` is what its cookie holds, `token` what its forms hold, `login` who is signed in."""

    key: str
    token: str
    login: str | None = None
    notice: Notice | None = None


class Sessions:
    """The newest sessions of a box; they end with it."""

    def __init__(self) -> None:
        self._by_key: OrderedDict[str, Session] = OrderedDict()

    def of(self, request: Request) -> Session | None:
        """The session of a browser, None for one that has none."""
        return self._by_key.get(request.cookies.get(_cookie(request), ""))

    def begin(self, login: str | None = None) -> Session:
        """A new session, of somebody or of nobody yet."""
        session = Session(secrets.token_urlsafe(), secrets.token_urlsafe(), login)
        self._by_key[session.key] = session
        if len(self._by_key) > _MOST:
            self._by_key.popitem(last=False)
        return session

    def end(self, session: Session) -> None:
        """Forget a session."""
        self._by_key.pop(session.key, None)

    def leave(self, session: Session, notice: Notice | None) -> None:
        """Leave a notice for the session's next page, or take it away."""
        self._by_key[session.key] = replace(session, notice=notice)


def remember(response: Response, request: Request, session: Session) -> Response:
    """Give a browser its session's cookie."""
    response.set_cookie(_cookie(request), session.key, httponly=True, samesite="lax")
    return response


def forget(response: Response, request: Request) -> Response:
    """Take a browser's cookie away."""
    response.delete_cookie(_cookie(request), httponly=True, samesite="lax")
    return response


def is_own_host(name: str) -> bool:
    """Whether a host's name cannot be one that a stranger's DNS lets point here: an address, or a name without dots."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(".localhost")
    return True


def _cookie(request: Request) -> str:
    # Browsers keep cookies by host; two boxes of one machine differ in nothing but the port.
    return f"box_{request.url.port or 80}"
