"""How a pull merges: https://docs.github.com/rest/pulls/pulls#merge-a-pull-request."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from controller.sandbox.acts import pulls, refs
from controller.sandbox.errors import RefusedError, conflict, unprocessable
from controller.sandbox.forge import Forge, now, signature
from controller.sandbox.git import changes, merging, objects
from controller.sandbox.git.cli import ZERO, Git, Signature
from controller.sandbox.nouns import Pull, Repository, User
from controller.sandbox.rules import heads, protection

Method = Literal["merge", "squash", "rebase"]
_PLURALS: Mapping[Method, str] = {
    "merge": "Merge commits",
    "squash": "Squash merges",
    "rebase": "Rebase merges",
}
_NOT_MERGEABLE = "Pull Request is not mergeable"


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants a pull merged; a title or message of None is GitHub's own choice.

    `sha` is the head that they have seen, None for whatever it is; `later` is how many seconds from now the merge is
    dated, so that one that is made again is another one.
    """

    method: Method = "merge"
    title: str | None = None
    message: str | None = None
    sha: str | None = None
    later: int = 0


def merge(forge: Forge, pull: Pull, actor: User, wish: Wish) -> Pull:
    """Merge a pull: the commits, the base branch, the pull's end, and their events.

    Raises:
        RefusedError: 405, it is closed, a draft or in conflict; 409, head is not the one that was seen.
    """
    repository, pull = forge.repository_of(pull), pulls.tested(forge, pull)
    _check(forge, repository, pull, actor, wish)
    base = forge.branch(repository, pull.base_ref)
    if base is None:
        raise RefusedError(405, _NOT_MERGEABLE)
    landed = made(forge, pull, base, actor, wish)
    if not landed:
        raise RefusedError(405, "This branch can't be rebased" if wish.method == "rebase" else _NOT_MERGEABLE)
    return land(forge, pull, base, landed, actor)


def land(forge: Forge, pull: Pull, base: str, landed: tuple[str, ...], actor: User) -> Pull:
    """Move a pull's base branch to the commits of its merge, and end the pull.

    Args:
        forge: The state.
        pull: Which one.
        base: The tip on which the commits are.
        landed: The commits, oldest first.
        actor: Who merges.

    Raises:
        RefusedError: 405, the base branch has moved.
    """
    repository = forge.repository_of(pull)
    facts = {"merged_at": now(), "merged_by": actor.login, "merge_commit_sha": landed[-1], "landed": landed}
    name = refs.HEADS + pull.base_ref
    _point(forge, repository, name, landed[-1])
    # The pull ends before the move is told, or its own commits would be taken for somebody else's merge of it.
    closed = pulls.close(forge, replace(pull, base_sha=base), actor, **facts)
    refs.moved(forge, repository, name, landed[-1], actor)
    if repository.delete_branch_on_merge:
        _delete_head(forge, closed, actor)
    return closed


def _point(forge: Forge, repository: Repository, name: str, sha: str) -> None:
    try:
        refs.point(forge, repository, name, sha)
    except RefusedError:
        message = "Base branch was modified. Review and try the merge again."
        raise RefusedError(405, message) from None


def update_branch(forge: Forge, pull: Pull, actor: User) -> None:
    """Merge a pull's base into its head: https://docs.github.com/rest/pulls/pulls#update-a-pull-request-branch.

    Raises:
        RefusedError: 422, the fork is gone, head has all of base, or they are in conflict.
    """
    repository, home = forge.repository_of(pull), heads.head_repository(forge, pull)
    base, by = forge.branch(repository, pull.base_ref), signature(actor)
    if home is None or base is None or pull.state == "closed":
        raise unprocessable("The head branch cannot be updated.")
    git = forge.git(repository)
    if changes.is_ancestor(git, base, pull.head_sha):
        raise unprocessable("There are no new commits on the base branch.")
    message = f"Merge branch '{pull.base_ref}' into {pull.head_ref}"
    made = merging.merge(merging.Sides(git, pull.head_sha, base), by, message)
    if made is None:
        raise unprocessable("merge conflict between base and head")
    name = refs.HEADS + pull.head_ref
    if home.id != repository.id:
        heads.bring(git, forge.git(home), made)
    refs.check(forge, home, name, made, actor)
    refs.move(forge, home, name, made, actor)


def _delete_head(forge: Forge, pull: Pull, actor: User) -> None:
    home = heads.head_repository(forge, pull)
    spared = home and (pull.head_ref == home.default_branch or protection.of(forge, home, pull.head_ref))
    if home and not spared and forge.branch(home, pull.head_ref):
        refs.move(forge, home, refs.HEADS + pull.head_ref, ZERO, actor)


def _check(forge: Forge, repository: Repository, pull: Pull, actor: User, wish: Wish) -> None:
    if pull.state == "closed":
        raise RefusedError(405, _NOT_MERGEABLE)
    if wish.sha is not None and wish.sha != pull.head_sha:
        raise conflict("Head branch was modified. Review and try the merge again.")
    if pull.draft:
        raise RefusedError(405, "Pull Request is still a draft")
    if wish.method not in methods(forge, repository, pull.base_ref):
        raise RefusedError(405, f"{_PLURALS[wish.method]} are not allowed on this repository.")
    refused = protection.refusal(forge, pull, actor)
    if refused:
        raise RefusedError(405, refused)


def methods(forge: Forge, repository: Repository, base: str) -> list[Method]:
    """The ways to merge that a repository allows, and its protection of the base branch."""
    found = protection.of(forge, repository, base)
    allowed: dict[Method, bool] = {
        "merge": repository.allow_merge_commit and not (found and found.required_linear_history),
        "squash": repository.allow_squash_merge,
        "rebase": repository.allow_rebase_merge,
    }
    return [method for method, yes in allowed.items() if yes]


def made(forge: Forge, pull: Pull, base: str, actor: User, wish: Wish) -> tuple[str, ...]:
    """The commits of a pull's merge on top of a base, oldest first; none on conflicts. No branch holds them yet."""
    sides = merging.Sides(forge.git(forge.repository_of(pull)), base, pull.head_sha)
    by = signature(actor, wish.later)
    if wish.method == "rebase":
        return merging.rebase(sides, by) or ()
    if wish.method == "squash":
        author = signature(forge.user(pull.user), wish.later)
        commit = merging.squash(sides, author, _message(wish, *_squash_words(sides.git, pull, author)))
    else:
        commit = merging.merge(sides, by, _message(wish, *_merge_words(forge, pull)))
    return (commit,) if commit else ()


def _message(wish: Wish, title: str, message: str) -> str:
    chosen = title if wish.title is None else wish.title
    body = message if wish.message is None else wish.message
    return f"{chosen}\n\n{body}".strip()


def _merge_words(forge: Forge, pull: Pull) -> tuple[str, str]:
    owner = heads.head_owner(forge, pull)
    return f"Merge pull request #{pull.number} from {owner}/{pull.head_ref}", pull.title


def _squash_words(git: Git, pull: Pull, author: Signature) -> tuple[str, str]:
    commits = objects.commits(git, pull.commits)
    others = {one.author.email: one.author.name for one in commits if one.author.email != author.email}
    shares = "\n".join(f"Co-authored-by: {name} <{email}>" for email, name in others.items())
    if len(commits) == 1:
        return f"{commits[0].headline} (#{pull.number})", f"{commits[0].rest}\n\n{shares}".strip()
    told = "\n\n".join(f"* {commit.message}" for commit in commits)
    return f"{pull.title} (#{pull.number})", f"{told}\n\n---------\n\n{shares}" if shares else told
