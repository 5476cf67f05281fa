"""What an answer means that is none, or no good one: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from requests import Timeout
from requests.exceptions import InvalidHeader
from urllib3.exceptions import ReadTimeoutError

from controller.edge.github.reading import Mistake, mistakes, refusal
from controller.errors import GitHubError, GitHubLimited, GitHubNotFound, GitHubRefused

_FORGOTTEN = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_REFUSED = (HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)
_FORBIDDEN = ("FORBIDDEN", "INSUFFICIENT_SCOPES", "UNPROCESSABLE")
_MINUTE, _LONGEST = 60.0, 3600.0


class Unanswered(GitHubError):
    """A write that GitHub may have carried out or not: no answer came, or a 5xx."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: `headers` by lower-case name, `text` is the body."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def is_fine(self) -> bool:
        """Whether it is what was asked for; a redirect that was not followed is not."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_limit(self) -> bool:
        """Whether it says that we asked too much.

        A 403 may mean many things, and GraphQL says it in an answer that is fine
        (https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api).
        """
        match self.status:
            case HTTPStatus.TOO_MANY_REQUESTS:
                return True
            case HTTPStatus.FORBIDDEN:
                told = "retry-after" in self.headers or self.is_last
                return told or "rate limit" in refusal(self.text).lower()
            case HTTPStatus.OK if self.is_last:
                return any(one.type.startswith("RATE_LIMIT") for one in mistakes(self.text))
        return False

    @property
    def is_last(self) -> bool:
        """Whether nothing is left of what we may ask in this hour."""
        return self.headers.get("x-ratelimit-remaining") == "0"


class Limit:
    """GitHub's rate limits: until when we were told to be silent; who goes on asking may be shut out.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """

    def __init__(self) -> None:
        self._until, self._guess = 0.0, _MINUTE

    def check(self) -> None:
        """Say so instead of asking: a wait may be an hour, and whoever asks has a queue.

        Raises:
            GitHubLimited: We are to be silent.
        """
        left = self._until - time.time()
        if left > 0:
            until = datetime.fromtimestamp(self._until, UTC)
            raise GitHubLimited(f"GitHub's rate limit is used up until {until:%H:%M:%S} UTC", left)

    def learn(self, answer: Answer) -> None:
        """Take note of an answer.

        Raises:
            GitHubLimited: It says that we are to be silent.
        """
        if answer.is_limit:
            now = time.time()
            self._until = now + min(max(self._told(answer, now), 1.0), _LONGEST)
            self.check()

    def _told(self, answer: Answer, now: float) -> float:
        after, reset = (answer.headers.get(name, "") for name in ("retry-after", "x-ratelimit-reset"))
        if after.isdecimal():
            return float(after)
        return int(reset) - now if answer.is_last and reset.isdecimal() else self._guessed(now)

    def _guessed(self, now: float) -> float:
        """A minute, and twice as long each time that this was too short."""
        was_too_short = now - self._until < self._guess
        self._guess = min(2 * self._guess, _LONGEST) if was_too_short else _MINUTE
        return self._guess


def fault(question: str, answer: Answer) -> GitHubError:
    """The error for an answer that is not fine; of a write's 5xx nobody knows what came."""
    said = refusal(answer.text)
    text = f"GitHub answered {question} with {answer.status}" + (f": {said}" if said else "")
    if answer.status in _FORGOTTEN or said.startswith("No commit found"):
        return GitHubNotFound(text)
    if answer.status in _REFUSED:
        return GitHubRefused(text)
    is_open = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not question.startswith("GET ")
    return Unanswered(text) if is_open else GitHubError(text)


def graphql_fault(question: str, mistake: Mistake) -> GitHubError:
    """The error for what GraphQL could not answer: https://spec.graphql.org/October2021/#sec-Errors."""
    text = f"GitHub answered {question} with {mistake.text()}"
    if mistake.type == "NOT_FOUND":
        return GitHubNotFound(text)
    return GitHubRefused(text) if mistake.type in _FORBIDDEN else GitHubError(text)


def unreachable(question: str, error: Exception, timeout: int) -> GitHubError:
    """The error for a question that no answer came to."""
    reason = _reason(error)
    if isinstance(error, InvalidHeader):
        # It quotes the header, and that is the token.
        return GitHubError(f"{question} was not sent: our token is none that could be")
    if isinstance(reason, Timeout | ReadTimeoutError):
        text = f"GitHub did not answer {question} within {timeout} s"
    else:
        text = f"GitHub cannot be reached for {question}: {getattr(reason, '__cause__', None) or reason}"
    return GitHubError(text) if question.startswith("GET ") else Unanswered(text)


def _reason(error: Exception) -> object:
    """What went wrong below: the last of several tries is an error in an error, with addresses of objects."""
    wrapped = error.args[0] if error.args else error
    return error if isinstance(error, Timeout) else getattr(wrapped, "reason", wrapped)
