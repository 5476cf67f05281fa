"""Which statuses a protected branch asks for: https://docs.github.com/rest/branches/branch-protection."""

from dataclasses import replace

from controller.sandbox.errors import RefusedError
from controller.sandbox.nouns import RequiredChecks
from controller.sandbox.render.protection import required_checks
from controller.sandbox.render.users import Json
from controller.sandbox.rest.answers import Answer, nothing, ok
from controller.sandbox.rest.branches import BRANCH, protected
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import endpoints
from controller.sandbox.rest.fields import strings, typed


def get_required_checks(call: Call) -> Answer:
    """Which statuses it asks for; 404 where none."""
    return ok(required_checks(call.view, _found(call)))


def update_required_checks(call: Call) -> Answer:
    """Change which statuses it asks for; 404 where none."""
    new = call.forge.required_checks.put(changed(_found(call), call.json()))
    return ok(required_checks(call.view, new))


def delete_required_checks(call: Call) -> Answer:
    """Ask for no statuses."""
    call.forge.required_checks.drop(_found(call))
    return nothing()


def get_contexts(call: Call) -> Answer:
    """The contexts of the statuses that it asks for."""
    return ok(list(_found(call).contexts))


def add_contexts(call: Call) -> Answer:
    """Ask for more statuses."""
    found = _found(call)
    return _set(call, found, (*found.contexts, *_given(call)))


def set_contexts(call: Call) -> Answer:
    """Ask for these statuses."""
    return _set(call, _found(call), _given(call))


def remove_contexts(call: Call) -> Answer:
    """Ask for fewer statuses."""
    found, given = _found(call), _given(call)
    return _set(call, found, tuple(one for one in found.contexts if one not in given))


def changed(old: RequiredChecks, given: Json) -> RequiredChecks:
    """What a body makes of it: its `checks` are contexts too; which App sets them is no matter here.

    Raises:
        RefusedError: 422, a value of the wrong type.
    """
    strict = typed("strict", given.get("strict"), bool)
    checks = typed("checks", given.get("checks"), list) or []
    named = [(typed("checks/items", one, dict) or {}).get("context") for one in checks]
    contexts = (*strings("contexts", given.get("contexts")), *strings("checks/items/context", named))
    new = old if strict is None else replace(old, strict=strict)
    given_any = given.get("contexts") is not None or given.get("checks") is not None
    return replace(new, contexts=tuple(dict.fromkeys(contexts))) if given_any else new


def _found(call: Call) -> RequiredChecks:
    protection = protected(call)
    found = call.forge.required_checks.find((protection.repository, protection.branch))
    if found is None:
        raise RefusedError(404, "Required status checks not enabled")
    return found


def _given(call: Call) -> tuple[str, ...]:
    return strings("contexts", call.items("contexts"))


def _set(call: Call, found: RequiredChecks, contexts: tuple[str, ...]) -> Answer:
    kept = call.forge.required_checks.put(replace(found, contexts=tuple(dict.fromkeys(contexts))))
    return ok(list(kept.contexts))


ENDPOINTS = endpoints(
    BRANCH + "/protection/required_status_checks",
    "branches/branch-protection",
    ("administration",),
    ("GET ", get_required_checks),
    ("PATCH ", update_required_checks),
    ("DELETE ", delete_required_checks),
    ("GET /contexts", get_contexts),
    ("POST /contexts", add_contexts),
    ("PUT /contexts", set_contexts),
    ("DELETE /contexts", remove_contexts),
)
