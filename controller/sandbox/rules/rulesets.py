"""Rulesets: what they ask of a branch beside its protection, and who may pass them by.

See https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets.
"""

from collections.abc import Mapping
from typing import Any

from controller.sandbox.forge import Forge
from controller.sandbox.nouns import Repository, RequiredChecks, Ruleset, User

QUEUE, CHECKS = "merge_queue", "required_status_checks"
_ADMIN_ROLE = 5


def of(forge: Forge, repository: Repository, branch: str) -> list[Ruleset]:
    """The rulesets that hold for a branch, oldest first."""
    names = {f"refs/heads/{branch}", "~ALL"} | (
        {"~DEFAULT_BRANCH"} if branch == repository.default_branch else set()
    )
    return [
        one
        for one in forge.rulesets.of(repository.id)
        if one.enforcement == "active" and names & set(one.include) and not names & set(one.exclude)
    ]


def queue(forge: Forge, repository: Repository, branch: str) -> tuple[Ruleset, Mapping[str, Any]] | None:
    """What gives a branch its merge queue, and how that is to merge; None where it has none."""
    found = (
        (one, rule["parameters"])
        for one in of(forge, repository, branch)
        for rule in one.rules
        if rule["type"] == QUEUE
    )
    return next(found, None)


def required_checks(forge: Forge, repository: Repository, branch: str) -> RequiredChecks | None:
    """Which statuses a branch's protection and its rulesets ask for together; None if none."""
    protected = forge.required_checks.find((repository.id, branch))
    asked = [
        rule["parameters"]
        for one in of(forge, repository, branch)
        for rule in one.rules
        if rule["type"] == CHECKS
    ]
    if not asked:
        return protected
    contexts = [one["context"] for rule in asked for one in rule["required_status_checks"]]
    strict = any(rule["strict_required_status_checks_policy"] for rule in asked)
    return RequiredChecks(
        repository=repository.id,
        branch=branch,
        strict=strict or (protected is not None and protected.strict),
        contexts=tuple(dict.fromkeys((*(protected.contexts if protected else ()), *contexts))),
    )


def bypasses(forge: Forge, found: Ruleset, actor: User) -> bool:
    """Whether a ruleset is no matter to somebody: it lets administrators pass, and they are one."""
    held = forge.role(forge.repository(found.repository), actor)
    return held == "admin" and actor.type == "User" and any(map(_is_admin, found.bypass_actors))


def _is_admin(actor: Mapping[str, Any]) -> bool:
    kind = actor["actor_type"]
    return kind == "OrganizationAdmin" or (kind == "RepositoryRole" and actor.get("actor_id") == _ADMIN_ROLE)
