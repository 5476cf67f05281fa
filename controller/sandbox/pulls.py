"""What happens to pulls: opened, edited, pushed to, tested, closed; see merges.py for how they merge."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from controller.sandbox import changes, events, objects
from controller.sandbox.errors import invalid
from controller.sandbox.forge import Forge, now, signature
from controller.sandbox.git import ZERO
from controller.sandbox.merging import merged_tree
from controller.sandbox.nouns import Pull, Repository, User

State = Literal["open", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a new pull is to be; `head` and `base` are branch names."""

    title: str
    head: str
    base: str
    body: str | None = None
    draft: bool = False


def open_pull(forge: Forge, repository: Repository, author: User, proposal: Proposal) -> Pull:
    """Open a pull: https://docs.github.com/rest/pulls/pulls#create-a-pull-request.

    Raises:
        RefusedError: 422, a branch does not exist, head brings nothing, or such a pull is open.
    """
    head, base = _tips(forge, repository, proposal.head, proposal.base)
    if _open_between(forge, repository, proposal.head, proposal.base):
        label = f"{repository.owner}:{proposal.head}"
        raise invalid("PullRequest", f"A pull request already exists for {label}.")
    number = repository.last_number + 1
    pull = Pull(
        repository=repository.id, number=number, title=proposal.title, body=proposal.body, user=author.login,
        head_ref=proposal.head, head_sha=head, base_ref=proposal.base, base_sha=base, draft=proposal.draft,
        created_at=now(), updated_at=now(),
    )  # fmt: skip
    measured = _measured(forge, repository, pull)
    forge.repositories.put(replace(repository, last_number=number))
    opened = forge.pulls.add(measured)
    events.pull_request(forge, opened, author, "opened")
    return tested(forge, opened)


def edit(forge: Forge, pull: Pull, actor: User, new: dict[str, Any]) -> Pull:
    """Change title, body or base: https://docs.github.com/rest/pulls/pulls#update-a-pull-request.

    Args:
        forge: The state.
        pull: Which one.
        actor: Who does it.
        new: New values of `title`, `body` and `base_ref`.

    Raises:
        RefusedError: 422, the new base does not exist or has all of head's commits.
    """
    changed = {name: value for name, value in new.items() if getattr(pull, name) != value}
    if not changed:
        return pull
    edited = replace(pull, **changed, updated_at=now())
    was: dict[str, Any] = {name: {"from": getattr(pull, name)} for name in changed if name != "base_ref"}
    if "base_ref" in changed:
        repository = forge.repository_of(pull)
        _, base = _tips(forge, repository, pull.head_ref, edited.base_ref)
        edited = _measured(forge, repository, replace(edited, base_sha=base))
        was["base"] = {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}
    forge.pulls.put(edited)
    events.pull_request(forge, edited, actor, "edited", changes=was)
    return tested(forge, edited)


def set_state(forge: Forge, pull: Pull, actor: User, state: State) -> Pull:
    """Close or reopen a pull.

    Raises:
        RefusedError: 422, a merged pull or one whose branch is gone cannot be opened again.
    """
    if pull.state == state:
        return pull
    if state == "closed":
        return close(forge, pull, actor)
    repository = forge.repository_of(pull)
    head = forge.branch(repository, pull.head_ref)
    if pull.merged or head is None or forge.branch(repository, pull.base_ref) is None:
        raise invalid("PullRequest", "state cannot be changed. The pull request cannot be reopened.", "state")
    if _open_between(forge, repository, pull.head_ref, pull.base_ref):
        message = f"state cannot be changed. There is already an open pull request for {pull.head_ref}."
        raise invalid("PullRequest", message, "state")
    renewed = replace(pull, state="open", closed_at=None, closed_by=None, head_sha=head, updated_at=now())
    opened = forge.pulls.put(_measured(forge, repository, renewed))
    events.pull_request(forge, opened, actor, "reopened")
    return tested(forge, opened)


def close(forge: Forge, pull: Pull, actor: User, **merge: Any) -> Pull:
    """Close a pull, without a merge or (with the fields that a merge sets) by one."""
    at = now()
    closed = forge.pulls.put(
        replace(pull, state="closed", closed_at=at, closed_by=actor.login, updated_at=at, **merge)
    )
    forge.git(forge.repository_of(pull)).output("update-ref", "-d", f"refs/pull/{pull.number}/merge")
    events.pull_request(forge, closed, actor, "closed")
    return closed


def set_draft(forge: Forge, pull: Pull, actor: User, *, draft: bool) -> Pull:
    """Convert a pull to a draft, or mark it ready for review."""
    if pull.draft == draft:
        return pull
    changed = forge.pulls.put(replace(pull, draft=draft, updated_at=now()))
    events.pull_request(forge, changed, actor, "converted_to_draft" if draft else "ready_for_review")
    return changed


def branch_moved(
    forge: Forge, repository: Repository, branch: str, tips: tuple[str, str], actor: User
) -> None:
    """Tell the open pulls of a branch that it moved, is gone, or has what they bring.

    Args:
        forge: The state.
        repository: Where.
        branch: The branch's name.
        tips: Its sha before and after, zeros where there is none.
        actor: Who moved it.
    """
    before, after = tips
    current = forge.pulls_of(repository, "open")
    for pull in current:
        if after == ZERO and branch in (pull.head_ref, pull.base_ref):
            close(forge, pull, actor)
        elif branch == pull.head_ref and pull.head_sha != after:
            _synchronize(forge, repository, pull, after, actor)
    based = [pull for pull in current if pull.base_ref == branch]
    if based and ZERO not in tips:
        arrived = set(changes.pushed(forge.git(repository), before, after, None))
        for pull in based:
            if pull.head_sha in arrived:
                close(forge, pull, actor, merged_at=now(), merged_by=actor.login, merge_commit_sha=after)


def tested(forge: Forge, pull: Pull) -> Pull:
    """The pull with what a merge would come to, found out anew if a tip has moved since.

    The test merge is `merge_commit_sha` and the ref `refs/pull/N/merge`:
    https://docs.github.com/rest/guides/using-the-rest-api-to-interact-with-your-git-database#checking-mergeability-of-pull-requests.
    """
    repository = forge.repository_of(pull)
    base = forge.branch(repository, pull.base_ref)
    if (
        pull.state == "closed"
        or base is None
        or (base, pull.head_sha) == (pull.tested_base, pull.tested_head)
    ):
        return pull
    git = forge.git(repository)
    tree = merged_tree(git, base, pull.head_sha)
    found = replace(pull, mergeable=tree is not None, tested_base=base, tested_head=pull.head_sha)
    if tree is not None:
        author = signature(forge.user(pull.user))
        message = f"Merge {pull.head_sha} into {base}"
        sha = objects.write_commit(git.signed(author, author), tree, (base, pull.head_sha), message)
        git.output("update-ref", f"refs/pull/{pull.number}/merge", sha)
        found = replace(found, merge_commit_sha=sha)
    return forge.pulls.put(found)


def _synchronize(forge: Forge, repository: Repository, pull: Pull, after: str, actor: User) -> None:
    base = forge.branch(repository, pull.base_ref) or pull.base_sha
    moved = replace(pull, head_sha=after, base_sha=base, updated_at=now(), mergeable=None)
    updated = forge.pulls.put(_measured(forge, repository, moved, strict=False))
    events.pull_request(forge, updated, actor, "synchronize", before=pull.head_sha, after=after)
    tested(forge, updated)


def _measured(forge: Forge, repository: Repository, pull: Pull, *, strict: bool = True) -> Pull:
    git = forge.git(repository)
    common = changes.merge_base(git, pull.base_sha, pull.head_sha)
    shas = changes.between(git, pull.base_sha, pull.head_sha)
    if strict and common is None:
        message = f"The {pull.head_ref} branch has no history in common with {pull.base_ref}"
        raise invalid("PullRequest", message)
    if strict and not shas:
        raise invalid("PullRequest", f"No commits between {pull.base_ref} and {pull.head_ref}")
    git.output("update-ref", f"refs/pull/{pull.number}/head", pull.head_sha)
    added, deleted, files = changes.numbers(git, common or pull.base_sha, pull.head_sha)
    return replace(pull, commits=shas, additions=added, deletions=deleted, changed_files=files)


def _tips(forge: Forge, repository: Repository, head: str, base: str) -> tuple[str, str]:
    tips = {"head": forge.branch(repository, head), "base": forge.branch(repository, base)}
    for field, sha in tips.items():
        if sha is None:
            raise invalid("PullRequest", f"{field} is invalid", field, "invalid")
    return str(tips["head"]), str(tips["base"])


def _open_between(forge: Forge, repository: Repository, head: str, base: str) -> bool:
    found = forge.pulls_of(repository, "open")
    return any((pull.head_ref, pull.base_ref) == (head, base) for pull in found)
