"""What happens to pulls: opened, edited, tested, closed; see pushes.py for what pushes do, merges.py for how they merge."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from controller.sandbox.acts import review_requests
from controller.sandbox.errors import invalid
from controller.sandbox.forge import Forge, now, signature
from controller.sandbox.git import changes, objects
from controller.sandbox.git.merging import merged_tree
from controller.sandbox.nouns import Pull, Repository, User
from controller.sandbox.rules import heads, owners
from controller.sandbox.webhooks import events

State = Literal["open", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a new pull is to be; `head` and `base` are branch names, `fork` where the head is if not beside the base."""

    title: str
    head: str
    base: str
    fork: Repository | None = None
    body: str | None = None
    draft: bool = False
    maintainer_can_modify: bool = False


def open_pull(forge: Forge, repository: Repository, author: User, proposal: Proposal) -> Pull:
    """Open a pull: https://docs.github.com/rest/pulls/pulls#create-a-pull-request.

    Raises:
        RefusedError: 422, a branch does not exist, head brings nothing, or such a pull is open.
    """
    drafted = _drafted(forge, repository, author, proposal)
    if _twin(forge, drafted):
        label = f"{heads.head_owner(forge, drafted)}:{drafted.head_ref}"
        raise invalid("PullRequest", f"A pull request already exists for {label}.")
    made = measured(forge, drafted)
    forge.repositories.put(replace(repository, last_number=drafted.number))
    opened = forge.pulls.add(made)
    events.pull_request(forge, opened, author, "opened")
    return review_requests.ask_owners(forge, tested(forge, opened), author)


def edit(forge: Forge, pull: Pull, actor: User, new: dict[str, Any]) -> Pull:
    """Change a pull: https://docs.github.com/rest/pulls/pulls#update-a-pull-request.

    Args:
        forge: The state.
        pull: Which one.
        actor: Who does it.
        new: New values of `title`, `body`, `base_ref` and `maintainer_can_modify`.

    Raises:
        RefusedError: 422, the new base does not exist or has all of head's commits, or the pull is closed.
    """
    changed = {name: value for name, value in new.items() if getattr(pull, name) != value}
    if not changed:
        return pull
    if "base_ref" in changed and pull.state == "closed":
        message = "Cannot change the base branch of a closed pull request."
        raise invalid("PullRequest", message, "base")
    edited = replace(pull, **changed, updated_at=now())
    was: dict[str, Any] = {
        name: {"from": getattr(pull, name) or ""} for name in changed if name in ("title", "body")
    }
    if "base_ref" in changed:
        base = _existing("base", forge.branch(forge.repository_of(pull), edited.base_ref))
        edited = measured(forge, replace(edited, base_sha=base))
        was["base"] = {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}
    forge.pulls.put(edited)
    if was:
        events.pull_request(forge, edited, actor, "edited", changes=was)
    return tested(forge, edited)


def set_state(forge: Forge, pull: Pull, actor: User, state: State) -> Pull:
    """Close or reopen a pull.

    Raises:
        RefusedError: 422, see `reopened_head`.
    """
    if pull.state == state:
        return pull
    if state == "closed":
        return close(forge, pull, actor)
    head = reopened_head(forge, pull)
    renewed = replace(pull, state="open", closed_at=None, closed_by=None, head_sha=head, updated_at=now())
    opened = forge.pulls.put(measured(forge, renewed))
    events.pull_request(forge, opened, actor, "reopened")
    return tested(forge, opened)


def reopened_head(forge: Forge, pull: Pull) -> str:
    """The head that a closed pull has when it is opened again.

    Raises:
        RefusedError: 422, it is merged, a branch is gone or has another past, or there is such a pull.
    """
    home, head = heads.head_repository(forge, pull), heads.head_tip(forge, pull)
    there = forge.branch(forge.repository_of(pull), pull.base_ref) is not None
    why = ""
    if pull.merged or home is None or head is None or not there:
        why = "The pull request cannot be reopened."
    elif not changes.is_ancestor(forge.git(home), pull.head_sha, head):
        why = f"The {pull.head_ref} branch was force-pushed or recreated."
    elif _twin(forge, pull):
        why = f"There is already an open pull request for {pull.head_ref}."
    if why or head is None:
        raise invalid("PullRequest", f"state cannot be changed. {why}", "state")
    return head


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
    """Convert a pull to a draft, or mark it ready for review: then its code owners are asked."""
    if pull.draft == draft:
        return pull
    changed = forge.pulls.put(replace(pull, draft=draft, updated_at=now()))
    events.pull_request(forge, changed, actor, "converted_to_draft" if draft else "ready_for_review")
    return review_requests.ask_owners(forge, tested(forge, changed), actor)


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
    behind = not changes.is_ancestor(git, base, pull.head_sha)
    owned = owners.of_changes(git, base, pull.head_sha)
    found = replace(
        pull, mergeable=tree is not None, tested_base=base, tested_head=pull.head_sha, behind=behind, owners=owned
    )  # fmt: skip
    if tree is not None:
        author = signature(forge.user(pull.user))
        message = f"Merge {pull.head_sha} into {base}"
        sha = objects.write_commit(git.signed(author, author), tree, (base, pull.head_sha), message)
        git.output("update-ref", f"refs/pull/{pull.number}/merge", sha)
        found = replace(found, merge_commit_sha=sha)
    return forge.pulls.put(found)


def measured(forge: Forge, pull: Pull, *, strict: bool = True) -> Pull:
    """The pull with its commits and how much they change; its head is brought to the base's repository.

    Raises:
        RefusedError: 422, head brings nothing, or has nothing to do with base; only where this is `strict`.
    """
    git = forge.git(forge.repository_of(pull))
    heads.fetch(forge, pull)
    common = changes.merge_base(git, pull.base_sha, pull.head_sha)
    shas = changes.between(git, pull.base_sha, pull.head_sha)
    if strict and common is None:
        message = f"The {pull.head_ref} branch has no history in common with {pull.base_ref}"
        raise invalid("PullRequest", message)
    if strict and not shas:
        raise invalid("PullRequest", f"No commits between {pull.base_ref} and {pull.head_ref}")
    added, deleted, files = changes.numbers(git, common or pull.base_sha, pull.head_sha)
    return replace(pull, commits=shas, additions=added, deletions=deleted, changed_files=files)


def _drafted(forge: Forge, repository: Repository, author: User, proposal: Proposal) -> Pull:
    fork = proposal.fork if proposal.fork and proposal.fork.id != repository.id else None
    head = _existing("head", forge.branch(fork or repository, proposal.head))
    base = _existing("base", forge.branch(repository, proposal.base))
    return Pull(
        repository=repository.id, number=repository.last_number + 1, title=proposal.title, body=proposal.body,
        user=author.login, head_ref=proposal.head, head_sha=head, base_ref=proposal.base, base_sha=base,
        draft=proposal.draft, head_repository=fork.id if fork else 0, head_owner=fork.owner if fork else "",
        maintainer_can_modify=fork is not None and proposal.maintainer_can_modify, pushed_by=author.login,
        created_at=now(), updated_at=now(),
    )  # fmt: skip


def _existing(field: str, sha: str | None) -> str:
    if sha is None:
        raise invalid("PullRequest", f"{field} is invalid", field, "invalid")
    return sha


def _twin(forge: Forge, pull: Pull) -> bool:
    ends = (pull.head_repository, pull.head_ref, pull.base_ref)
    found = forge.pulls_of(forge.repository_of(pull), "open")
    return any((one.head_repository, one.head_ref, one.base_ref) == ends for one in found)
