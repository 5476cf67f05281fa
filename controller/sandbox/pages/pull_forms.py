"""What the buttons of a pull do."""

from starlette.responses import Response

from controller.sandbox.errors import RefusedError
from controller.sandbox.graphql import api as graphql
from controller.sandbox.pages.acting import act, given, go
from controller.sandbox.pages.merge_box import head
from controller.sandbox.pages.visit import Visit
from controller.sandbox.render.users import node_id
from controller.sandbox.rest import labels, merges, pulls, refs, review_requests, reviews

_OK = 200


def edit(visit: Visit) -> Response:
    """Change the title, the description, or both."""
    fields = {
        name: text.replace("\r\n", "\n") for name, text in visit.form.items() if name in ("title", "body")
    }
    act(visit, pulls.update_pull, fields)
    return _back(visit)


def set_state(visit: Visit) -> Response:
    """Close or reopen."""
    act(visit, pulls.update_pull, given(visit, "state"))
    return _back(visit)


def set_draft(visit: Visit) -> Response:
    """Convert to a draft, or mark as ready: GraphQL's, as REST has neither.

    Raises:
        RefusedError: What GraphQL says in `errors`.
    """
    name = "convertPullRequestToDraft" if visit.form.get("draft") else "markPullRequestReadyForReview"
    _mutate(visit, f"{name}(input: {{pullRequestId: $id}})")
    return _back(visit)


def enqueue(visit: Visit) -> Response:
    """Put the pull into its base's merge queue, or take it out: GraphQL's, as REST has neither.

    Raises:
        RefusedError: What GraphQL says in `errors`.
    """
    leaves = visit.form.get("leave")
    _mutate(
        visit,
        "dequeuePullRequest(input: {id: $id})"
        if leaves
        else "enqueuePullRequest(input: {pullRequestId: $id})",
    )
    return _back(visit)


def merge(visit: Visit) -> Response:
    """Merge, one of three ways, the head that was seen."""
    act(visit, merges.merge_pull, given(visit, "merge_method", "commit_title", "commit_message", "sha"))
    return _back(visit)


def review(visit: Visit) -> Response:
    """Submit a review."""
    made = act(visit, reviews.create_review, given(visit, "event", "body", "commit_id"))
    return _back(visit, f"pullrequestreview-{made['id']}")


def dismiss(visit: Visit) -> Response:
    """Dismiss a review."""
    act(visit, reviews.dismiss_review, given(visit, "message"), review_id=visit.form.get("review_id", ""))
    return _back(visit)


def ask(visit: Visit) -> Response:
    """Ask somebody for a review."""
    act(visit, review_requests.request_reviewers, {"reviewers": visit.form.getlist("reviewer")})
    return _back(visit)


def label(visit: Visit) -> Response:
    """Set the labels."""
    new = visit.form.get("new", "").strip()
    act(visit, labels.set_pull_labels, {"labels": [*visit.form.getlist("label"), *([new] if new else [])]})
    return _back(visit)


def update_branch(visit: Visit) -> Response:
    """Merge the base into the head."""
    act(visit, merges.update_branch, given(visit, "expected_head_sha"))
    return _back(visit)


def delete_branch(visit: Visit) -> Response:
    """Delete the branch that was merged or given up."""
    act(visit, refs.delete_ref, {}, **_home(visit), ref=f"heads/{visit.pull().head_ref}")
    return _back(visit)


def restore_branch(visit: Visit) -> Response:
    """Make the branch again where it was."""
    pull = visit.pull()
    act(visit, refs.create_ref, {"ref": f"refs/heads/{pull.head_ref}", "sha": pull.head_sha}, **_home(visit))
    return _back(visit)


def _mutate(visit: Visit, what: str) -> None:
    query = f"mutation($id: ID!) {{ {what} {{ clientMutationId }} }}"
    answer = act(visit, graphql.post, {"query": query, "variables": {"id": node_id("PR", visit.pull().id)}})
    for error in answer.get("errors", ()):
        raise RefusedError(_OK, error["message"])


def _home(visit: Visit) -> dict[str, str]:
    found = head(visit, visit.pull()).repository
    return {"owner": found.owner, "repo": found.name} if found else {}


def _back(visit: Visit, anchor: str = "") -> Response:
    return go(visit.to("pull", visit.pull().number) + (f"#{anchor}" if anchor else ""))
