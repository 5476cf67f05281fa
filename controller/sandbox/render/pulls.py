"""Pulls and reviews as GitHub shows them: https://docs.github.com/rest/pulls."""

from controller.sandbox.forge import View
from controller.sandbox.nouns import Pull, Repository, Review, Status
from controller.sandbox.render.commits import association, verdict
from controller.sandbox.render.issues import labels
from controller.sandbox.render.repositories import repository, repository_url
from controller.sandbox.render.users import Json, account, node_id, person


def pull_url(view: View, pull: Pull) -> str:
    """The address of a pull in the REST API."""
    return f"{repository_url(view, view.forge.repository_of(pull))}/pulls/{pull.number}"


def summary(view: View, pull: Pull) -> Json:
    """A pull in the form that lists hold."""
    found = view.forge.repository_of(pull)
    links = _links(view, found, pull)
    return {
        **_facts(view, pull, links),
        **{
            f"{name}_url": links[name]
            for name in ("commits", "review_comments", "review_comment", "comments")
        },
        "statuses_url": links["statuses"],
        **_ends(view, found, pull),
        "_links": {name: {"href": address} for name, address in links.items()},
        "author_association": association(view, found, pull.user),
        "auto_merge": None,
        "active_lock_reason": None,
    }


def _facts(view: View, pull: Pull, links: dict[str, str]) -> Json:
    return {
        "url": links["self"],
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "html_url": links["html"],
        "diff_url": f"{links['html']}.diff",
        "patch_url": f"{links['html']}.patch",
        "issue_url": links["issue"],
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "user": account(view, pull.user),
        "body": pull.body,
        "created_at": pull.created_at,
        "updated_at": pull.updated_at,
        "closed_at": pull.closed_at,
        "merged_at": pull.merged_at,
        "merge_commit_sha": pull.merge_commit_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [account(view, login) for login in pull.requested_reviewers],
        "requested_teams": [],
        "labels": labels(view, pull),
        "milestone": None,
        "draft": pull.draft,
    }


def full(view: View, pull: Pull) -> Json:
    """A pull in GitHub's long form."""
    return {
        **summary(view, pull),
        "merged": pull.merged,
        "mergeable": pull.mergeable if pull.state == "open" else None,
        "rebaseable": pull.mergeable if pull.state == "open" else None,
        "mergeable_state": mergeable_state(view, pull),
        "merged_by": person(view, pull.merged_by),
        "comments": view.forge.comments.count(pull.id),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(pull.commits),
        "additions": pull.additions,
        "deletions": pull.deletions,
        "changed_files": pull.changed_files,
    }


def mergeable_state(view: View, pull: Pull) -> str:
    """Whether a merge is possible: `unknown`, `dirty`, `draft`, `unstable` (a status is not green) or `clean`.

    See https://docs.github.com/graphql/reference/enums#mergestatestatus.
    """
    if pull.state == "closed" or pull.mergeable is None:
        return "unknown"
    if not pull.mergeable:
        return "dirty"
    if pull.draft:
        return "draft"
    found = latest(view.forge.statuses.of((pull.repository, pull.head_sha)))
    return "unstable" if found and verdict(found) != "success" else "clean"


def latest(statuses: list[Status]) -> list[Status]:
    """The newest status of each context."""
    return list({status.context: status for status in statuses}.values())


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


def _ends(view: View, found: Repository, pull: Pull) -> Json:
    shared = {"user": account(view, found.owner), "repo": repository(view, found)}
    ends = {"head": (pull.head_ref, pull.head_sha), "base": (pull.base_ref, pull.base_sha)}
    return {
        end: {"label": f"{found.owner}:{ref}", "ref": ref, "sha": sha, **shared}
        for end, (ref, sha) in ends.items()
    }


def _links(view: View, found: Repository, pull: Pull) -> dict[str, str]:
    url = repository_url(view, found)
    return {
        "self": f"{url}/pulls/{pull.number}",
        "html": f"{view.web}/{found.full_name}/pull/{pull.number}",
        "issue": f"{url}/issues/{pull.number}",
        "comments": f"{url}/issues/{pull.number}/comments",
        "review_comments": f"{url}/pulls/{pull.number}/comments",
        "review_comment": f"{url}/pulls/comments{{/number}}",
        "commits": f"{url}/pulls/{pull.number}/commits",
        "statuses": f"{url}/statuses/{pull.head_sha}",
    }
