"""How a pull merges: https://docs.github.com/rest/pulls/pulls#merge-a-pull-request."""

from dataclasses import dataclass, replace
from typing import Literal

from controller.sandbox import merging, objects, pulls, refs
from controller.sandbox.errors import RefusedError, conflict
from controller.sandbox.forge import Forge, now, signature
from controller.sandbox.git import Git
from controller.sandbox.nouns import Pull, User

Method = Literal["merge", "squash", "rebase"]
_NOT_MERGEABLE = "Pull Request is not mergeable"


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants a pull merged; a title or message of None is GitHub's own choice.

    `sha` is the head that they have seen, None for whatever it is.
    """

    method: Method = "merge"
    title: str | None = None
    message: str | None = None
    sha: str | None = None


def merge(forge: Forge, pull: Pull, actor: User, wish: Wish) -> Pull:
    """Merge a pull: the commits, the base branch, the pull's end, and their events.

    Raises:
        RefusedError: 405, it is closed, a draft or in conflict; 409, head is not the one that was seen.
    """
    _check(pull, wish)
    repository = forge.repository_of(pull)
    base = forge.branch(repository, pull.base_ref)
    if base is None:
        raise RefusedError(405, _NOT_MERGEABLE)
    sides = merging.Sides(forge.git(repository), base, pull.head_sha)
    landed = _landed(sides, forge, pull, actor, wish)
    if not landed:
        raise RefusedError(405, "This branch can't be rebased" if wish.method == "rebase" else _NOT_MERGEABLE)
    facts = {"merged_at": now(), "merged_by": actor.login, "merge_commit_sha": landed[-1], "landed": landed}
    name = refs.HEADS + pull.base_ref
    sides.git.output("update-ref", name, landed[-1])
    # The pull ends before the move is told, or its own commits would be taken for somebody else's merge of it.
    closed = pulls.close(forge, replace(pull, base_sha=base), actor, **facts)
    refs.moved(forge, repository, name, landed[-1], actor)
    return closed


def _check(pull: Pull, wish: Wish) -> None:
    if pull.state == "closed":
        raise RefusedError(405, _NOT_MERGEABLE)
    if wish.sha is not None and wish.sha != pull.head_sha:
        raise conflict("Head branch was modified. Review and try the merge again.")
    if pull.draft:
        raise RefusedError(405, "Pull Request is still a draft")


def _landed(sides: merging.Sides, forge: Forge, pull: Pull, actor: User, wish: Wish) -> tuple[str, ...]:
    by = signature(actor)
    if wish.method == "rebase":
        return merging.rebase(sides, by.date) or ()
    if wish.method == "squash":
        author = signature(forge.user(pull.user))
        made = merging.squash(sides, author, _message(wish, *_squash_words(sides.git, pull)))
    else:
        made = merging.merge(sides, by, _message(wish, *_merge_words(forge, pull)))
    return (made,) if made else ()


def _message(wish: Wish, title: str, message: str) -> str:
    chosen = title if wish.title is None else wish.title
    body = message if wish.message is None else wish.message
    return f"{chosen}\n\n{body}".strip()


def _merge_words(forge: Forge, pull: Pull) -> tuple[str, str]:
    owner = forge.repository_of(pull).owner
    return f"Merge pull request #{pull.number} from {owner}/{pull.head_ref}", pull.title


def _squash_words(git: Git, pull: Pull) -> tuple[str, str]:
    commits = objects.commits(git, pull.commits)
    if len(commits) == 1:
        return f"{commits[0].headline} (#{pull.number})", commits[0].rest
    return f"{pull.title} (#{pull.number})", "\n\n".join(f"* {commit.message}" for commit in commits)
