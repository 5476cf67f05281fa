"""Repositories, branches and labels as GitHub shows them: https://docs.github.com/rest/repos/repos."""

from urllib.parse import quote

from controller.sandbox.nouns import Label, Ref, Repository
from controller.sandbox.render.users import Json, account, node_id, permissions
from controller.sandbox.rules import heads
from controller.sandbox.view import View

_LINKS = {
    "forks_url": "/forks",
    "keys_url": "/keys{/key_id}",
    "collaborators_url": "/collaborators{/collaborator}",
    "teams_url": "/teams",
    "hooks_url": "/hooks",
    "issue_events_url": "/issues/events{/number}",
    "events_url": "/events",
    "assignees_url": "/assignees{/user}",
    "branches_url": "/branches{/branch}",
    "tags_url": "/tags",
    "blobs_url": "/git/blobs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "trees_url": "/git/trees{/sha}",
    "statuses_url": "/statuses/{sha}",
    "languages_url": "/languages",
    "stargazers_url": "/stargazers",
    "contributors_url": "/contributors",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "commits_url": "/commits{/sha}",
    "git_commits_url": "/git/commits{/sha}",
    "comments_url": "/comments{/number}",
    "issue_comment_url": "/issues/comments{/number}",
    "contents_url": "/contents/{+path}",
    "compare_url": "/compare/{base}...{head}",
    "merges_url": "/merges",
    "archive_url": "/{archive_format}{/ref}",
    "downloads_url": "/downloads",
    "issues_url": "/issues{/number}",
    "pulls_url": "/pulls{/number}",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "labels_url": "/labels{/name}",
    "releases_url": "/releases{/id}",
    "deployments_url": "/deployments",
}
_FEATURES = {
    "has_issues": True,
    "has_projects": False,
    "has_downloads": True,
    "has_wiki": False,
    "has_pages": False,
    "has_discussions": False,
    "archived": False,
    "disabled": False,
    "allow_forking": True,
    "is_template": False,
    "web_commit_signoff_required": False,
}
_SETTINGS = {
    "allow_auto_merge": False,
    "use_squash_pr_title_as_default": False,
    "squash_merge_commit_message": "COMMIT_MESSAGES",
    "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
    "merge_commit_message": "PR_TITLE",
    "merge_commit_title": "MERGE_MESSAGE",
    "subscribers_count": 0,
}
_OWN_SETTINGS = (
    "allow_squash_merge",
    "allow_merge_commit",
    "allow_rebase_merge",
    "allow_update_branch",
    "delete_branch_on_merge",
)


def repository_url(view: View, found: Repository) -> str:
    """The address of a repository in the REST API."""
    return f"{view.api}/repos/{found.full_name}"


def simple_repository(view: View, found: Repository) -> Json:
    """A repository in GitHub's short form: its names and its links."""
    url = repository_url(view, found)
    return {
        "id": found.id,
        "node_id": node_id("R", found.id),
        "name": found.name,
        "full_name": found.full_name,
        "private": True,
        "owner": account(view, found.owner),
        "html_url": f"{view.web}/{found.full_name}",
        "description": found.description,
        "fork": view.forge.repositories.get(found.parent) is not None,
        "url": url,
        **{name: url + suffix for name, suffix in _LINKS.items()},
    }


def repository(view: View, found: Repository) -> Json:
    """A repository in the form that lists, pulls and deliveries hold."""
    open_issues = view.forge.pulls.count((found.id, "open"))
    clone = f"{view.web}/{found.full_name}"
    return {
        **simple_repository(view, found),
        **_FEATURES,
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "pushed_at": found.pushed_at,
        "git_url": f"{clone.replace('http', 'git', 1)}.git",
        "ssh_url": f"git@{view.web.partition('://')[2]}:{found.full_name}.git",
        "clone_url": f"{clone}.git",
        "svn_url": clone,
        "homepage": None,
        "size": 0,
        "language": None,
        "license": None,
        "mirror_url": None,
        "topics": [],
        "visibility": "private",
        **dict.fromkeys(("stargazers_count", "watchers_count", "watchers"), 0),
        **dict.fromkeys(("forks_count", "forks"), len(heads.forks(view.forge, found))),
        "open_issues_count": open_issues,
        "open_issues": open_issues,
        "default_branch": found.default_branch,
    }


def full_repository(view: View, found: Repository) -> Json:
    """A repository in GitHub's long form, with what the viewer may do."""
    return {
        **repository(view, found),
        **_SETTINGS,
        **{name: getattr(found, name) for name in _OWN_SETTINGS},
        **_ancestors(view, found),
        "network_count": len(heads.network(view.forge, found)) - 1,
        "permissions": permissions(view.role(found)),
        "custom_properties": {},
        "organization": account(view, found.owner),
    }


def _ancestors(view: View, found: Repository) -> Json:
    parent = view.forge.repositories.get(found.parent)
    if parent is None:
        return {}
    first = heads.root(view.forge, found)
    return {"parent": repository(view, parent), "source": repository(view, first)}


def label(view: View, repository: Repository, found: Label) -> Json:
    """A label: https://docs.github.com/rest/issues/labels."""
    return {
        "id": found.id,
        "node_id": node_id("LA", found.id),
        "url": f"{repository_url(view, repository)}/labels/{quote(found.name)}",
        "name": found.name,
        "color": found.color,
        "default": False,
        "description": found.description,
    }


def ref(view: View, repository: Repository, found: Ref) -> Json:
    """A git ref: https://docs.github.com/rest/git/refs."""
    url = repository_url(view, repository)
    kind = (
        "commit"
        if found.name.startswith("refs/heads/")
        else view.forge.git(repository).text("cat-file", "-t", found.sha)
    )
    return {
        "ref": found.name,
        "node_id": node_id("REF", found.id),
        "url": f"{url}/git/{quote(found.name)}",
        "object": {"sha": found.sha, "type": kind, "url": f"{url}/git/{kind}s/{found.sha}"},
    }
