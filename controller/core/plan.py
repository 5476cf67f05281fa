"""Plan: what Terraform would do, normalised so that two plans can be compared and no secret is kept.

Read from `terraform show -json` (https://developer.hashicorp.com/terraform/internals/json-format#plan-representation).
Values that a comment may not show are kept as keyed HMACs, which can be compared and not read.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

_ACTIONS = {
    ("no-op",): "no-op",
    ("read",): "read",
    ("create",): "create",
    ("update",): "update",
    ("delete",): "delete",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("forget",): "forget",
    ("create", "forget"): "replace",
}


_NAME = re.compile(r"[\w-]+")
HMAC = "hmac:"
"""How a value begins that may be compared and not read; a JSON text begins otherwise."""


class Action(StrEnum):
    """What happens to one object."""

    NO_OP = "no-op"
    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    FORGET = "forget"


@dataclass(frozen=True)
class AttributeChange:
    """A top-level attribute that changes; `before` and `after` are JSON, or None where they may not be shown."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class ResourceChange:
    """What happens to one object.

    `known` maps a path in the object to JSON (shown attributes) or to an HMAC; `unknown` has the paths that only the
    apply will tell; `tainted` says that it is replaced since an earlier attempt left it half-made, `disposable` that its
    kind holds nothing in it.
    """

    address: str
    action: Action
    known: Mapping[str, str]
    unknown: tuple[str, ...] = ()
    attributes: tuple[AttributeChange, ...] = ()
    tainted: bool = False
    deposed: bool = False
    disposable: bool = False

    @property
    def ends(self) -> bool:
        """Whether an object that would be missed is gone afterwards, or another one."""
        return self.action in {Action.DELETE, Action.REPLACE, Action.FORGET} and not self.disposable


@dataclass(frozen=True)
class Plan:
    """The changes of one workspace; objects that stay as they are, and reads, are not in it."""

    resources: tuple[ResourceChange, ...] = ()
    terraform: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.resources

    @property
    def only_creates(self) -> bool:
        return all(resource.action is Action.CREATE for resource in self.resources)

    @property
    def ends_something(self) -> bool:
        """Whether an object that is there would be gone, or be another one."""
        return any(resource.ends for resource in self.resources)

    def count(self, *actions: Action) -> int:
        """How many objects meet one of these actions."""
        return sum(resource.action in actions for resource in self.resources)


def read_plan(
    shown: Mapping[str, Any], attributes: tuple[str, ...], key: bytes, disposable: Collection[str] = ()
) -> Plan:
    """Normalise a plan.

    Args:
        shown: the object that `terraform show -json PLANFILE` printed.
        attributes: the top-level attributes whose values may be kept and shown.
        key: the HMAC key of this installation.
        disposable: the types of resources that hold nothing.
    """
    resources = (
        replace(_resource(change, attributes, key), disposable=change.get("type") in disposable)
        for change in shown.get("resource_changes", ())
    )
    counted = [resource for resource in resources if resource.action not in {Action.NO_OP, Action.READ}]
    return Plan(tuple(counted), str(shown.get("terraform_version", "")))


def is_under(path: str, roots: tuple[str, ...]) -> bool:
    """Whether a path is one of these roots, or leads further into one."""
    return any(path == root or path.startswith((f"{root}.", f"{root}[")) for root in roots)


def _has_below(path: str, unknown: tuple[str, ...]) -> bool:
    """Whether what looks empty only has values that the apply will tell."""
    return any(is_under(leaf, (path,)) for leaf in unknown)


def _resource(raw: Mapping[str, Any], shown: tuple[str, ...], key: bytes) -> ResourceChange:
    change = raw["change"]
    after = change.get("after")
    unknown = tuple(sorted(_unknown("", change.get("after_unknown") or {})))
    sensitive = change.get("after_sensitive") or {}
    known = {
        path: _kept(raw["address"], path, value, _may_show(path, shown, sensitive), key)
        for path, value in _leaves("", after)
        if not is_under(path, unknown) and not _has_below(path, unknown)
    }
    return ResourceChange(
        address=raw["address"],
        action=_action(change["actions"]),
        known=known,
        unknown=unknown,
        attributes=tuple(_attributes(change, shown)),
        tainted=raw.get("action_reason") == "replace_because_tainted",
        deposed="deposed" in raw,
    )


def _action(names: Iterable[str]) -> Action:
    """The action; one that a newer Terraform may have, and that we do not know, counts as the gravest."""
    return Action(_ACTIONS.get(tuple(names), "replace"))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every leaf of a JSON value by its path; an empty object or list is a leaf."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(_step(path, name), inner)
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _leaves(f"{path}[{index}]", inner)
    elif path:
        yield path, value


def _step(path: str, name: str) -> str:
    """A path one name longer; a name that could be taken for a path is quoted, so that no two paths are the same."""
    if not path:
        return name
    return f"{path}.{name}" if _NAME.fullmatch(name) else f"{path}[{_json(name)}]"


def attribute_of(path: str) -> str:
    """The attribute that a path leads into."""
    return path.replace("[", ".").split(".")[0]


def _unknown(path: str, marks: Any) -> Iterator[str]:
    return (leaf for leaf, value in _leaves(path, marks) if value is True)


def _may_show(path: str, shown: tuple[str, ...], sensitive: Any) -> bool:
    name = attribute_of(path)
    marks = sensitive.get(name, False) if isinstance(sensitive, dict) else bool(sensitive)
    return name in shown and not _any_mark(marks)


def _any_mark(marks: Any) -> bool:
    return marks is True or any(value is True for _, value in _leaves("x", marks))


def _kept(address: str, path: str, value: Any, visible: bool, key: bytes) -> str:  # noqa: FBT001 -- a fact about the value, made and used on this page
    text = _json(value)
    if visible:
        return text
    return HMAC + hmac.new(key, f"{address}\0{path}\0{text}".encode(), hashlib.sha256).hexdigest()


def _attributes(change: Mapping[str, Any], shown: tuple[str, ...]) -> Iterator[AttributeChange]:
    before, after, unknown = (change.get(part) or {} for part in ("before", "after", "after_unknown"))
    for name in sorted({*before, *after, *unknown}):
        if before.get(name) == after.get(name) and not _any_mark(unknown.get(name, False)):
            continue
        visible = _may_show(name, shown, change.get("before_sensitive") or {}) and _may_show(
            name, shown, change.get("after_sensitive") or {}
        )
        yield AttributeChange(
            name,
            _json(_told(before[name])) if visible and before.get(name) is not None else None,
            _json(_told(after[name])) if visible and after.get(name) is not None else None,
        )


def _told(value: Any) -> Any:
    """What of a value tells a reader something: providers fill in every field that nobody set."""
    if isinstance(value, dict):
        return {name: _told(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_told(inner) for inner in value]
    return value


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
