"""Merge queues: pulls that wait for their turn, each tested on top of those before it.

After whatever anybody did, `advance` looks at what is and brings every queue to where it belongs.

See https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue.
"""

import itertools
from collections.abc import Mapping
from dataclasses import replace

from controller.sandbox.acts import merges, pulls, refs
from controller.sandbox.errors import unprocessable
from controller.sandbox.forge import Forge, now
from controller.sandbox.git.cli import ZERO
from controller.sandbox.nouns import Pull, QueueEntry, Repository, User
from controller.sandbox.rules import queues, rulesets
from controller.sandbox.webhooks import events
from controller.sandbox.webhooks.group_events import merge_group

_DESTROYED: Mapping[str, str] = {"MERGE": "merged", "MANUAL": "dequeued"}
_METHODS: Mapping[str, merges.Method] = {"MERGE": "merge", "SQUASH": "squash", "REBASE": "rebase"}
_BOT = "github-merge-queue[bot]"


def enqueue(forge: Forge, pull: Pull, actor: User, head: str | None = None) -> QueueEntry:
    """Put a pull at the end of its base's queue.

    Args:
        forge: The state.
        pull: Which one.
        actor: Who does it.
        head: The head that they have seen, None for whatever it is.

    Raises:
        RefusedError: 422, there is no queue, the pull is in it, or could not be merged by anybody who has to keep to the
            rules.
    """
    repository, found = forge.repository_of(pull), pulls.tested(forge, pull)
    why = queues.refusal(forge, found, head)
    if why:
        raise unprocessable(why)
    entry = QueueEntry(
        repository=repository.id, branch=pull.base_ref, pull=pull.id, number=pull.number, head_sha=pull.head_sha,
        enqueuer=actor.login, enqueued_at=now(),
    )  # fmt: skip
    added = forge.queue_entries.add(entry)
    events.pull_request(forge, found, actor, "enqueued")
    return added


def dequeue(forge: Forge, pull: Pull, actor: User) -> QueueEntry:
    """Take a pull out of its queue.

    Raises:
        RefusedError: 422, it is in none.
    """
    entry = forge.queue_entries.find(pull.id)
    if entry is None:
        raise unprocessable("Pull request is not in the merge queue")
    _remove(forge, entry, actor, "MANUAL")
    return entry


def advance(forge: Forge) -> None:
    """Bring every queue to where it belongs: groups are built, those that failed leave, those that passed are merged."""
    for repository_id, branch in {(one.repository, one.branch) for one in forge.queue_entries.all()}:
        while _step(forge, forge.repository(repository_id), branch):
            pass


def _step(forge: Forge, repository: Repository, branch: str) -> bool:
    """Do the first thing that is to be done in a queue.

    Returns:
        Whether there was any.
    """
    base, entries = forge.branch(repository, branch), forge.queue_entries.of((repository.id, branch))
    for entry in entries:
        why = queues.unfit(forge, repository, entry)
        if why:
            _remove(forge, entry, _bot(forge), why)
            return True
        if base is not None and entry.base_sha != base:
            _build(forge, repository, entry, base)
            return True
        base = entry.landed[-1]
    if entries and not queues.unmet(forge, entries[0]):
        _merge(forge, entries[0])
        return True
    return False


def _build(forge: Forge, repository: Repository, entry: QueueEntry, base: str) -> None:
    _destroy(forge, entry, "invalidated")
    landed = _landed(forge, repository, entry, base)
    if not landed:
        _remove(forge, replace(entry, landed=()), _bot(forge), "MERGE_CONFLICT")
        return
    built = forge.queue_entries.put(replace(entry, base_sha=base, landed=landed))
    refs.move(forge, repository, built.ref, landed[-1], _bot(forge))
    merge_group(forge, built, _bot(forge), "checks_requested")


def _landed(forge: Forge, repository: Repository, entry: QueueEntry, base: str) -> tuple[str, ...]:
    found = rulesets.queue(forge, repository, entry.branch)
    method = _METHODS[found[1]["merge_method"]] if found else "merge"
    pull, by = forge.pull(entry.pull), forge.user(entry.enqueuer)
    tries = (
        merges.made(forge, pull, base, by, merges.Wish(method, later=later)) for later in itertools.count()
    )
    # A group that was tested before, within this very second, is not this one.
    return next(one for one in tries if not one or not forge.statuses.of((repository.id, one[-1])))


def _merge(forge: Forge, entry: QueueEntry) -> None:
    pull, bot = forge.pull(entry.pull), _bot(forge)
    forge.queue_entries.drop(entry)
    events.pull_request(forge, pull, bot, "dequeued", reason="MERGE")
    merges.land(forge, pull, entry.base_sha, entry.landed, bot)
    _destroy(forge, entry, "merged")


def _remove(forge: Forge, entry: QueueEntry, actor: User, reason: queues.Reason) -> None:
    forge.queue_entries.drop(entry)
    events.pull_request(forge, forge.pull(entry.pull), actor, "dequeued", reason=reason)
    _destroy(forge, entry, _DESTROYED.get(reason, "invalidated"))


def _destroy(forge: Forge, entry: QueueEntry, reason: str) -> None:
    if entry.landed:
        merge_group(forge, entry, _bot(forge), "destroyed", reason=reason)
        refs.move(forge, forge.repository(entry.repository), entry.ref, ZERO, _bot(forge))


def _bot(forge: Forge) -> User:
    found = forge.users.find(_BOT)
    email = f"{_BOT}@users.noreply.example.com"
    made = User(login=_BOT, name=_BOT, email=email, token="", created_at=now(), type="Bot")
    return found or forge.users.add(made)
