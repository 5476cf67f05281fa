"""Asking GitHub over PyGithub's Requester: who we are, how long we wait, what is tried again, what an error means.

PyGithub's objects are not used: they ask again behind one's back for every field that an answer lacks, and believe what
they are told. Its Requester brings authentication (a token or an App's), connections and redirects.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from github import Auth, Github, GithubException
from github.Requester import Requester
from requests import RequestException
from requests.utils import parse_header_links
from urllib3 import Retry

from controller.edge.github import reading
from controller.edge.github.faults import Answer, Limit, Unanswered, fault, graphql_fault, unreachable
from controller.errors import GitHubError

T = TypeVar("T")

GRAPHQL = "/graphql"
"""The one path of the GraphQL API, wherever a server has it."""

_TRIES = 3
_PAUSES = (0.5, 1.0)
# Reading may be repeated, a write never: PyGithub's own default posts a comment three times through two 502s.
_RETRY = Retry(
    total=2,
    read=1,
    other=0,
    redirect=0,
    status_forcelist=(500, 502, 503, 504),
    allowed_methods=("GET",),
    backoff_factor=0.5,
    raise_on_status=False,
    respect_retry_after_header=False,
)


class Renewable(Auth.Auth, ABC):
    """An account whose token can be made anew."""

    @abstractmethod
    def forget(self, token: str) -> None:
        """Make another token than this one before anything else is asked."""


class Client:
    """One account's way to GitHub, for any number of threads.

    Args:
        auth: A token's or an App installation's.
        base_url: `https://api.github.com`, or `https://HOST/api/v3`.
        timeout: Seconds that an answer may take to begin, or to go on.
        pause: Seconds between two writes: GitHub takes 80 a minute and asks for one second in between
            (https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api).
    """

    def __init__(self, auth: Auth.Auth, base_url: str, timeout: int, pause: float) -> None:
        self._auth, self._base_url, self._timeout, self._pause = auth, base_url, timeout, pause
        self._mine = threading.local()
        self._limit = Limit()
        self._writing = threading.RLock()
        self._wrote = 0.0

    def get(self, shape: type[T], path: str) -> T:
        """Read one thing.

        Raises:
            GitHubError: Or GitHubNotFound, GitHubRefused.
        """
        return reading.read(shape, self._ask("GET", path).text, path)

    def pages(
        self, shape: type[T], path: str, query: Mapping[str, str] | None = None, size: int | None = 100
    ) -> Iterator[T]:
        """Read a list, page by page as it is consumed.

        See https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api.

        Args:
            shape: Of one entry.
            path: Of the list.
            query: Which entries.
            size: Of a page; None where GitHub lets nobody choose.

        Raises:
            GitHubError: Or GitHubNotFound, GitHubRefused.
        """
        answer = self._ask("GET", path, query={**(query or {}), **({"per_page": str(size)} if size else {})})
        while True:
            yield from reading.read(list[shape], answer.text, path)  # type: ignore[valid-type]
            links = parse_header_links(answer.headers.get("link", ""))
            following = [link["url"] for link in links if link.get("rel") == "next"]
            if not following:
                return
            # Of an absolute URL the Requester takes path and query alone: no link leads to another host.
            answer = self._ask("GET", following[0])

    def query(self, shape: type[T], document: str, **variables: str | int) -> T:
        """Read what only GraphQL tells (https://docs.github.com/en/graphql/guides/forming-calls-with-graphql).

        Raises:
            GitHubError: Or GitHubNotFound, GitHubRefused.
        """
        question = f"POST {GRAPHQL}"
        text = self._asked_again({"query": document, "variables": variables})
        for mistake in reading.mistakes(text):
            raise graphql_fault(question, mistake)
        return reading.read(reading.Data[shape], text, question).data  # type: ignore[valid-type]

    def write(self, verb: str, path: str, body: Mapping[str, Any] | None = None) -> str:
        """Change something, once; GitHub's answer.

        Raises:
            Unanswered: It may have happened or not.
            GitHubError: It did not happen; or GitHubNotFound, GitHubRefused.
        """
        with self._writing:
            time.sleep(max(0.0, self._wrote + self._pause - time.monotonic()))
            try:
                return self._ask(verb, path, body=body).text
            finally:
                self._wrote = time.monotonic()

    def settle(self, attempt: Callable[[], T]) -> T:
        """Do what looks first and then writes what is missing, again where a write was left unanswered.

        One at a time over all threads, so that what one finds missing no other is about to write.

        Raises:
            GitHubError: As `attempt` does; Unanswered where it never was.
        """
        with self._writing:
            for _ in range(_TRIES - 1):
                try:
                    return attempt()
                except Unanswered:
                    time.sleep(self._pause)
            return attempt()

    def _asked_again(self, body: Mapping[str, Any]) -> str:
        """What changes nothing may be asked again, though it is a POST."""
        for pause in _PAUSES:
            try:
                return self._ask("POST", GRAPHQL, body=body).text
            except Unanswered:
                time.sleep(pause)
        return self._ask("POST", GRAPHQL, body=body).text

    def _ask(
        self,
        verb: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        question = f"{verb} {path}"
        self._limit.check()
        token = self._auth.token if isinstance(self._auth, Renewable) else ""
        answer = self._answer(question, query, body)
        if answer.status == HTTPStatus.UNAUTHORIZED and isinstance(self._auth, Renewable):
            # Nothing was done: a token that was revoked, or made before the permissions changed.
            self._auth.forget(token)
            answer = self._answer(question, query, body)
        self._limit.learn(answer)
        if not answer.is_fine:
            raise fault(question, answer)
        return answer

    def _answer(
        self, question: str, query: Mapping[str, str] | None, body: Mapping[str, Any] | None
    ) -> Answer:
        verb, _, path = question.partition(" ")
        requester = self._requester()
        address = requester.graphql_url if path == GRAPHQL else path
        try:
            status, headers, text = requester.requestJson(verb, address, dict(query or {}), input=body)
        except RequestException as error:
            raise unreachable(question, error, self._timeout) from error
        except (GithubException, RuntimeError, ValueError) as error:
            # A redirect to another host is a RuntimeError.
            raise GitHubError(f"GitHub cannot be asked for {question}: {error}") from error
        return Answer(status, headers, text)

    def _requester(self) -> Requester:
        """This thread's own: neither PyGithub's pacing nor a requests session is made for two at once."""
        if not hasattr(self._mine, "requester"):
            self._mine.requester = Github(
                auth=self._auth,
                base_url=self._base_url,
                timeout=self._timeout,
                user_agent="infrautomater",
                retry=_RETRY,
                seconds_between_requests=0,
                seconds_between_writes=0,
                api_version="2022-11-28",
            ).requester
        requester: Requester = self._mine.requester
        return requester
