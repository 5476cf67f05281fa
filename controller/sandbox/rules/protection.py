"""What a protected branch allows: which pulls may be merged into it, and who may move it directly.

See https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from controller.sandbox.forge import Forge
from controller.sandbox.nouns import Protection, Pull, Repository, RequiredChecks, User
from controller.sandbox.rules import decisions, rulesets

Kind = Literal["deletion", "force", "merge", "push"]
_WORDS = {"success": "", "error": "errored", "failure": "failing", "pending": "pending"}
_HEADS, _GROUPS = "refs/heads/", "gh-readonly-queue/"
_QUEUE = "Changes must be made through the merge queue"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is refused to somebody on a protected branch, in GitHub's words; not for the commits in `but`."""

    branch: str
    kind: Kind
    message: str
    but: tuple[str, ...] = ()


def of(forge: Forge, repository: Repository, branch: str) -> Protection | None:
    """The protection of a branch."""
    return forge.protections.find((repository.id, branch))


def bypasses(forge: Forge, found: Protection, actor: User) -> bool:
    """Whether what a merge needs is no matter to somebody: people who administer, unless they are included."""
    held = forge.role(forge.repository(found.repository), actor)
    return held == "admin" and actor.type == "User" and not found.enforce_admins


def hindrances(forge: Forge, pull: Pull) -> tuple[str, ...]:
    """What a pull needs before anybody but an administrator may merge it, in GitHub's words."""
    found = of(forge, forge.repository_of(pull), pull.base_ref)
    locked = "Cannot change this locked branch" if found and found.lock_branch else None
    needs = (locked, decisions.missing(forge, pull), _unchecked(forge, pull))
    return tuple(need for need in needs if need)


def is_behind(forge: Forge, pull: Pull) -> bool:
    """Whether a pull must take in its base first."""
    found = rulesets.required_checks(forge, forge.repository_of(pull), pull.base_ref)
    return pull.behind and found is not None and found.strict


def has_queue(forge: Forge, repository: Repository, branch: str, actor: User) -> bool:
    """Whether somebody's pulls get into a branch through its merge queue alone."""
    found = rulesets.queue(forge, repository, branch)
    return found is not None and not rulesets.bypasses(forge, found[0], actor)


def refusal(forge: Forge, pull: Pull, actor: User) -> str | None:
    """Why somebody may not merge a pull; None if they may."""
    repository = forge.repository_of(pull)
    if has_queue(forge, repository, pull.base_ref, actor):
        return f"Repository rule violations found\n\n{_QUEUE}\n\n"
    if _passes(forge, repository, pull.base_ref, actor):
        return None
    behind = "The head branch is not up to date with the base branch." if is_behind(forge, pull) else ""
    return " ".join(filter(None, (*hindrances(forge, pull), behind))) or None


def rules(forge: Forge, repository: Repository, actor: User) -> Iterator[Rule]:
    """What is refused to somebody who moves branches without a pull."""
    for found in forge.protections.of(repository.id):
        if not found.allow_deletions:
            yield Rule(found.branch, "deletion", "Cannot delete this branch")
        if not found.allow_force_pushes:
            yield Rule(found.branch, "force", "Cannot force-push to this branch")
        if not bypasses(forge, found, actor):
            yield from _rules_of_content(forge, repository, found)
    for name in (ref.name.removeprefix(_HEADS) for ref in forge.refs.of(repository.id)):
        yield from _rules_of_rulesets(forge, repository, name, actor)


def refused(
    forge: Forge, repository: Repository, branch: str, actor: User, move: tuple[Collection[Kind], str]
) -> tuple[str, ...]:
    """Why somebody may not move a branch, in GitHub's words.

    Args:
        forge: The state.
        repository: Where.
        branch: The branch's name.
        actor: Who moves it.
        move: All that it is, and to which commit.
    """
    kinds, sha = move
    return tuple(
        rule.message
        for rule in rules(forge, repository, actor)
        if rule.branch == branch and rule.kind in kinds and sha not in rule.but
    )


def unmet(forge: Forge, required: RequiredChecks, sha: str) -> str | None:
    """Which of the required statuses a commit lacks, in GitHub's words; None if none."""
    held = {one.context: one.state for one in forge.statuses.of((required.repository, sha))}
    states = {name: _WORDS[held[name]] if name in held else "expected" for name in required.contexts}
    lacking = {name: state for name, state in states.items() if state}
    if not lacking:
        return None
    kinds = Counter(lacking.values())
    if len(required.contexts) == 1:
        [(name, state)] = lacking.items()
        return f'Required status check "{name}" is {state}.'
    share = f"{len(lacking)} of {len(required.contexts)} required status checks"
    if len(kinds) == 1:
        return f"{share} are {next(iter(kinds))}."
    return f"{share} have not succeeded: {_listed([f'{count} {kind}' for kind, count in kinds.items()])}."


def _passes(forge: Forge, repository: Repository, branch: str, actor: User) -> bool:
    found, others = of(forge, repository, branch), rulesets.of(forge, repository, branch)
    allowed = found is None or bypasses(forge, found, actor)
    return allowed and all(rulesets.bypasses(forge, one, actor) for one in others)


def _unchecked(forge: Forge, pull: Pull) -> str | None:
    found = rulesets.required_checks(forge, forge.repository_of(pull), pull.base_ref)
    return unmet(forge, found, pull.head_sha) if found else None


def _rules_of_content(forge: Forge, repository: Repository, found: Protection) -> Iterator[Rule]:
    branch = found.branch
    if found.lock_branch:
        yield Rule(branch, "push", "Cannot change this locked branch")
    if found.required_linear_history:
        yield Rule(branch, "merge", "This branch must not contain merge commits.")
    if forge.required_reviews.find((repository.id, branch)):
        yield Rule(branch, "push", "Changes must be made through a pull request.")
    yield from _rules_of_checks(forge, forge.required_checks.find((repository.id, branch)))


def _rules_of_checks(forge: Forge, checks: RequiredChecks | None) -> Iterator[Rule]:
    if checks and checks.contexts:
        # A commit has statuses only if it was pushed before: it is then the tip of some branch, mostly of a new one.
        tips = [ref.sha for ref in forge.refs.of(checks.repository) if ref.name.startswith(_HEADS)]
        green = tuple({sha for sha in tips if unmet(forge, checks, sha) is None})
        yield Rule(checks.branch, "push", str(unmet(forge, checks, "")), green)


def _rules_of_rulesets(forge: Forge, repository: Repository, branch: str, actor: User) -> Iterator[Rule]:
    found = rulesets.of(forge, repository, branch)
    if branch.startswith(_GROUPS):
        yield from (Rule(branch, kind, _QUEUE) for kind in ("push", "deletion"))
    if has_queue(forge, repository, branch, actor):
        yield Rule(branch, "push", _QUEUE)
    if not all(rulesets.bypasses(forge, one, actor) for one in found):
        yield from _rules_of_checks(forge, rulesets.required_checks(forge, repository, branch))


def _listed(words: list[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}"
