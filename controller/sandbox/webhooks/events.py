"""Events and their payloads: https://docs.github.com/webhooks/webhook-events-and-payloads."""

from datetime import UTC, datetime, timedelta
from typing import Any

from controller.sandbox.forge import Forge, instant, now
from controller.sandbox.git import objects
from controller.sandbox.git.changes import is_ancestor, pushed, touched
from controller.sandbox.git.cli import ZERO
from controller.sandbox.nouns import (
    Comment,
    CommitComment,
    Delivery,
    Happening,
    Hook,
    Pull,
    Ref,
    Repository,
    Review,
    ReviewComment,
    Status,
    User,
)
from controller.sandbox.render import branches, commits, hooks, issues, pulls, reviews
from controller.sandbox.render.repositories import repository as rendered
from controller.sandbox.render.repositories import repository_url
from controller.sandbox.render.users import Json, account, simple_organization, simple_user
from controller.sandbox.view import View
from controller.sandbox.webhooks.posting import post

_KEPT = timedelta(days=3)


def view(forge: Forge) -> View:
    """How deliveries are rendered: under the forge's own address, for nobody in particular."""
    return View(forge, f"{forge.url}/api/v3", forge.url)


def emit(forge: Forge, repository: Repository, sender: User, event: str, payload: Json) -> None:
    """Deliver an event to the hooks that want it.

    Args:
        forge: The state.
        repository: Where it happened.
        sender: Who did it.
        event: The event's name, such as `push`.
        payload: What is particular to it; repository, organisation and sender are added.
    """
    wanted = forge.subscribed(repository, event)
    if wanted:
        whole = {**payload, **_circumstances(forge, repository, sender, payload)}
        post(forge, wanted, event, whole, repository)


def record(forge: Forge, delivery: Delivery) -> None:
    """Keep an attempt, and forget the hook's attempts of more than three days ago."""
    with forge.lock:
        if forge.hooks.get(delivery.hook) is None:
            return
        oldest = (datetime.now(UTC) - _KEPT).strftime("%Y-%m-%dT%H:%M:%SZ")
        for past in forge.deliveries.of(delivery.hook):
            if past.delivered_at >= oldest:
                break
            forge.deliveries.drop(past)
        forge.deliveries.add(delivery)


def ping(forge: Forge, hook: Hook, sender: User) -> None:
    """Deliver `ping` to one hook, whatever it is subscribed to."""
    repository = forge.repository(hook.target)
    payload = {"zen": "Keep it logically awesome.", "hook_id": hook.id, "hook": hooks.hook(view(forge), hook)}
    whole = {**payload, **_circumstances(forge, repository, sender, payload)}
    post(forge, [hook], "ping", whole, repository)


def pull_request(forge: Forge, pull: Pull, sender: User, action: str, **extra: Any) -> None:
    """Deliver `pull_request`, with what its action adds (`before` and `after`, `changes`, `label`), and remember it."""
    about = extra.get("reason") or extra.get("label", {}).get("name", "")
    forge.happenings.add(
        Happening(pull=pull.id, action=action, user=sender.login, created_at=now(), about=about)
    )
    shown = pulls.full(view(forge), pull)
    payload = {"action": action, "number": pull.number, "pull_request": shown, **extra}
    emit(forge, forge.repository_of(pull), sender, "pull_request", payload)


def review(forge: Forge, found: Review, sender: User, action: str, **extra: Any) -> None:
    """Deliver `pull_request_review`, with `changes` when it was edited; a state is in lower case there."""
    pull = forge.pull(found.pull)
    shown = {**reviews.review(view(forge), found), "state": found.state.lower()}
    payload = {"action": action, "review": shown, "pull_request": pulls.summary(view(forge), pull)}
    emit(forge, forge.repository_of(pull), sender, "pull_request_review", {**payload, **extra})


def issue_comment(forge: Forge, found: Comment, sender: User, action: str, **extra: Any) -> None:
    """Deliver `issue_comment`, with `changes` when it was edited."""
    pull = forge.pull(found.pull)
    issue = issues.issue(view(forge), pull)
    # The API says who closed an issue, a delivery does not.
    del issue["closed_by"]
    payload = {"action": action, "issue": issue, "comment": issues.comment(view(forge), found)}
    emit(forge, forge.repository_of(pull), sender, "issue_comment", {**payload, **extra})


def status(forge: Forge, found: Status, sender: User) -> None:
    """Deliver `status`."""
    repository = forge.repository(found.repository)
    if not forge.subscribed(repository, "status"):
        return
    heads = [ref for ref in forge.refs.of(repository.id) if ref.sha == found.sha]
    git = forge.git(repository)
    shown = ("id", "sha", "context", "state", "description", "target_url", "created_at")
    payload = {
        **{name: getattr(found, name) for name in shown},
        "name": repository.full_name,
        "updated_at": found.created_at,
        "commit": commits.commit(view(forge), repository, objects.commit(git, found.sha)),
        "branches": [_branch(forge, repository, ref) for ref in heads if ref.name.startswith("refs/heads/")],
    }
    emit(forge, repository, sender, "status", payload)


def ref(forge: Forge, repository: Repository, sender: User, found: Ref) -> None:
    """Deliver `create` for a branch or tag that is new, or `delete` for one that is gone (its sha is zeros)."""
    kind, name = ("tag" if found.name.startswith("refs/tags/") else "branch"), found.name.split("/", 2)[2]
    payload = {"ref": name, "ref_type": kind, "pusher_type": "user"}
    if found.sha == ZERO:
        emit(forge, repository, sender, "delete", payload)
        return
    more = {"master_branch": repository.default_branch, "description": repository.description}
    emit(forge, repository, sender, "create", {**payload, **more})


def fork(forge: Forge, parent: Repository, sender: User, made: Repository) -> None:
    """Deliver `fork` to the hooks of what was forked."""
    emit(forge, parent, sender, "fork", {"forkee": {**rendered(view(forge), made), "public": False}})


def review_comment(forge: Forge, found: ReviewComment, sender: User, action: str, **extra: Any) -> None:
    """Deliver `pull_request_review_comment`, with `changes` when it was edited."""
    pull = forge.pull(found.pull)
    shown = {
        "comment": reviews.review_comment(view(forge), found),
        "pull_request": pulls.summary(view(forge), pull),
    }
    payload = {"action": action, **shown, **extra}
    emit(forge, forge.repository_of(pull), sender, "pull_request_review_comment", payload)


def commit_comment(forge: Forge, found: CommitComment, sender: User) -> None:
    """Deliver `commit_comment`; GitHub tells only of new ones."""
    repository = forge.repository(found.repository)
    payload = {"action": "created", "comment": commits.comment(view(forge), repository, found)}
    emit(forge, repository, sender, "commit_comment", payload)


def push(forge: Forge, repository: Repository, sender: User, ref: Ref, before: str) -> None:
    """Deliver `push` for a ref that moved from `before` (zeros: new) to its sha (zeros: gone)."""
    if not forge.subscribed(repository, "push"):
        return
    git, after = forge.git(repository), ref.sha
    changed = ZERO not in (before, after)
    # A tag may be an object of its own, and be of anything: only commits are told.
    old, new = (objects.resolve(git, sha) or ZERO for sha in (before, after))
    brought = _pushed_commits(forge, repository, old, new)
    head = _pushed(forge, repository, [new]) if new != ZERO else []
    payload = {
        "ref": ref.name,
        "before": before,
        "after": after,
        "base_ref": None,
        "created": before == ZERO,
        "deleted": after == ZERO,
        "forced": changed and not is_ancestor(git, before, after),
        "compare": f"{forge.url}/{repository.full_name}/compare/{before[:12]}...{after[:12]}",
        "commits": brought,
        "head_commit": next(iter(head), None),
        "pusher": {"name": sender.login, "email": sender.email},
    }
    emit(forge, repository, sender, "push", payload)


def _pushed_commits(forge: Forge, repository: Repository, before: str, after: str) -> list[Json]:
    default = forge.branch(repository, repository.default_branch)
    return _pushed(forge, repository, list(pushed(forge.git(repository), before, after, default)))


def _pushed(forge: Forge, repository: Repository, shas: list[str]) -> list[Json]:
    git = forge.git(repository)
    paths = touched(git, shas) if shas else {}
    nothing: dict[str, list[str]] = {"added": [], "removed": [], "modified": []}
    found = objects.commits(git, shas)
    return [_pushed_commit(forge, repository, commit) | paths.get(commit.sha, nothing) for commit in found]


def _pushed_commit(forge: Forge, repository: Repository, commit: objects.Commit) -> Json:
    people = {}
    for role in ("author", "committer"):
        signed = getattr(commit, role)
        user = commits.by_email(view(forge), signed.email)
        people[role] = {"name": signed.name, "email": signed.email} | (
            {"username": user.login} if user else {}
        )
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "distinct": True,
        "message": commit.message,
        "timestamp": instant(commit.committer.date),
        "url": f"{forge.url}/{repository.full_name}/commit/{commit.sha}",
        **people,
    }


def _branch(forge: Forge, repository: Repository, ref: Ref) -> Json:
    name = ref.name.removeprefix("refs/heads/")
    url = f"{repository_url(view(forge), repository)}/commits/{ref.sha}"
    protected = branches.is_protected(forge, repository, ref)
    return {"name": name, "commit": {"sha": ref.sha, "url": url}, "protected": protected}


def _circumstances(forge: Forge, repository: Repository, sender: User, payload: Json) -> Json:
    owner = forge.organizations.find(repository.owner.lower())
    shown = rendered(view(forge), repository)
    if "pusher" in payload:
        shown |= _as_pushed(forge, repository)
    organization = {"organization": simple_organization(view(forge), owner)} if owner else {}
    return {"repository": shown, **organization, "sender": simple_user(view(forge), sender)}


def _as_pushed(forge: Forge, repository: Repository) -> Json:
    # A push event shows the repository in an older form than every other event.
    owner = {**account(view(forge), repository.owner), "name": repository.owner, "email": None}
    seconds = (
        int(datetime.fromisoformat(at).timestamp()) for at in (repository.created_at, repository.pushed_at)
    )
    created, at = seconds
    more = {"stargazers": 0, "master_branch": repository.default_branch, "organization": repository.owner}
    return {"owner": owner, "created_at": created, "pushed_at": at, "url": owner["html_url"], **more}
