"""Pulls that touch `terraform/`: nothing of that is used before the merge, and what it reaches is held after it."""

from tests.stories import steps
from tests.stories.conftest import ENVIRONMENTS, MODULES, edited

SIZES = "[small, medium, large]"


def file(world, path):
    """A file of the default branch."""
    return world.as_("requester").get_contents(str(path)).decoded_content.decode()


def test_a_new_size_and_who_uses_it_at_once_are_planned_after_the_merge_and_released(world, ask, at):
    kind = world.own_kind()
    there, new = world.name(), world.name()
    world.brought({at(there): ask(there, environment=kind, kind=kind)})
    entry, variables = MODULES / kind / "kind.yaml", MODULES / kind / "variables.tf"
    huge = {
        str(entry): edited(file(world, entry), {SIZES: "[small, medium, large, huge]"}),
        str(variables): edited(
            file(world, variables),
            {'["small", "medium", "large"]': '["small", "medium", "large", "huge"]'},
        ),
    }
    pull = world.proposed_at_once(huge | {at(new): ask(new, environment=kind, kind=kind, size="huge")})

    comment = world.says(pull, "Plans 2 requests after the merge, and holds what changes")
    assert "This pull changes `terraform/`. Nothing of that is used before the merge" in comment
    assert "After the merge it is planned again: an empty plan passes" in comment
    assert f"- `{kind}/{kind}/{there}`" in comment
    assert "Planned after the merge, and held then, since they need the catalogue" in comment
    assert f"`{at(new)}`" in comment
    for context in ("validate", "plan", "approval"):
        world.reaches(pull.head.sha, context, "success")

    world.merge(pull)
    comment = world.says(pull, f"Held for a person: {new}", "result")
    assert "What it would do: 2 to create" in comment and "provisioned" in comment
    steps.goes_on(world, pull, "requester")
    world.says(pull, "Done: 2 requests provisioned", "result")
    world.reaches_status(new, "provisioned")


def test_a_changed_environment_names_the_requests_that_live_there(world, ask, at):
    place = world.own_kind()
    name = world.name()
    world.brought({at(name): ask(name, environment=place, kind=place)})
    rule = ENVIRONMENTS / f"{place}.yaml"
    titled = edited(file(world, rule), {"title: For stories": "title: For better stories"})
    pull = world.proposed_at_once({str(rule): titled})

    comment = world.says(pull, "Plans 1 request after the merge, and holds what changes")
    assert f"- `{place}/{place}/{name}`" in comment
    before = len(world.runs(name, place, place))
    commit = world.merge(pull)
    world.says(pull, "Done: nothing to do", "result")
    world.reaches(commit, "apply", "success")
    assert len(world.runs(name, place, place)) == before


def test_a_mistake_in_a_kind_is_told_at_its_line(world):
    kind = world.own_kind()
    entry = MODULES / kind / "kind.yaml"
    broken = edited(file(world, entry), {"stateful: false": "statefull: false"})
    pull = world.proposed_at_once({str(entry): broken})

    comment = world.says(pull, "Cannot merge:")
    assert f"[`{entry}:4:1`]" in comment and "Did you mean `stateful`?" in comment
    world.reaches(pull.head.sha, "validate", "failure")
