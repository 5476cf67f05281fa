"""The nouns of a forge, as the records that are kept of them; the words are GitHub's own.

Times are text in GitHub's form (`2026-11-22T21:00:00Z`), people are named by login, other records by id.
"""

from controller.sandbox.nouns.accounts import (
    ROLES,
    App,
    Caller,
    Grant,
    Installation,
    InstallationToken,
    Level,
    Organization,
    Role,
    Team,
    User,
)
from controller.sandbox.nouns.hooks import Delivery, Hook
from controller.sandbox.nouns.pulls import (
    Comment,
    Happening,
    Label,
    Minimized,
    Pull,
    QueueEntry,
    Reaction,
    Review,
    ReviewComment,
)
from controller.sandbox.nouns.record import Record
from controller.sandbox.nouns.repositories import (
    CommitComment,
    Protection,
    Ref,
    Repository,
    RequiredChecks,
    RequiredReviews,
    Ruleset,
    Status,
)

__all__ = [
    "ROLES",
    "App",
    "Caller",
    "Comment",
    "CommitComment",
    "Delivery",
    "Grant",
    "Happening",
    "Hook",
    "Installation",
    "InstallationToken",
    "Label",
    "Level",
    "Minimized",
    "Organization",
    "Protection",
    "Pull",
    "QueueEntry",
    "Reaction",
    "Record",
    "Ref",
    "Repository",
    "RequiredChecks",
    "RequiredReviews",
    "Review",
    "ReviewComment",
    "Role",
    "Ruleset",
    "Status",
    "Team",
    "User",
]
