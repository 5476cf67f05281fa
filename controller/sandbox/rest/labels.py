"""Labels of a repository and of a pull: https://docs.github.com/rest/issues/labels."""

import re
from collections.abc import Iterable
from dataclasses import replace

from controller.sandbox.errors import RefusedError, invalid, not_found
from controller.sandbox.forge import now
from controller.sandbox.nouns import Label, Pull, Repository
from controller.sandbox.render import repositories
from controller.sandbox.render.issues import labels
from controller.sandbox.rest.answers import Answer, created, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import ISSUE, REPO, endpoints
from controller.sandbox.rest.fields import strings
from controller.sandbox.webhooks import events

_GREY = "ededed"
_COLOR = re.compile(r"[0-9a-fA-F]{6}")


def list_labels(call: Call) -> Answer:
    """The labels that a repository offers."""
    repository = call.repository()
    return call.listed(
        call.forge.labels.of(repository.id), lambda one: repositories.label(call.view, repository, one)
    )


def create_label(call: Call) -> Answer:
    """Offer a label.

    Raises:
        RefusedError: 422, its color is no six hex digits, or there is one of its name.
    """
    repository, name = call.repository("write"), call.take("name", str)
    color = call.opt("color", str) or _GREY
    _check(call, repository, name, color)
    label = Label(
        repository=repository.id, name=name, color=color, description=call.opt("description", str) or ""
    )
    return created(repositories.label(call.view, repository, call.forge.labels.add(label)))


def get_label(call: Call) -> Answer:
    """A label by name."""
    repository = call.repository()
    return ok(repositories.label(call.view, repository, _offered(call, repository)))


def update_label(call: Call) -> Answer:
    """Change a label; pulls keep it under its new name.

    Raises:
        RefusedError: 422, its color is no six hex digits, or there is one of its new name.
    """
    repository = call.repository("write")
    old = _offered(call, repository)
    name, color = call.opt("new_name", str) or old.name, call.opt("color", str) or old.color
    about = call.opt("description", str)
    description = old.description if about is None else about
    _check(call, repository, name if name.lower() != old.name.lower() else None, color)
    new = call.forge.labels.put(replace(old, name=name, color=color, description=description))
    for pull in call.forge.pulls_of(repository):
        if old.name in pull.labels:
            renamed = tuple(name if one == old.name else one for one in pull.labels)
            call.forge.pulls.put(replace(pull, labels=renamed))
    return ok(repositories.label(call.view, repository, new))


def delete_label(call: Call) -> Answer:
    """Offer a label no more; pulls lose it."""
    repository = call.repository("write")
    gone = _offered(call, repository)
    call.forge.labels.drop(gone)
    for pull in call.forge.pulls_of(repository):
        if gone.name in pull.labels:
            left = tuple(one for one in pull.labels if one != gone.name)
            call.forge.pulls.put(replace(pull, labels=left))
    return nothing()


def list_pull_labels(call: Call) -> Answer:
    """A pull's labels."""
    pull = call.pull()
    return call.listed(labels(call.view, pull), lambda shown: shown)


def add_pull_labels(call: Call) -> Answer:
    """Add labels, making those that are not offered yet."""
    pull = call.pull("triage")
    return _set(call, pull, (*pull.labels, *asked_labels(call)))


def set_pull_labels(call: Call) -> Answer:
    """Set labels in place of all there are."""
    return _set(call, call.pull("triage"), asked_labels(call))


def remove_pull_label(call: Call) -> Answer:
    """Remove a label.

    Raises:
        RefusedError: 404, the pull has none of that name.
    """
    pull, name = call.pull("triage"), call.path["name"].lower()
    left = [one for one in pull.labels if one.lower() != name]
    if len(left) == len(pull.labels):
        raise RefusedError(404, "Label does not exist")
    return _set(call, pull, left)


def remove_pull_labels(call: Call) -> Answer:
    """Remove all labels."""
    _set(call, call.pull("triage"), ())
    return nothing()


def _check(call: Call, repository: Repository, name: str | None, color: str) -> None:
    if not _COLOR.fullmatch(color):
        raise invalid("Label", "color is not a valid hex color", "color", "invalid")
    if name and call.forge.labels.find((repository.id, name.lower())):
        raise RefusedError(
            422, "Validation Failed", ({"resource": "Label", "code": "already_exists", "field": "name"},)
        )


def _set(call: Call, pull: Pull, names: Iterable[str]) -> Answer:
    wanted = {name.lower(): _known(call, pull, name) for name in names}
    held = {name.lower(): _known(call, pull, name) for name in pull.labels}
    shown = tuple(label.name for label in wanted.values())
    changed = call.forge.pulls.put(replace(pull, labels=shown, updated_at=now()))
    for action, these, others in (("unlabeled", held, wanted), ("labeled", wanted, held)):
        for name in these.keys() - others.keys():
            label = repositories.label(call.view, call.forge.repository_of(pull), these[name])
            events.pull_request(call.forge, changed, call.user, action, label=label)
    return ok(labels(call.view, changed))


def _known(call: Call, pull: Pull, name: str) -> Label:
    found = call.forge.labels.find((pull.repository, name.lower()))
    return found or call.forge.labels.add(Label(repository=pull.repository, name=name, color=_GREY))


def _offered(call: Call, repository: Repository) -> Label:
    found = call.forge.labels.find((repository.id, call.path["name"].lower()))
    if found is None:
        raise not_found()
    return found


def asked_labels(call: Call) -> tuple[str, ...]:
    """The names of labels that a body holds.

    Raises:
        RefusedError: 422, it holds none, or something else.
    """
    return strings("labels", call.items("labels"))


ENDPOINTS = (
    *endpoints(
        ISSUE + "/labels",
        "issues/labels",
        ("issues", "pull_requests"),
        ("GET ", list_pull_labels),
        ("POST ", add_pull_labels),
        ("PUT ", set_pull_labels),
        ("DELETE ", remove_pull_labels),
        ("DELETE /{name:path}", remove_pull_label),
    ),
    *endpoints(
        REPO + "/labels",
        "issues/labels",
        ("issues", "pull_requests"),
        ("GET ", list_labels),
        ("POST ", create_label),
        ("GET /{name:path}", get_label),
        ("PATCH /{name:path}", update_label),
        ("DELETE /{name:path}", delete_label),
    ),
)
