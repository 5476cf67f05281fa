"""Pull and Review: what we need to know of GitHub's own nouns."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class PullState(StrEnum):
    """Where a pull is in its life; GitHub's `closed` with `merged` is one state here."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request; `head` is a commit, `base` a branch, `merge_commit` is set once it is merged.

    GitHub's `merge_commit_sha` is a test merge until `merged` is true
    (https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request), so it is None till then.
    """

    number: int
    title: str
    author: str
    head: str
    base: str
    state: PullState
    draft: bool = False
    merge_commit: str | None = None


class Permission(IntEnum):
    """What somebody may do in a repository, least first (https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization)."""

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5


@dataclass(frozen=True, slots=True)
class Review:
    """One review; `state` is GitHub's (`APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED`)."""

    author: str
    state: str
    commit: str
    at: datetime | None = None


class ReviewDecision(StrEnum):
    """What GitHub's own rules, code owners among them, make of a pull's reviews (https://docs.github.com/graphql/reference/enums#pullrequestreviewdecision)."""

    APPROVED = "APPROVED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    REVIEW_REQUIRED = "REVIEW_REQUIRED"


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody wrote under a pull; `edited` tells that these may not be the words it was posted with."""

    id: int
    pull: int
    author: str
    body: str
    created: datetime
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Queued:
    """A commit that a merge queue is about to make the default branch's tip; it adds a pull to `base`, a commit too."""

    commit: str
    pull: int
    base: str


class StatusState(StrEnum):
    """https://docs.github.com/en/rest/commits/statuses#create-a-commit-status."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Status:
    """A commit status of ours; `description` is cut at GitHub's 140 characters by whoever sends it."""

    commit: str
    context: str
    state: StatusState
    description: str
    url: str = ""
