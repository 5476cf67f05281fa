"""What the demo plays: each scene acts on GitHub as a person, and ends when the pull request shows what it must."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus

from github import GithubException
from github.PullRequest import PullRequest

from controller.cli.stack import Stack
from controller.errors import InfrautomaterError

PLAN, RESULT, NOTICE = (f"<!-- infrautomater:{name}" for name in ("plan", "result", "notice"))
PATH = "requests/payments/orders.yaml"


class SceneFailed(InfrautomaterError):
    """A pull request did not show what it had to."""


@dataclass(frozen=True)
class Seen:
    """What a scene ended with: its step, what happened in one line, and the comment that said so (Markdown)."""

    step: str
    happened: str
    comment: str = ""


@dataclass(frozen=True)
class Script:
    """What is written into the request's file, scene by scene, and how its end is announced.

    `patience` is how many seconds a comment or a status may take.
    """

    first: str
    second: str
    wrong: str
    third: str
    ends: str
    patience: float = 60.0


Scene = tuple[str, Callable[[], Seen]]


class Play:
    """Four pull requests of one team, from a new request to its end."""

    def __init__(self, stack: Stack, texts: Script) -> None:
        self._stack = stack
        self._texts = texts
        self._repository = {
            login: stack.client(login).get_repo(stack.repository) for login in ("requester", "reviewer")
        }

    def scenes(self) -> Iterator[Scene]:
        """The scenes in their order; each is played when it is asked for."""
        yield "open a pull request", lambda: self._propose("new", self._texts.first, "Ready: 1 change")
        yield "approve it", lambda: self._approve("new")
        yield "merge it", lambda: self._merge("new", "merge", "1 request provisioned")
        yield "change it", lambda: self._propose("change", self._texts.second, "Ready: 1 change")
        yield "merge the change", lambda: self._merge("change", "squash", "1 request provisioned")
        yield (
            "make mistakes",
            lambda: self._propose("mistakes", self._texts.wrong, "Cannot merge: 2 mistakes"),
        )
        yield "correct them", lambda: self._push("mistakes", self._texts.third, "Ready: 1 change")
        yield "merge the correction", lambda: self._merge("mistakes", "rebase", "1 request provisioned")
        yield "delete the file", lambda: self._delete("delete", self._texts.ends)
        yield "merge the deletion", lambda: self._merge("delete", "merge", "1 request destroyed")

    def _propose(self, branch: str, content: str, headline: str) -> Seen:
        self._branch(branch)
        self._write(branch, content)
        pull = self._open(branch)
        return self._await(pull, PLAN, headline, f"#{pull.number} opened")

    def _push(self, branch: str, content: str, headline: str) -> Seen:
        self._write(branch, content)
        pull = self._pull(branch)
        return self._await(pull, PLAN, headline, f"#{pull.number} corrected")

    def _delete(self, branch: str, headline: str) -> Seen:
        self._branch(branch)
        mine = self._repository["requester"]
        mine.delete_file(PATH, "Orders are no longer needed", self._sha(branch), branch=branch)
        pull = self._open(branch)
        return self._await(pull, PLAN, headline, f"#{pull.number} opened")

    def _approve(self, branch: str) -> Seen:
        pull = self._repository["reviewer"].get_pull(self._pull(branch).number)
        pull.create_review(event="APPROVE", body="Looks right.")
        self._await_status(pull.head.sha, "infrautomater/approval")
        return Seen(f"#{pull.number} approved", "the approval counts")

    def _merge(self, branch: str, method: str, headline: str) -> Seen:
        pull = self._repository["reviewer"].get_pull(self._pull(branch).number)
        merged = pull.merge(merge_method=method)
        seen = self._await(pull, RESULT, headline, f"#{pull.number} merged ({method})")
        self._await_status(merged.sha, "infrautomater/apply")
        return seen

    def _branch(self, name: str) -> None:
        mine = self._repository["requester"]
        mine.create_git_ref(f"refs/heads/{name}", mine.get_branch(mine.default_branch).commit.sha)

    def _write(self, branch: str, content: str) -> None:
        mine = self._repository["requester"]
        message = f"Ask for orders: {branch}"
        try:
            mine.update_file(PATH, message, content, self._sha(branch), branch=branch)
        except GithubException as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            mine.create_file(PATH, message, content, branch=branch)

    def _sha(self, branch: str) -> str:
        found = self._repository["requester"].get_contents(PATH, ref=branch)
        return found[0].sha if isinstance(found, list) else found.sha

    def _open(self, branch: str) -> PullRequest:
        mine = self._repository["requester"]
        return mine.create_pull(base=mine.default_branch, head=branch, title=f"Orders: {branch}", body="")

    def _pull(self, branch: str) -> PullRequest:
        owner = self._stack.repository.split("/")[0]
        return self._repository["requester"].get_pulls(state="all", head=f"{owner}:{branch}")[0]

    def _await(self, pull: PullRequest, marker: str, headline: str, step: str) -> Seen:
        """Wait until the controller's comment with this marker begins with the headline."""
        body = ""
        for _ in _patiently(self._texts.patience):
            bodies = [
                comment.body
                for comment in pull.get_issue_comments()
                if comment.user.login == self._stack.account.login
            ]
            body = next((text for text in bodies if text.startswith(marker)), "")
            if headline in _first_visible(body):
                return Seen(step, _first_visible(body).strip("* "), body)
        raise SceneFailed(f"{step}: waited for “{headline}”, and read:\n{body or 'no comment'}")

    def _await_status(self, commit: str, context: str) -> None:
        state = ""
        for _ in _patiently(self._texts.patience):
            statuses = self._repository["requester"].get_commit(commit).get_combined_status().statuses
            state = next((status.state for status in statuses if status.context == context), "missing")
            if state == "success":
                return
        raise SceneFailed(f"the status {context} of {commit[:7]} is {state}")


def _patiently(seconds: float) -> Iterator[None]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        yield
        time.sleep(0.1)


def _first_visible(body: str) -> str:
    lines = (line for line in body.splitlines() if line.strip() and not line.startswith("<!--"))
    return next(lines, "")
