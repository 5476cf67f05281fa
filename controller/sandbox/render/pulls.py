"""Pulls as GitHub shows them: https://docs.github.com/rest/pulls."""

from controller.sandbox.nouns import Pull, Repository, Status
from controller.sandbox.render.commits import association, verdict
from controller.sandbox.render.issues import labels
from controller.sandbox.render.repositories import repository, repository_url
from controller.sandbox.render.teams import team
from controller.sandbox.render.users import Json, account, node_id, person
from controller.sandbox.rules import heads, protection
from controller.sandbox.view import View


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
        "active_lock_reason": pull.lock_reason,
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
        "locked": pull.locked,
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
        "requested_teams": requested_teams(view, pull),
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
        "review_comments": view.forge.review_comments.count(pull.id),
        "maintainer_can_modify": pull.maintainer_can_modify,
        "commits": len(pull.commits),
        "additions": pull.additions,
        "deletions": pull.deletions,
        "changed_files": pull.changed_files,
    }


def requested_teams(view: View, pull: Pull) -> list[Json]:
    """The teams whose review is asked for, in GitHub's short form."""
    owner = view.forge.repository_of(pull).owner
    found = (view.forge.teams.find((owner, slug)) for slug in pull.requested_teams)
    return [team(view, one) for one in found if one]


def mergeable_state(view: View, pull: Pull) -> str:
    """Whether a merge is possible, and if not, why.

    See https://docs.github.com/graphql/reference/enums#mergestatestatus.

    Returns:
        `unknown`, `dirty` (in conflict), `draft`, `blocked` (the base's protection asks for more), `behind` (it asks for
        the base's newest commits), `unstable` (a status is not green) or `clean`.
    """
    if pull.state == "closed" or pull.mergeable is None:
        return "unknown"
    if not pull.mergeable:
        return "dirty"
    if pull.draft:
        return "draft"
    if protection.hindrances(view.forge, pull):
        return "blocked"
    if protection.is_behind(view.forge, pull):
        return "behind"
    found = latest(view.forge.statuses.of((pull.repository, pull.head_sha)))
    return "unstable" if found and verdict(found) != "success" else "clean"


def latest(statuses: list[Status]) -> list[Status]:
    """The newest status of each context."""
    return list({status.context: status for status in statuses}.values())


def _ends(view: View, found: Repository, pull: Pull) -> Json:
    base = repository(view, found)
    home = heads.head_repository(view.forge, pull)
    head = base if home and home.id == found.id else repository(view, home) if home else None
    owner = heads.head_owner(view.forge, pull)
    return {
        "head": _end(view, owner, (pull.head_ref, pull.head_sha), head),
        "base": _end(view, found.owner, (pull.base_ref, pull.base_sha), base),
    }


def _end(view: View, owner: str, tip: tuple[str, str], home: Json | None) -> Json:
    ref, sha = tip
    return {"label": f"{owner}:{ref}", "ref": ref, "sha": sha, "user": account(view, owner), "repo": home}


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
