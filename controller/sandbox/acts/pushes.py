"""What a push does to the pulls that hang on its branch: their heads move, or they end."""

from dataclasses import replace

from controller.sandbox.acts import comments, pulls, review_requests
from controller.sandbox.forge import Forge, now
from controller.sandbox.git import changes
from controller.sandbox.git.cli import ZERO
from controller.sandbox.nouns import Pull, Repository, User
from controller.sandbox.rules import decisions, heads
from controller.sandbox.webhooks import events


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
    based = [pull for pull in forge.pulls_of(repository, "open") if pull.base_ref == branch]
    for pull in heads.pulls_from(forge, repository):
        if pull.head_ref == branch and after == ZERO:
            pulls.close(forge, pull, actor)
        elif pull.head_ref == branch and pull.head_sha != after:
            _synchronize(forge, pull, after, actor)
    if after == ZERO:
        for pull in based:
            pulls.set_state(forge, forge.pull(pull.id), actor, "closed")
    elif before != ZERO:
        _end_those_that_arrived(forge, repository, based, tips, actor)


def _end_those_that_arrived(
    forge: Forge, repository: Repository, based: list[Pull], tips: tuple[str, str], actor: User
) -> None:
    arrived = set(changes.pushed(forge.git(repository), *tips, None)) if based else set()
    for pull in based:
        if pull.head_sha in arrived:
            facts = {"merged_at": now(), "merged_by": actor.login, "merge_commit_sha": tips[1]}
            pulls.close(forge, pull, actor, **facts)


def _synchronize(forge: Forge, pull: Pull, after: str, actor: User) -> None:
    base = forge.branch(forge.repository_of(pull), pull.base_ref) or pull.base_sha
    moved = replace(
        pull, head_sha=after, base_sha=base, updated_at=now(), mergeable=None, pushed_by=actor.login
    )
    updated = forge.pulls.put(pulls.measured(forge, moved, strict=False))
    events.pull_request(forge, updated, actor, "synchronize", before=pull.head_sha, after=after)
    comments.moved(forge, updated)
    _dismiss_stale(forge, updated, actor)
    review_requests.ask_owners(forge, pulls.tested(forge, updated), actor, pull.owners)


def _dismiss_stale(forge: Forge, pull: Pull, actor: User) -> None:
    wanted = decisions.required(forge, pull)
    if wanted is None or not wanted.dismiss_stale_reviews:
        return
    for review in forge.reviews.of(pull.id):
        if review.state == "APPROVED":
            dismissed = forge.reviews.put(replace(review, state="DISMISSED"))
            events.review(forge, dismissed, actor, "dismissed")
