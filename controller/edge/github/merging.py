"""What stands between a pull and its merge on GitHub: the decision over its reviews, and the merge queue."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from pydantic import BaseModel, Field

from controller.core.pull import Queued, ReviewDecision
from controller.edge.github.client import Client

_DECISION = """
query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { reviewDecision } }
}
"""
_QUEUE = "heads/gh-readonly-queue"
_ENTRY = re.compile(r"pr-(\d{1,15})-([0-9a-f]{40})")


class _Pull(BaseModel):
    decision: ReviewDecision | None = Field(alias="reviewDecision")


class _Repository(BaseModel):
    pull: _Pull = Field(alias="pullRequest")


class _Decided(BaseModel):
    repository: _Repository


class _Commit(BaseModel):
    sha: str


class _Ref(BaseModel):
    ref: str
    object: _Commit


def review_decision(client: Client, repository: str, number: int) -> ReviewDecision | None:
    """What GitHub makes of a pull's reviews (https://docs.github.com/en/graphql/reference/objects#pullrequest); only GraphQL tells.

    Args:
        client: The way to GitHub.
        repository: `owner/name`.
        number: The pull's.

    Raises:
        GitHubError: Or GitHubNotFound, GitHubRefused.
    """
    owner, _, name = repository.partition("/")
    return client.query(_Decided, _DECISION, owner=owner, name=name, number=number).repository.pull.decision


def queued(client: Client, repository: str, branch: str) -> Iterator[Queued]:
    """The commits in a branch's merge queue: each is the tip of a branch that GitHub makes and nobody else writes.

    Its name is no part of GitHub's documentation beyond `gh-readonly-queue/{base}`
    (https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue);
    `pr-{number}-{commit it is put on}` is what it has always been, one pull in each.

    Args:
        client: The way to GitHub.
        repository: `owner/name`.
        branch: That the queue leads to.

    Raises:
        GitHubError: Or GitHubNotFound, GitHubRefused.
    """
    folder = f"{_QUEUE}/{branch}/"
    path = f"/repos/{repository}/git/matching-refs/{quote(folder)}"
    for one in client.pages(_Ref, path, size=None):
        entry = _ENTRY.fullmatch(one.ref.removeprefix(f"refs/{folder}"))
        if entry:
            yield Queued(one.object.sha, int(entry[1]), base=entry[2])
