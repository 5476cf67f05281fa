"""Answers as HTTP has them: JSON, the headers that GitHub sends along, and what was not modified."""

import hashlib
import json
import uuid

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from controller.sandbox.errors import RefusedError
from controller.sandbox.rest.answers import Answer

_OK, _NOT_MODIFIED = 200, 304
_OF_THE_BODY = {"content-type", "content-length"}
_JSON = "application/json; charset=utf-8"
_USERLESS = (
    "\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header"
    " (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required)."
    " Check https://developer.github.com for other possible causes.\r\n"
)


def refused(problem: RefusedError, docs: str) -> Answer:
    """A refusal in GitHub's form: `{"message", "errors", "documentation_url", "status"}`."""
    errors = {"errors": list(problem.errors)} if problem.errors else {}
    about = {"documentation_url": problem.docs or docs, "status": str(problem.status)}
    return Answer(problem.status, {"message": problem.message, **errors, **about}, problem.headers)


def response(answer: Answer) -> Response:
    """An answer with the headers that GitHub sends along."""
    headers = {
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-GitHub-Request-Id": str(uuid.uuid4()).upper(),
        "Cache-Control": "private, max-age=60, s-maxage=60",
        "Vary": "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, X-Requested-With",
        **answer.headers,
    }
    if answer.body is None or isinstance(answer.body, bytes):
        return Response(answer.body, answer.status, headers)
    text = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, answer.status, headers, _JSON)


def conditional(answer: Answer, request: Request) -> Response:
    """An answer to a GET with its ETag; without its body for whoever has it already.

    See https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate.
    """
    found = response(answer)
    if request.method not in ("GET", "HEAD") or found.status_code != _OK:
        return found
    tag = hashlib.sha256(bytes(found.body)).hexdigest()
    found.headers["ETag"] = f'W/"{tag}"'
    had = request.headers.get("if-none-match", "")
    if tag not in had and had.strip() != "*":
        return found
    kept = {name: value for name, value in found.headers.items() if name not in _OF_THE_BODY}
    return Response(None, _NOT_MODIFIED, kept)


def userless() -> Response:
    """What GitHub says to who does not say what they are, before its API is asked."""
    return PlainTextResponse(_USERLESS, 403)
