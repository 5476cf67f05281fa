"""Git over smart HTTP: git's own http-backend as CGI, with a token as the password.

See https://git-scm.com/docs/git-http-backend and
https://docs.github.com/get-started/git-basics/about-remote-repositories#cloning-with-https-urls.
"""

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import IO, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from controller.sandbox.accounts import access
from controller.sandbox.acts import queues, refs
from controller.sandbox.errors import RefusedError
from controller.sandbox.forge import Forge, allows
from controller.sandbox.git.cli import PROGRAM, environment
from controller.sandbox.nouns import Caller, InstallationToken, Level, Repository, User
from controller.sandbox.permissions import holds
from controller.sandbox.rules import push_rules
from controller.sandbox.view import View

_Body: TypeAlias = "tempfile.SpooledTemporaryFile[bytes]"

_IN_MEMORY = 1 << 20
_CHUNK = 1 << 16
_PUSH = "git-receive-pack"
_ENDS = {"info/refs": "GET", "git-upload-pack": "POST", _PUSH: "POST"}
_LOGIN = {"WWW-Authenticate": 'Basic realm="GitHub"'}


def routes(forge: Forge) -> list[Route]:
    """The three addresses of the smart protocol, with and without `.git`; at the top is the box's first repository."""

    async def serve(request: Request) -> Response:
        # The whole body is taken in first: git reads a push under the forge's lock, which no slow client may hold.
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            async for chunk in request.stream():
                spool.write(chunk)
            spool.rollover()
            spool.seek(0)
            return await run_in_threadpool(_served, forge, request, spool)

    names = ("/{owner}/{repo}.git/", "/{owner}/{repo}/", "/")
    return [Route(name + end, serve, methods=[method]) for name in names for end, method in _ENDS.items()]


def _served(forge: Forge, request: Request, body: _Body) -> Response:
    service = request.query_params.get("service") or request.url.path.rpartition("/")[2]
    try:
        with forge.lock:
            actor, repository = _admitted(forge, request, service)
            backend = _cgi(forge, repository, request)
            if request.method == "POST" and service == _PUSH:
                # Nobody may move a ref between what git reads of it, what it writes, and what is made of that.
                return _pushed(forge, repository, actor, backend, body)
    except RefusedError as refused:
        login = _LOGIN if refused.status == HTTPStatus.UNAUTHORIZED else {}
        return PlainTextResponse(f"{refused.message}\n", refused.status, login)
    process = _started(backend, body)
    status, headers = _head(process)
    return StreamingResponse(_rest(process), status, headers)


def _pushed(
    forge: Forge, repository: Repository, actor: User, backend: Mapping[str, str], body: _Body
) -> Response:
    with push_rules.environment(forge, repository, actor) as rules:
        process = _started({**backend, **rules}, body)
        status, headers = _head(process)
        content = b"".join(_rest(process))
    refs.sync(forge, repository, actor)
    queues.advance(forge)
    return Response(content, status, headers)


def _started(backend: Mapping[str, str], body: _Body) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        (PROGRAM, "http-backend"), env=backend, stdin=body.fileno(), stdout=subprocess.PIPE
    )


def _admitted(forge: Forge, request: Request, service: str) -> tuple[User, Repository]:
    caller = access.caller(forge, request.headers.get("authorization", ""))
    actor = access.actor(forge, caller)
    if actor is None:
        raise RefusedError(401, "No anonymous access.")
    grant = None if isinstance(caller, User) else caller
    found, view = _named(forge, request.path_params), View(forge, "", "", actor, grant)
    if found is None or view.role(found) == "none":
        raise RefusedError(404, "Repository not found.")
    if not _may(view, caller, found, "write" if service == _PUSH else "read"):
        raise RefusedError(403, f"Permission to {found.full_name}.git denied to {actor.login}.")
    return actor, found


def _may(view: View, caller: Caller, repository: Repository, needed: Level) -> bool:
    if isinstance(caller, InstallationToken):
        return holds(caller.permissions, "contents", needed)
    return allows(view.role(repository), needed)


def _named(forge: Forge, path: Mapping[str, str]) -> Repository | None:
    if "owner" in path:
        return forge.repositories.find(f"{path['owner']}/{path['repo']}".lower())
    return next(iter(forge.repositories.all()), None)


def _cgi(forge: Forge, repository: Repository, request: Request) -> Mapping[str, str]:
    end = next(end for end in _ENDS if request.url.path.endswith(f"/{end}"))
    headers = {
        "CONTENT_TYPE": "content-type",
        "HTTP_CONTENT_ENCODING": "content-encoding",
        "GIT_PROTOCOL": "git-protocol",
    }
    given = {name: request.headers[header] for name, header in headers.items() if header in request.headers}
    variables = environment({
        "GIT_PROJECT_ROOT": str(forge.repositories_dir),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{repository.full_name}.git/{end}",
        "QUERY_STRING": request.url.query,
        "REQUEST_METHOD": request.method,
        "REMOTE_USER": "git",
        **given,
    })  # fmt: skip
    del variables["GIT_DIR"]
    return variables


def _head(process: "subprocess.Popen[bytes]") -> tuple[int, dict[str, str]]:
    headers = dict[str, str]()
    while line := _output(process).readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name] = value.strip()
    return int(headers.pop("Status", "200").split()[0]), headers


def _rest(process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    with _output(process) as output:
        try:
            while chunk := output.read(_CHUNK):
                yield chunk
        finally:
            process.kill()
            process.wait()


def _output(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    if process.stdout is None:
        raise RefusedError(500, "git has no output")
    return process.stdout
