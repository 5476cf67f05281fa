"""Every endpoint with its page in GitHub's documentation, which a refusal points to."""

from collections.abc import Callable
from dataclasses import dataclass

from controller.sandbox.graphql import api as graphql
from controller.sandbox.rest import (
    commits,
    contents,
    git_data,
    hooks,
    issues,
    labels,
    pulls,
    reactions,
    refs,
    repositories,
    reviews,
    users,
)
from controller.sandbox.rest.answers import Answer
from controller.sandbox.rest.call import Call

Handler = Callable[[Call], Answer]
DOCS = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint; `docs` is its page below `https://docs.github.com/rest`."""

    method: str
    path: str
    handler: Handler
    docs: str


def _at(prefix: str, docs: str, *lines: tuple[str, Handler]) -> list[Endpoint]:
    endpoints = []
    for line, handler in lines:
        method, _, path = line.partition(" ")
        endpoints.append(Endpoint(method, prefix + path, handler, f"{DOCS}/{docs}"))
    return endpoints


_REPO = "/repos/{owner}/{repo}"
_PULL = _REPO + "/pulls/{number}"
_ISSUE = _REPO + "/issues/{number}"
_COMMENT = _REPO + "/issues/comments/{comment_id}"
_COMMIT = _REPO + "/commits/{ref:path}"
_HOOK = _REPO + "/hooks/{hook_id}"
_TEAM = (
    ("GET ", users.get_team),
    ("GET /members", users.list_team_members),
    ("GET /members/{username}", users.check_team_member),
    ("GET /memberships/{username}", users.get_team_membership),
)

ENDPOINTS = (
    *_at(
        "", "users/users", ("GET /user", users.get_authenticated), ("GET /users/{username}", users.get_user)
    ),
    *_at("", "rate-limit/rate-limit", ("GET /rate_limit", users.get_rate_limit)),
    *_at(
        "/orgs/{org}",
        "orgs/orgs",
        ("GET ", users.get_organization),
        ("GET /members", users.list_organization_members),
        ("GET /members/{username}", users.check_organization_member),
        ("GET /teams", users.list_teams),
    ),
    *_at("/orgs/{org}/teams/{team}", "teams/teams", *_TEAM),
    *_at("/organizations/{org}/team/{team}", "teams/teams", *_TEAM),
    *_at("/user/repos", "repos/repos", ("GET ", repositories.list_repositories)),
    *_at(_REPO, "repos/repos", ("GET ", repositories.get_repository)),
    *_at(
        _REPO + "/branches",
        "branches/branches",
        ("GET ", repositories.list_branches),
        ("GET /{branch:path}", repositories.get_branch),
    ),
    *_at(
        _REPO + "/collaborators",
        "collaborators/collaborators",
        ("GET ", repositories.list_collaborators),
        ("GET /{username}", repositories.check_collaborator),
        ("GET /{username}/permission", repositories.get_permission),
    ),
    *_at(_REPO + "/pulls", "pulls/pulls", ("GET ", pulls.list_pulls), ("POST ", pulls.create_pull)),
    *_at(
        _PULL,
        "pulls/pulls",
        ("GET ", pulls.get_pull),
        ("PATCH ", pulls.update_pull),
        ("GET /merge", pulls.check_merged),
        ("PUT /merge", pulls.merge_pull),
        ("GET /files", pulls.list_files),
        ("GET /commits", pulls.list_commits),
    ),
    *_at(
        _PULL + "/requested_reviewers",
        "pulls/review-requests",
        ("GET ", pulls.list_requested_reviewers),
        ("POST ", pulls.request_reviewers),
    ),
    *_at(
        _PULL + "/reviews",
        "pulls/reviews",
        ("GET ", reviews.list_reviews),
        ("POST ", reviews.create_review),
        ("GET /{review_id}", reviews.get_review),
        ("POST /{review_id}/events", reviews.submit_review),
        ("PUT /{review_id}/dismissals", reviews.dismiss_review),
    ),
    *_at(_REPO + "/issues", "issues/issues", ("GET ", issues.list_issues)),
    *_at(_REPO + "/issues", "issues/comments", ("GET /comments", issues.list_repository_comments)),
    *_at(
        _COMMENT,
        "issues/comments",
        ("GET ", issues.get_comment),
        ("PATCH ", issues.update_comment),
        ("DELETE ", issues.delete_comment),
    ),
    *_at(
        _COMMENT + "/reactions",
        "reactions/reactions",
        ("GET ", reactions.list_on_comment),
        ("POST ", reactions.create_on_comment),
        ("DELETE /{reaction_id}", reactions.delete_on_comment),
    ),
    *_at(_ISSUE, "issues/issues", ("GET ", issues.get_issue), ("PATCH ", issues.update_issue)),
    *_at(
        _ISSUE + "/comments",
        "issues/comments",
        ("GET ", issues.list_comments),
        ("POST ", issues.create_comment),
    ),
    *_at(
        _ISSUE + "/labels",
        "issues/labels",
        ("GET ", labels.list_pull_labels),
        ("POST ", labels.add_pull_labels),
        ("PUT ", labels.set_pull_labels),
        ("DELETE ", labels.remove_pull_labels),
        ("DELETE /{name:path}", labels.remove_pull_label),
    ),
    *_at(
        _ISSUE + "/reactions",
        "reactions/reactions",
        ("GET ", reactions.list_on_pull),
        ("POST ", reactions.create_on_pull),
        ("DELETE /{reaction_id}", reactions.delete_on_pull),
    ),
    *_at(
        _REPO + "/labels",
        "issues/labels",
        ("GET ", labels.list_labels),
        ("POST ", labels.create_label),
        ("GET /{name:path}", labels.get_label),
        ("DELETE /{name:path}", labels.delete_label),
    ),
    *_at(_COMMIT, "commits/commits", ("GET /pulls", pulls.list_pulls_of_commit)),
    *_at(
        _COMMIT + "/comments",
        "commits/comments",
        ("GET ", commits.list_comments),
        ("POST ", commits.create_comment),
    ),
    *_at(
        _COMMIT,
        "commits/statuses",
        ("GET /status", commits.get_combined_status),
        ("GET /statuses", commits.list_statuses),
    ),
    *_at(
        _REPO + "/statuses",
        "commits/statuses",
        ("POST /{sha}", commits.create_status),
        ("GET /{ref:path}", commits.list_statuses),
    ),
    *_at(
        _REPO + "/commits",
        "commits/commits",
        ("GET ", commits.list_commits),
        ("GET /{ref:path}", commits.get_commit),
    ),
    *_at(
        _REPO + "/git",
        "git/refs",
        ("GET /ref/{ref:path}", refs.get_ref),
        ("GET /refs/{ref:path}", refs.get_ref),
        ("GET /matching-refs/{ref:path}", refs.list_matching_refs),
        ("POST /refs", refs.create_ref),
        ("PATCH /refs/{ref:path}", refs.update_ref),
        ("DELETE /refs/{ref:path}", refs.delete_ref),
    ),
    *_at(
        _REPO + "/git",
        "git/blobs",
        ("GET /blobs/{sha}", git_data.get_blob),
        ("POST /blobs", git_data.create_blob),
    ),
    *_at(
        _REPO + "/git",
        "git/trees",
        ("GET /trees/{sha:path}", git_data.get_tree),
        ("POST /trees", git_data.create_tree),
    ),
    *_at(
        _REPO + "/git",
        "git/commits",
        ("GET /commits/{sha}", git_data.get_commit),
        ("POST /commits", git_data.create_commit),
    ),
    *_at(
        _REPO + "/contents",
        "repos/contents",
        ("GET ", contents.get_contents),
        ("GET /{path:path}", contents.get_contents),
        ("PUT /{path:path}", contents.put_contents),
        ("DELETE /{path:path}", contents.delete_contents),
    ),
    *_at(_REPO + "/hooks", "repos/webhooks", ("GET ", hooks.list_hooks), ("POST ", hooks.create_hook)),
    *_at(
        _HOOK,
        "repos/webhooks",
        ("GET ", hooks.get_hook),
        ("PATCH ", hooks.update_hook),
        ("DELETE ", hooks.delete_hook),
        ("GET /config", hooks.get_config),
        ("PATCH /config", hooks.update_config),
        ("POST /pings", hooks.ping_hook),
        ("GET /deliveries", hooks.list_deliveries),
        ("GET /deliveries/{delivery_id}", hooks.get_delivery),
        ("POST /deliveries/{delivery_id}/attempts", hooks.redeliver),
    ),
    Endpoint("POST", "/graphql", graphql.post, "https://docs.github.com/graphql"),
)
