"""Covers: whether a fresh plan does nothing beyond the reviewed one, and in which words it does."""

from collections.abc import Iterator

from controller.core.plan import HMAC, Action, Plan, ResourceChange, attribute_of, is_under


def differences(reviewed: Plan, fresh: Plan) -> tuple[str, ...]:
    """What the fresh plan does beyond the reviewed one, in words; empty means that it is covered."""
    by_address = {(resource.address, resource.deposed): resource for resource in reviewed.resources}
    found: list[str] = []
    for resource in fresh.resources:
        seen = by_address.get((resource.address, resource.deposed)) or by_address.get(
            (resource.address, False)
        )
        found.extend(_beyond(seen, resource))
    return tuple(found)


def covers(reviewed: Plan, fresh: Plan) -> bool:
    """Whether every action of the fresh plan was reviewed, with the same known values."""
    return not differences(reviewed, fresh)


def _beyond(seen: ResourceChange | None, fresh: ResourceChange) -> Iterator[str]:
    if seen is None:
        yield f"would {fresh.action} `{fresh.address}`, which the reviewed plan left alone"
    elif not _is_step_of(seen, fresh):
        yield f"would {fresh.action} `{fresh.address}`, where the reviewed plan said {seen.action}"
    elif fresh.action not in {Action.DELETE, Action.FORGET}:
        for path in _differing_paths(seen, fresh):
            yield _told_difference(path, seen, fresh)


def _told_difference(path: str, seen: ResourceChange, fresh: ResourceChange) -> str:
    """How an attribute differs: by its values where both may be shown."""
    before, after = seen.known.get(path), fresh.known.get(path)
    if before is None or after is None or before.startswith(HMAC) or after.startswith(HMAC):
        return f"`{path}` of `{fresh.address}` would not be what the reviewed plan said"
    return f"`{path}` of `{fresh.address}` would be `{_short(after)}`, where the reviewed plan said `{_short(before)}`"


def _short(value: str) -> str:
    """A value within a code span: of one line, and not too long."""
    plain = " ".join(value.replace("`", "'").split())
    return plain if len(plain) <= 60 else plain[:59] + "…"


def _is_step_of(seen: ResourceChange, fresh: ResourceChange) -> bool:
    """Whether the fresh action is the reviewed one, or what is left of it after an interruption."""
    if seen.action is fresh.action:
        return True
    made_by_this_change = seen.action is Action.CREATE and fresh.action is Action.REPLACE and fresh.tainted
    half_replaced = seen.action is Action.REPLACE and (
        fresh.action is Action.CREATE or (fresh.action is Action.DELETE and fresh.deposed)
    )
    return made_by_this_change or half_replaced


def _differing_paths(seen: ResourceChange, fresh: ResourceChange) -> list[str]:
    differing = {
        path
        for path, value in fresh.known.items()
        if seen.known.get(path) != value and not is_under(path, seen.unknown)
    }
    differing |= {path for path in fresh.unknown if not is_under(path, seen.unknown)}
    differing |= {
        path for path in seen.known if path not in fresh.known and not is_under(path, fresh.unknown)
    }
    return sorted(path for path in differing if _is_touched(path, seen, fresh))


def _is_touched(path: str, seen: ResourceChange, fresh: ResourceChange) -> bool:
    """Whether one of two plans does something to an attribute.

    What an update leaves as it is may differ from plan to plan, since clouds write some attributes themselves: the time
    to which a database can be restored moves on every few minutes.
    """
    if {seen.action, fresh.action} != {Action.UPDATE}:
        return True
    return any(change.name == attribute_of(path) for change in (*seen.attributes, *fresh.attributes))
