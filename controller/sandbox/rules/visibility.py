"""Who sees what was said: https://docs.github.com/rest/pulls/reviews#get-a-review-for-a-pull-request."""

from controller.sandbox.forge import Forge
from controller.sandbox.nouns import Review, ReviewComment, User


def is_seen(forge: Forge, viewer: User | None, said: Review | ReviewComment) -> bool:
    """Whether somebody sees a review, or a comment in one: while it is pending, its author does and nobody else."""
    review = forge.reviews.get(said.review) if isinstance(said, ReviewComment) else said
    is_own = review is not None and viewer is not None and review.user == viewer.login
    return review is None or review.submitted_at is not None or is_own
