"""What is changed: https://docs.github.com/graphql/reference/mutations."""

from typing import Any

from controller.sandbox.acts import merges, pulls, queues
from controller.sandbox.forge import now
from controller.sandbox.graphql.conversation import WORDS
from controller.sandbox.graphql.nodes import found_node, found_pull, repository_of
from controller.sandbox.graphql.problems import Problem
from controller.sandbox.graphql.resolvers import Arguments, Fields
from controller.sandbox.nouns import Comment, Minimized, Pull, Reaction, Record, Review
from controller.sandbox.render.users import Json
from controller.sandbox.rest.call import Call

_METHODS: dict[str, merges.Method] = {"MERGE": "merge", "SQUASH": "squash", "REBASE": "rebase"}


def _to_draft(call: Call, _source: Any, arguments: Arguments) -> Json:
    return _drafted(call, arguments, "convertPullRequestToDraft", draft=True)


def _to_ready(call: Call, _source: Any, arguments: Arguments) -> Json:
    return _drafted(call, arguments, "markPullRequestReadyForReview", draft=False)


def _drafted(call: Call, arguments: Arguments, name: str, *, draft: bool) -> Json:
    pull = found_pull(call, arguments["input"]["pullRequestId"])
    if pull.user != call.user.login:
        _check_may_write(call, pull, name)
    if pull.state == "closed":
        raise Problem("UNPROCESSABLE", "Pull request is closed")
    changed = pulls.set_draft(call.forge, pull, call.user, draft=draft)
    return _payload(arguments, pullRequest=changed)


def _merge(call: Call, _source: Any, arguments: Arguments) -> Json:
    given = arguments["input"]
    pull = found_pull(call, given["pullRequestId"])
    _check_may_write(call, pull, "mergePullRequest")
    wish = merges.Wish(
        _METHODS[given["mergeMethod"]],
        given.get("commitHeadline"),
        given.get("commitBody"),
        given.get("expectedHeadOid"),
    )
    merged = merges.merge(call.forge, pull, call.user, wish)
    return _payload(arguments, pullRequest=merged, actor=call.user)


def _enqueue(call: Call, _source: Any, arguments: Arguments) -> Json:
    given = arguments["input"]
    pull = found_pull(call, given["pullRequestId"])
    _check_may_write(call, pull, "enqueuePullRequest")
    if given.get("jump"):
        raise Problem("UNPROCESSABLE", "Jumping the queue is not supported here.")
    entry = queues.enqueue(call.forge, pull, call.user, given.get("expectedHeadOid"))
    return _payload(arguments, mergeQueueEntry=entry)


def _dequeue(call: Call, _source: Any, arguments: Arguments) -> Json:
    pull = found_pull(call, arguments["input"]["id"])
    _check_may_write(call, pull, "dequeuePullRequest")
    return _payload(arguments, mergeQueueEntry=queues.dequeue(call.forge, pull, call.user))


def _add_reaction(call: Call, _source: Any, arguments: Arguments) -> Json:
    subject, content = _reacted(call, arguments)
    made = Reaction(subject=subject.id, user=call.user.login, content=content, created_at=now())
    held = call.forge.reactions.find((subject.id, call.user.login, content))
    return _payload(arguments, reaction=held or call.forge.reactions.add(made), subject=subject)


def _remove_reaction(call: Call, _source: Any, arguments: Arguments) -> Json:
    subject, content = _reacted(call, arguments)
    held = call.forge.reactions.find((subject.id, call.user.login, content))
    if held:
        call.forge.reactions.drop(held)
    return _payload(arguments, reaction=held, subject=subject)


def _minimize(call: Call, _source: Any, arguments: Arguments) -> Json:
    subject = _folded(call, arguments, "minimizeComment")
    held = call.forge.minimized.find(subject.id)
    made = Minimized(subject=subject.id, reason=arguments["input"]["classifier"])
    if held is None:
        call.forge.minimized.add(made)
    return _payload(arguments, minimizedComment=subject)


def _unminimize(call: Call, _source: Any, arguments: Arguments) -> Json:
    subject = _folded(call, arguments, "unminimizeComment")
    held = call.forge.minimized.find(subject.id)
    if held:
        call.forge.minimized.drop(held)
    return _payload(arguments, unminimizedComment=subject)


def _reacted(call: Call, arguments: Arguments) -> tuple[Record, str]:
    name = arguments["input"]["subjectId"]
    subject = found_node(call, name)
    if not isinstance(subject, Pull | Review | Comment):
        raise Problem("NOT_FOUND", f"Could not resolve to Reactable node with the global id of '{name}'")
    return subject, WORDS[arguments["input"]["content"]]


def _folded(call: Call, arguments: Arguments, mutation: str) -> Review | Comment:
    name = arguments["input"]["subjectId"]
    subject = found_node(call, name)
    if not isinstance(subject, Review | Comment):
        raise Problem("NOT_FOUND", f"Could not resolve to Minimizable node with the global id of '{name}'")
    _check_may_write(call, subject, mutation)
    return subject


def _check_may_write(call: Call, record: Record, mutation: str) -> None:
    home = repository_of(call.forge, record)
    if home is None or not call.may(home, "write"):
        login = call.user.login
        message = (
            f"{login} does not have the correct permissions to execute `{mutation[0].upper()}{mutation[1:]}`"
        )
        raise Problem("FORBIDDEN", message)


def _payload(arguments: Arguments, **found: Any) -> Json:
    return {"clientMutationId": arguments["input"].get("clientMutationId"), **found}


FIELDS: Fields = {
    "Mutation": {
        "convertPullRequestToDraft": _to_draft,
        "markPullRequestReadyForReview": _to_ready,
        "mergePullRequest": _merge,
        "enqueuePullRequest": _enqueue,
        "dequeuePullRequest": _dequeue,
        "addReaction": _add_reaction,
        "removeReaction": _remove_reaction,
        "minimizeComment": _minimize,
        "unminimizeComment": _unminimize,
    }
}
