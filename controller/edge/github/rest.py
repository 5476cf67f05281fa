"""GitHubRest: the port `GitHub` over GitHub's REST API."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from threading import Lock
from urllib.parse import quote

from cachetools import TTLCache, cachedmethod
from github import Auth

from controller.core.pull import Permission, Pull, Queued, Remark, Review, ReviewDecision, Status
from controller.core.redelivery import Attempt
from controller.edge.github import answers, hooks, merging
from controller.edge.github.app import AppInstallation
from controller.edge.github.behalf import behalf
from controller.edge.github.client import Client
from controller.edge.github.comments import Thread, say
from controller.edge.github.remarks import read_between, read_remark
from controller.errors import GitHubNotFound
from controller.ports import Comment

BRANCH_SECONDS = 60.0
"""How long the default branch's name is believed before GitHub is asked again."""

MAX_DESCRIPTION = 140
"""GitHub's limit of a status's description, in characters."""


class GitHubRest:
    """The port `GitHub` for one repository; any number of threads may share it.

    Every method raises GitHubError, GitHubNotFound, GitHubRefused or GitHubLimited. Reading is tried again after a 5xx;
    a write is made once, and where its answer stayed out GitHub is asked what came of it. No wait is long: where GitHub
    limits us the error says for how long, and until then nothing is asked.

    Args:
        auth: `Auth.Token(…)`, or an `AppInstallation`.
        repository: `owner/name`.
        base_url: Of the API; `https://HOST/api/v3` for an Enterprise Server.
        login: Our account; GitHub is asked where it is not given.
        pause: Seconds between two writes.
        timeout: Seconds that an answer may take.
    """

    def __init__(
        self,
        auth: Auth.Auth,
        repository: str,
        *,
        base_url: str = "https://api.github.com",
        login: str | None = None,
        pause: float = 1.0,
        timeout: int = 15,
    ) -> None:
        self._auth, self._client = auth, Client(auth, base_url, timeout, pause)
        self._name, self._repository, self._login = repository, f"/repos/{repository}", login
        self._believed: TTLCache[tuple[str, ...], str] = TTLCache(1, BRANCH_SECONDS)
        self._lock = Lock()

    def default_branch(self) -> str:
        """The name of the default branch."""
        return self._client.get(answers.Repository, self._repository).default_branch

    @cachedmethod(lambda self: self._believed, lock=lambda self: self._lock)
    def believed_branch(self) -> str:
        """The same, for what is looked at again anyway: it may be a minute old."""
        return self.default_branch()

    def pull(self, number: int) -> Pull:
        """A pull as it is now."""
        return self._pull(self._client.get(answers.PullAnswer, f"{self._repository}/pulls/{number}"))

    def open_pulls(self) -> tuple[Pull, ...]:
        """All open pulls on the default branch, oldest first."""
        base = self.believed_branch()
        wanted = {"state": "open", "base": base, "sort": "created", "direction": "asc"}
        found = self._client.pages(answers.PullAnswer, f"{self._repository}/pulls", wanted)
        # By number, since a pull that is reopened between two pages moves others to the next; and a repository that
        # was renamed redirects us without our query.
        pulls = {one.number: self._pull(one) for one in found if one.base.ref == base and one.state == "open"}
        return tuple(pulls.values())

    def pulls_of(self, commit: str) -> tuple[Pull, ...]:
        """The pulls that GitHub associates with a commit, merged ones too; GitHubNotFound for an unknown commit."""
        path = f"{self._repository}/commits/{quote(commit, safe='')}/pulls"
        return tuple(self._pull(one) for one in self._client.pages(answers.PullAnswer, path))

    def remark(self, comment: int) -> Remark:
        """A comment on a pull as it is now; GitHubNotFound where it is gone, or on an issue."""
        return read_remark(self._client, self._repository, comment)

    def comments_between(self, since: datetime, until: datetime) -> Mapping[int, str]:
        """The words of the comments that were written on pulls in this time, by number, oldest first."""
        return read_between(self._client, self._repository, since, until)

    def failed_deliveries(self, since: datetime) -> tuple[Attempt, ...]:
        """Every attempt at the webhook's deliveries of which one failed since then.

        An App sees its own; an account sees the repository's where it may administer webhooks.
        """
        return hooks.failed_deliveries(*self._hook, since)

    def redeliver(self, attempt: int) -> None:
        """Ask for another attempt at what was to be delivered."""
        hooks.redeliver(*self._hook, attempt)

    def review_decision(self, number: int) -> ReviewDecision | None:
        """What GitHub's own rules make of a pull's reviews; None where they ask for none."""
        return merging.review_decision(self._client, self._name, number)

    def queued(self) -> tuple[Queued, ...]:
        """The commits that the default branch's merge queue waits for."""
        return tuple(merging.queued(self._client, self._name, self.believed_branch()))

    def reviews(self, number: int) -> tuple[Review, ...]:
        """Every submitted review of a pull, oldest first."""
        found = self._client.pages(answers.ReviewAnswer, f"{self._repository}/pulls/{number}/reviews")
        return tuple(one.review() for one in found if one.state != "PENDING")

    def permission(self, user: str) -> Permission:
        """What somebody may do in the repository; NONE for who is no collaborator, or does not exist."""
        path = f"{self._repository}/collaborators/{quote(user, safe='')}/permission"
        try:
            return self._client.get(answers.PermissionAnswer, path).level()
        except GitHubNotFound:
            return Permission.NONE

    def is_member(self, organisation: str, team: str, user: str) -> bool:
        """Whether somebody is in a team, and not only invited; GitHubNotFound where the team cannot be seen."""
        path = f"/orgs/{quote(organisation, safe='')}/teams/{quote(team, safe='')}"
        try:
            found = self._client.get(answers.Membership, f"{path}/memberships/{quote(user, safe='')}")
        except GitHubNotFound:
            # Who is no member and a team that is hidden from us look the same.
            self._client.get(answers.Team, path)
            return False
        return found.state == "active"

    def say(self, number: int, comment: Comment) -> str:
        """Post the comment on a pull, or edit ours with the same marker; the URL it is at."""
        issues = f"{self._repository}/issues"
        thread = Thread(f"{issues}/{number}/comments", f"{issues}/comments")
        return say(self._client, self._me, thread, comment)

    def say_on_commit(self, commit: str, comment: Comment) -> str:
        """The same on a commit, where we may not edit ours by another one."""
        path = f"{self._repository}/commits/{quote(commit, safe='')}/comments"
        return say(self._client, self._me, Thread(path, f"{self._repository}/comments", add=True), comment)

    def react(self, comment: int, reaction: str) -> None:
        """React to somebody's comment on a pull; GitHub keeps one of each kind for each account."""
        path = f"{self._repository}/issues/comments/{comment}/reactions"
        self._client.settle(lambda: self._client.write("POST", path, {"content": reaction}))

    def set_status(self, status: Status) -> None:
        """Set a status, unless the commit's newest one of that context says the same."""
        self._client.settle(lambda: self._set_status(replace(status, description=_cut(status.description))))

    @cached_property
    def _me(self) -> str:
        if self._login:
            return self._login
        if isinstance(self._auth, AppInstallation):
            return self._auth.login
        return self._client.get(answers.User, "/user").login

    @property
    def _hook(self) -> tuple[Client, str]:
        """Who may see the webhook through which we hear, and where; looked for anew, since it may be made anew."""
        if isinstance(self._auth, AppInstallation):
            return self._auth.client, hooks.OF_APP
        return self._client, hooks.find_hook(self._client, self._repository)

    def _pull(self, one: answers.PullAnswer) -> Pull:
        """The noun; of a pull that we opened for somebody that person is the author."""
        pull, whom = one.pull(), behalf(one.head.ref)
        is_ours = bool(whom) and pull.author.lower() == self._me.lower()
        return replace(pull, author=whom) if is_ours else pull

    def _set_status(self, status: Status) -> None:
        path = f"{self._repository}/commits/{status.commit}/statuses"
        newest_first = self._client.pages(answers.StatusAnswer, path)
        last = next((one for one in newest_first if one.context == status.context), None)
        if last is None or not last.says(status):
            body = {"state": status.state.value, "context": status.context, "description": status.description}
            target = {"target_url": status.url} if status.url else {}
            self._client.write("POST", f"{self._repository}/statuses/{status.commit}", body | target)


def _cut(description: str) -> str:
    whole = len(description) <= MAX_DESCRIPTION
    return description if whole else f"{description[: MAX_DESCRIPTION - 1]}…"
