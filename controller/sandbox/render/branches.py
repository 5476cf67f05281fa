"""Branches as GitHub shows them: https://docs.github.com/rest/branches/branches."""

from urllib.parse import quote

from controller.sandbox.forge import Forge
from controller.sandbox.git.objects import Commit
from controller.sandbox.nouns import Ref, Repository
from controller.sandbox.render import commits
from controller.sandbox.render.repositories import repository_url
from controller.sandbox.render.users import Json
from controller.sandbox.view import View

HEADS = "refs/heads/"


def is_protected(forge: Forge, repository: Repository, found: Ref) -> bool:
    """Whether a branch is protected."""
    return forge.protections.find((repository.id, found.name.removeprefix(HEADS))) is not None


def short(view: View, repository: Repository, found: Ref) -> Json:
    """A branch in the form that lists hold."""
    name, url = found.name.removeprefix(HEADS), repository_url(view, repository)
    protected = is_protected(view.forge, repository, found)
    checks = view.forge.required_checks.find((repository.id, name))
    contexts = list(checks.contexts) if checks else []
    return {
        "name": name,
        "commit": {"sha": found.sha, "url": f"{url}/commits/{found.sha}"},
        "protected": protected,
        "protection": {
            "enabled": protected,
            "required_status_checks": {
                "enforcement_level": _enforced(view.forge, repository, name) if checks else "off",
                "contexts": contexts,
                "checks": [{"context": context, "app_id": None} for context in contexts],
            },
        },
        "protection_url": f"{url}/branches/{quote(name)}/protection",
    }


def full(view: View, repository: Repository, found: Ref, commit: Commit) -> Json:
    """A branch with its newest commit."""
    shown = short(view, repository, found)
    name = quote(shown["name"])
    html = f"{view.web}/{repository.full_name}/tree/{name}"
    links = {"self": f"{repository_url(view, repository)}/branches/{name}", "html": html}
    return {**shown, "commit": commits.commit(view, repository, commit), "_links": links}


def _enforced(forge: Forge, repository: Repository, name: str) -> str:
    found = forge.protections.find((repository.id, name))
    return "everyone" if found and found.enforce_admins else "non_admins"
