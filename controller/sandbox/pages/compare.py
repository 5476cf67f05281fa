"""A pull to be: https://docs.github.com/pull-requests/committing-changes-to-your-project/viewing-and-comparing-commits/comparing-commits."""

from starlette.responses import RedirectResponse, Response

from controller.sandbox.git import changes, objects
from controller.sandbox.git.cli import Git
from controller.sandbox.pages.acting import act, given, go
from controller.sandbox.pages.commits import by_day, shown_commit
from controller.sandbox.pages.diff import shown_files
from controller.sandbox.pages.page import in_repository
from controller.sandbox.pages.places import branches
from controller.sandbox.pages.visit import Visit
from controller.sandbox.rest import pulls
from controller.sandbox.rules import heads


def choose(visit: Visit) -> Response:
    """Which branches to compare: two fields of a form become the address."""
    base = visit.query("base") or visit.repository().default_branch
    return RedirectResponse(visit.to("compare", f"{base}...{visit.query('head') or base}"))


def compare(visit: Visit) -> Response:
    """What one branch has that another has not, and the form to open a pull with."""
    base, _, head = visit.path["rest"].rpartition("...")
    base = base or visit.repository().default_branch
    git = visit.git()
    tips = _tip(visit, git, base), _tip(visit, git, head)
    found = objects.commits(git, changes.between(git, *tips)) if all(tips) else []
    title, body = _words(found, head)
    return in_repository(
        visit,
        "compare.html.j2",
        "pulls",
        base=base,
        head=head,
        branches=branches(visit),
        is_known=all(tips),
        title=title,
        body=body,
        days=by_day([shown_commit(visit, one) for one in found]),
        files=shown_files(changes.files(git, changes.merge_base(git, *tips) or tips[0], tips[1]))
        if found
        else [],
        existing=_existing(visit, base, head),
    )


def create(visit: Visit) -> Response:
    """Open the pull."""
    fields = {**given(visit, "title", "body", "base", "head"), "draft": bool(visit.form.get("draft"))}
    return go(visit.to("pull", act(visit, pulls.create_pull, {"title": "", **fields})["number"]))


def _tip(visit: Visit, git: Git, name: str) -> str:
    owner, colon, branch = name.rpartition(":")
    for fork in heads.network(visit.forge, visit.repository()) if colon else ():
        sha = visit.forge.branch(fork, branch)
        if sha and fork.owner.lower() == owner.lower():
            # A fork's commits are not here before they are proposed.
            heads.bring(visit.forge.git(fork), git, sha)
            return sha
    return objects.resolve(git, name) or ""


def _words(found: list[objects.Commit], head: str) -> tuple[str, str]:
    if len(found) == 1:
        return found[0].headline, found[0].rest
    name = head.rpartition(":")[2].replace("-", " ").replace("_", " ").strip()
    return name[:1].upper() + name[1:], ""


def _existing(visit: Visit, base: str, head: str) -> int | None:
    owner, colon, branch = head.rpartition(":")
    wanted = (owner if colon else visit.repository().owner, branch, base)
    for pull in visit.forge.pulls_of(visit.repository(), "open"):
        if (heads.head_owner(visit.forge, pull), pull.head_ref, pull.base_ref) == wanted:
            return pull.number
    return None
