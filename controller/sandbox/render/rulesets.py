"""Rulesets as GitHub shows them: https://docs.github.com/rest/repos/rules."""

from controller.sandbox.nouns import Repository, Ruleset
from controller.sandbox.render.repositories import repository_url
from controller.sandbox.render.users import Json, node_id
from controller.sandbox.rules import rulesets
from controller.sandbox.view import View


def summary(view: View, repository: Repository, found: Ruleset) -> Json:
    """A ruleset in the form that lists hold."""
    url = f"{repository_url(view, repository)}/rulesets/{found.id}"
    page = f"{view.web}/{repository.full_name}/rules/{found.id}"
    return {
        "id": found.id,
        "name": found.name,
        "target": "branch",
        "source_type": "Repository",
        "source": repository.full_name,
        "enforcement": found.enforcement,
        "node_id": node_id("RRS", found.id),
        "_links": {"self": {"href": url}, "html": {"href": page}},
        "created_at": found.created_at,
        "updated_at": found.updated_at,
    }


def full(view: View, repository: Repository, found: Ruleset) -> Json:
    """A ruleset with its rules; who may pass it by is for those who administer it."""
    passes = view.viewer is not None and rulesets.bypasses(view.forge, found, view.viewer)
    hidden = view.role(repository) != "admin"
    return {
        **summary(view, repository, found),
        "conditions": {"ref_name": {"include": list(found.include), "exclude": list(found.exclude)}},
        "rules": list(found.rules),
        "current_user_can_bypass": "always" if passes else "never",
        **({} if hidden else {"bypass_actors": list(found.bypass_actors)}),
    }


def rules(repository: Repository, found: Ruleset) -> list[Json]:
    """A ruleset's rules as they hold for a branch."""
    source = {"ruleset_source_type": "Repository", "ruleset_source": repository.full_name}
    return [{**rule, **source, "ruleset_id": found.id} for rule in found.rules]
