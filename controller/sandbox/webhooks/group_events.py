"""What is told of a merge queue's groups: https://docs.github.com/webhooks/webhook-events-and-payloads#merge_group."""

from typing import Any

from controller.sandbox.forge import Forge, instant
from controller.sandbox.git import objects
from controller.sandbox.nouns import QueueEntry, User
from controller.sandbox.render.users import Json
from controller.sandbox.webhooks import events


def merge_group(forge: Forge, entry: QueueEntry, sender: User, action: str, **extra: Any) -> None:
    """Deliver `merge_group`: `checks_requested`, or `destroyed` with a reason."""
    repository = forge.repository(entry.repository)
    if not forge.subscribed(repository, "merge_group"):
        return
    head = objects.commit(forge.git(repository), entry.landed[-1])
    group = {
        "head_sha": head.sha,
        "head_ref": entry.ref,
        "base_sha": entry.base_sha,
        "base_ref": f"refs/heads/{entry.branch}",
        "head_commit": _simple_commit(head),
    }
    events.emit(forge, repository, sender, "merge_group", {"action": action, "merge_group": group, **extra})


def _simple_commit(commit: objects.Commit) -> Json:
    people = {
        role: {"name": signed.name, "email": signed.email}
        for role, signed in (("author", commit.author), ("committer", commit.committer))
    }
    facts = {"id": commit.sha, "tree_id": commit.tree, "message": commit.message}
    return {**facts, "timestamp": instant(commit.committer.date), **people}
