"""Reviews and the comments in them as GitHub shows them: https://docs.github.com/rest/pulls/reviews."""

from controller.sandbox.nouns import Review, ReviewComment
from controller.sandbox.render.commits import association
from controller.sandbox.render.issues import tally
from controller.sandbox.render.pulls import pull_url
from controller.sandbox.render.repositories import repository_url
from controller.sandbox.render.users import Json, account, node_id
from controller.sandbox.view import View

_PLACE = (
    "path", "commit_id", "original_commit_id", "diff_hunk", "line", "original_line", "start_line", "side",
    "start_side", "position", "original_position", "subject_type",
)  # fmt: skip


def review(view: View, found: Review) -> Json:
    """A review: https://docs.github.com/rest/pulls/reviews."""
    pull = view.forge.pull(found.pull)
    html = f"{view.web}/{view.forge.repository_of(pull).full_name}/pull/{pull.number}#pullrequestreview-{found.id}"
    shown = {
        "id": found.id,
        "node_id": node_id("PRR", found.id),
        "user": account(view, found.user),
        "body": found.body,
        "state": found.state,
        "html_url": html,
        "pull_request_url": pull_url(view, pull),
        "author_association": association(view, view.forge.repository_of(pull), found.user),
        "_links": {"html": {"href": html}, "pull_request": {"href": pull_url(view, pull)}},
        "commit_id": found.commit_id,
    }
    return {**shown, "submitted_at": found.submitted_at} if found.submitted_at else shown


def review_comment(view: View, found: ReviewComment) -> Json:
    """A comment on a pull's diff: https://docs.github.com/rest/pulls/comments."""
    pull = view.forge.pull(found.pull)
    repository = view.forge.repository_of(pull)
    url = f"{repository_url(view, repository)}/pulls/comments/{found.id}"
    html = f"{view.web}/{repository.full_name}/pull/{pull.number}#discussion_r{found.id}"
    links = {"self": url, "html": html, "pull_request": pull_url(view, pull)}
    reply = {"in_reply_to_id": found.in_reply_to} if found.in_reply_to else {}
    return {
        "url": url,
        "pull_request_review_id": found.review,
        "id": found.id,
        "node_id": node_id("PRRC", found.id),
        **{name: getattr(found, name) for name in _PLACE},
        "original_start_line": found.start_line,
        "user": account(view, found.user),
        "body": found.body,
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "html_url": html,
        "pull_request_url": links["pull_request"],
        "author_association": association(view, repository, found.user),
        "_links": {name: {"href": address} for name, address in links.items()},
        "reactions": tally(view, found.id, url),
        **reply,
    }
