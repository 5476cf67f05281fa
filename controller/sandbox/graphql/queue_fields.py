"""Merge queues and their entries: https://docs.github.com/graphql/reference/objects#mergequeue."""

from dataclasses import dataclass
from typing import Any

from controller.sandbox.graphql.connections import connection
from controller.sandbox.graphql.pull_fields import commit_at
from controller.sandbox.graphql.queries import account
from controller.sandbox.graphql.resolvers import Arguments, Fields
from controller.sandbox.nouns import Pull, QueueEntry, Repository, Ruleset
from controller.sandbox.render.users import node_id
from controller.sandbox.rest.call import Call
from controller.sandbox.rules import queues, rulesets


@dataclass(frozen=True, slots=True)
class Queue:
    """The merge queue of a branch, and the ruleset that gives it."""

    repository: Repository
    branch: str
    ruleset: Ruleset


def _queue(call: Call, repository: Repository, branch: str) -> Queue | None:
    found = rulesets.queue(call.forge, repository, branch)
    return Queue(repository, branch, found[0]) if found else None


def _of_repository(call: Call, source: Repository, arguments: Arguments) -> Queue | None:
    return _queue(call, source, arguments.get("branch") or source.default_branch)


def _of_pull(call: Call, source: Pull, _arguments: Arguments) -> Queue | None:
    return _queue(call, call.forge.repository_of(source), source.base_ref)


def _of_entry(call: Call, source: QueueEntry, _arguments: Arguments) -> Queue | None:
    return _queue(call, call.forge.repository(source.repository), source.branch)


def _entries(call: Call, source: Queue, arguments: Arguments) -> Any:
    found = call.forge.queue_entries.of((source.repository.id, source.branch))
    return connection("entries", found, arguments)


def _position(call: Call, source: QueueEntry, _arguments: Arguments) -> int:
    entries = call.forge.queue_entries.of((source.repository, source.branch))
    return 1 + sum(one.id < source.id for one in entries)


def _page(call: Call, source: Queue, _arguments: Arguments) -> str:
    return f"{call.view.web}/{source.repository.full_name}/queue/{source.branch}"


FIELDS: Fields = {
    "Repository": {"mergeQueue": _of_repository},
    "PullRequest": {
        "isInMergeQueue": lambda call, source, _: call.forge.queue_entries.find(source.id) is not None,
        "isMergeQueueEnabled": lambda call, source, arguments: _of_pull(call, source, arguments) is not None,
        "mergeQueue": _of_pull,
        "mergeQueueEntry": lambda call, source, _: call.forge.queue_entries.find(source.id),
    },
    "MergeQueue": {
        "id": lambda _call, source, _: node_id("MQ", source.ruleset.id),
        "entries": _entries,
        "url": _page,
    },
    "MergeQueueEntry": {
        "id": lambda _call, source, _: node_id("MQE", source.id),
        "baseCommit": lambda call, source, _: commit_at(call, source.repository, source.base_sha),
        "enqueuer": lambda call, source, _: account(call, source.enqueuer),
        "headCommit": lambda call, source, _: commit_at(
            call, source.repository, source.landed[-1] if source.landed else None
        ),
        "jump": lambda _call, _source, _: False,
        "mergeQueue": _of_entry,
        "position": _position,
        "pullRequest": lambda call, source, _: call.forge.pull(source.pull),
        "solo": lambda _call, _source, _: False,
        "state": lambda call, source, _: queues.state(call.forge, source),
    },
}
