"""Rulesets for branches, with a merge queue and required statuses: https://docs.github.com/rest/repos/rules."""

from dataclasses import replace

from controller.sandbox.errors import invalid, not_found, unprocessable
from controller.sandbox.forge import now
from controller.sandbox.nouns import Repository, Ruleset
from controller.sandbox.render import rulesets as shown
from controller.sandbox.render.users import Json
from controller.sandbox.rest.answers import Answer, created, nothing, ok
from controller.sandbox.rest.branches import administered
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import REPO, endpoints
from controller.sandbox.rest.fields import one_of, strings, typed
from controller.sandbox.rules import rulesets

_NUMBERS = {
    "check_response_timeout_minutes": 60,
    "max_entries_to_build": 5,
    "max_entries_to_merge": 5,
    "min_entries_to_merge": 1,
    "min_entries_to_merge_wait_minutes": 5,
}
_NO_INPUT = "Invalid request.\n\nInvalid property /rules/{}: data matches no possible input."


def list_rulesets(call: Call) -> Answer:
    """A repository's rulesets."""
    repository = call.repository()
    found = call.forge.rulesets.of(repository.id)
    return call.listed(found, lambda one: shown.summary(call.view, repository, one))


def get_ruleset(call: Call) -> Answer:
    """A ruleset with its rules."""
    repository = call.repository()
    return ok(shown.full(call.view, repository, _found(call, repository)))


def create_ruleset(call: Call) -> Answer:
    """Make a ruleset for branches.

    Raises:
        RefusedError: 422, there is one of that name, it is for tags or pushes, or holds a rule or a pattern of branches that
            the box does not know.
    """
    repository = administered(call)
    made = _asked(call, Ruleset(
        repository=repository.id, name="", enforcement="disabled", include=(), exclude=(), rules=(),
        bypass_actors=(), created_at=now(), updated_at=now(),
    ))  # fmt: skip
    return created(shown.full(call.view, repository, call.forge.rulesets.add(made)))


def update_ruleset(call: Call) -> Answer:
    """Change what a body holds of a ruleset."""
    repository = administered(call)
    changed = replace(_asked(call, _found(call, repository)), updated_at=now())
    return ok(shown.full(call.view, repository, call.forge.rulesets.put(changed)))


def delete_ruleset(call: Call) -> Answer:
    """Delete a ruleset."""
    call.forge.rulesets.drop(_found(call, administered(call)))
    return nothing()


def list_rules(call: Call) -> Answer:
    """The rules that hold for a branch, also for one that is yet to be."""
    repository = call.repository()
    found = rulesets.of(call.forge, repository, call.path["branch"])
    return call.listed([rule for one in found for rule in shown.rules(repository, one)], lambda rule: rule)


def _found(call: Call, repository: Repository) -> Ruleset:
    found = call.forge.rulesets.get(call.number("ruleset_id"))
    if found is None or found.repository != repository.id:
        raise not_found()
    return found


def _asked(call: Call, old: Ruleset) -> Ruleset:
    body = call.json()
    name = call.take("name", str) if not old.name or "name" in body else old.name
    twin = call.forge.rulesets.find((old.repository, name.lower()))
    if twin and twin.id != old.id:
        raise invalid("Ruleset", "Name must be unique", "name")
    if call.opt("target", str) not in (None, "branch"):
        raise unprocessable("Rulesets are for branches only here.")
    enforcement = one_of(
        "enforcement", call.opt("enforcement", str) or old.enforcement, ("active", "disabled", "evaluate")
    )
    include, exclude = _branches(call, old)
    rules, actors = call.opt("rules", list), call.opt("bypass_actors", list)
    return replace(
        old, name=name, include=include, exclude=exclude,
        enforcement="active" if enforcement == "active" else "evaluate" if enforcement == "evaluate" else "disabled",
        rules=old.rules if rules is None else tuple(_rule(at, one) for at, one in enumerate(rules)),
        bypass_actors=old.bypass_actors if actors is None else tuple(map(_actor, actors)),
    )  # fmt: skip


def _branches(call: Call, old: Ruleset) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if "conditions" not in call.json():
        return old.include, old.exclude
    named = typed("conditions/ref_name", (call.opt("conditions", dict) or {}).get("ref_name"), dict) or {}
    include, exclude = (strings(f"ref_name/{key}", named.get(key)) for key in ("include", "exclude"))
    for pattern in (*include, *exclude):
        if not pattern.startswith(("refs/heads/", "~")) or set("*?[") & set(pattern):
            raise unprocessable(f"{pattern} is no branch's full name: patterns are not supported here.")
    return include, exclude


def _rule(number: int, given: Json) -> Json:
    rule = typed("rules/items", given, dict) or {}
    asked = typed("rules/items/parameters", rule.get("parameters"), dict) or {}
    if rule.get("type") == rulesets.QUEUE:
        return {"type": rulesets.QUEUE, "parameters": _queue(number, asked)}
    if rule.get("type") == rulesets.CHECKS:
        return {"type": rulesets.CHECKS, "parameters": _checks(asked)}
    raise unprocessable(_NO_INPUT.format(number))


def _queue(number: int, asked: Json) -> Json:
    method, grouping = asked.get("merge_method", "MERGE"), asked.get("grouping_strategy", "ALLGREEN")
    numbers = {name: typed(name, asked.get(name), int) for name in _NUMBERS}
    if method not in ("MERGE", "SQUASH", "REBASE") or grouping not in ("ALLGREEN", "HEADGREEN"):
        raise unprocessable(_NO_INPUT.format(number))
    given = {name: value for name, value in numbers.items() if value is not None}
    return {"merge_method": method, "grouping_strategy": grouping, **_NUMBERS, **given}


def _checks(asked: Json) -> Json:
    named = [
        (typed("required_status_checks/items", one, dict) or {}).get("context")
        for one in typed("required_status_checks", asked.get("required_status_checks"), list) or []
    ]
    name = "strict_required_status_checks_policy"
    return {
        "required_status_checks": [{"context": one} for one in strings("context", named)],
        name: bool(typed(name, asked.get(name), bool)),
    }


def _actor(given: Json) -> Json:
    actor = typed("bypass_actors/items", given, dict) or {}
    kind = typed("actor_type", actor.get("actor_type"), str) or ""
    mode = typed("bypass_mode", actor.get("bypass_mode"), str) or "always"
    return {
        "actor_id": typed("actor_id", actor.get("actor_id"), int),
        "actor_type": one_of("actor_type", kind, ("RepositoryRole", "OrganizationAdmin")),
        "bypass_mode": one_of("bypass_mode", mode, ("always", "pull_request")),
    }


ENDPOINTS = (
    *endpoints(
        REPO + "/rulesets",
        "repos/rules",
        ("metadata",),
        ("GET ", list_rulesets),
        ("GET /{ruleset_id}", get_ruleset),
    ),
    *endpoints(
        REPO + "/rulesets",
        "repos/rules",
        ("administration",),
        ("POST ", create_ruleset),
        ("PUT /{ruleset_id}", update_ruleset),
        ("DELETE /{ruleset_id}", delete_ruleset),
    ),
    *endpoints(REPO + "/rules/branches", "repos/rules", ("metadata",), ("GET /{branch:path}", list_rules)),
)
