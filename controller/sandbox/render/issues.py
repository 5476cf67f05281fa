"""A pull's conversation as GitHub shows it: issues, comments, labels, reactions: https://docs.github.com/rest/issues."""

from collections import Counter

from controller.sandbox.nouns import Comment, Pull, Reaction
from controller.sandbox.render.commits import association
from controller.sandbox.render.repositories import label, repository_url
from controller.sandbox.render.users import Json, account, node_id, person
from controller.sandbox.view import View

REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def labels(view: View, pull: Pull) -> list[Json]:
    """The labels of a pull that its repository still offers."""
    repository = view.forge.repository_of(pull)
    found = (view.forge.labels.find((pull.repository, name.lower())) for name in pull.labels)
    return [label(view, repository, one) for one in found if one]


def issue(view: View, pull: Pull) -> Json:
    """A pull in its other form, as an issue: https://docs.github.com/rest/issues/issues."""
    repository = view.forge.repository_of(pull)
    api = repository_url(view, repository)
    url = f"{api}/issues/{pull.number}"
    html = f"{view.web}/{repository.full_name}/pull/{pull.number}"
    return {
        "url": url,
        "repository_url": api,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": html,
        **_facts(view, pull),
        "author_association": association(view, repository, pull.user),
        "active_lock_reason": pull.lock_reason,
        "pull_request": {
            "url": f"{api}/pulls/{pull.number}",
            "html_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            "merged_at": pull.merged_at,
        },
        "reactions": tally(view, pull.id, url),
        "performed_via_github_app": None,
    }


def _facts(view: View, pull: Pull) -> Json:
    return {
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "number": pull.number,
        "title": pull.title,
        "body": pull.body,
        "user": account(view, pull.user),
        "labels": labels(view, pull),
        "state": pull.state,
        "state_reason": None,
        "locked": pull.locked,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": view.forge.comments.count(pull.id),
        "created_at": pull.created_at,
        "updated_at": pull.updated_at,
        "closed_at": pull.closed_at,
        "closed_by": person(view, pull.closed_by),
        "draft": pull.draft,
    }


def comment(view: View, found: Comment) -> Json:
    """A comment in a pull's conversation: https://docs.github.com/rest/issues/comments."""
    pull = view.forge.pull(found.pull)
    repository = view.forge.repository_of(pull)
    api = repository_url(view, repository)
    url = f"{api}/issues/comments/{found.id}"
    return {
        "url": url,
        "html_url": f"{view.web}/{repository.full_name}/pull/{pull.number}#issuecomment-{found.id}",
        "issue_url": f"{api}/issues/{pull.number}",
        "id": found.id,
        "node_id": node_id("IC", found.id),
        "user": account(view, found.user),
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "author_association": association(view, repository, found.user),
        "body": found.body,
        "reactions": tally(view, found.id, url),
        "performed_via_github_app": None,
    }


def reaction(view: View, found: Reaction) -> Json:
    """A reaction: https://docs.github.com/rest/reactions/reactions."""
    return {
        "id": found.id,
        "node_id": node_id("REA", found.id),
        "user": account(view, found.user),
        "content": found.content,
        "created_at": found.created_at,
    }


def tally(view: View, subject: int, url: str) -> Json:
    """How often each reaction was given to a pull or comment whose address is given."""
    counts = Counter(found.content for found in view.forge.reactions.of(subject))
    return {
        "url": f"{url}/reactions",
        "total_count": counts.total(),
        **{content: counts[content] for content in REACTIONS},
    }
