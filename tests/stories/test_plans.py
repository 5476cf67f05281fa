"""What the plan comment says of an open pull, before anybody approves: what happens, what ends, and who must say so."""

import json

from tests.stories.steps import command, item, row


def test_a_new_request_is_told_with_what_it_makes(world, ask, at):
    name = world.name()
    pull = world.propose({at(name): ask(name, size="medium", replicas=2)})

    comment = world.says(pull, "Ready: 1 change, low risk")

    happens = f"| `dev/sandbox/{name}` | a new `sandbox`: size `medium`, replicas `2` | low |"
    assert row(comment, name).startswith(happens)
    assert f"<summary>dev/sandbox/{name}: 3 to create</summary>" in comment
    assert "- create `module.this.terraform_data.instance`" in comment and '"size": "medium"' in comment
    assert "Merging is the approval" in comment
    assert f"Looked at {pull.head.sha[:7]}" in comment
    said = {
        each: world.reaches(pull.head.sha, each, "success").description
        for each in ("validate", "plan", "approval")
    }
    assert said == {
        "validate": "every request can be read",
        "plan": "Ready: 1 change, low risk",
        "approval": "dev needs no approval",
    }
    assert world.status_of(name) == "pending"


def test_a_change_in_place_and_growth_are_told_in_the_requests_words(world, ask, at):
    name = world.name()
    world.brought({at(name): ask(name, kind="vault", size="small", disk=10)})
    world.reaches_status(name, "provisioned")
    change = world.propose({at(name): ask(name, kind="vault", size="large", disk=20)})

    comment = world.says(change, "Ready: 1 change, low risk")

    assert "size `small` → `large`: in place; disk `10` → `20`: grows in place, data kept | low" in row(
        comment, name
    )
    assert "- update `module.this.terraform_data.instance`" in comment and "`input` (hidden)" in comment
    assert "What is there now" not in comment

    world.commit(change.head.ref, {at(name): ask(name, kind="vault", size="large", disk=5)})
    comment = world.says(change, "Cannot merge: 1 mistake")
    assert "can only grow, and 5 is less than 10" in comment and "Write 10 or more." in comment


def test_replacing_what_holds_data_needs_a_second_look(world, ask, at):
    name = world.name()
    world.brought({at(name): ask(name, kind="vault", colour="blue")})
    world.reaches_status(name, "provisioned")
    pull = world.propose({at(name): ask(name, kind="vault", colour="red")})

    comment = world.says(pull, f"Needs a second look: replaces {name} (vault, stateful)")

    assert "colour `blue` → `red`: made anew, **data lost** | **high** |" in row(comment, name)
    assert (
        f"**What is there now:** Vault `{name}`, made less than a day ago" in comment
        and "`colour` `blue`" in comment
    )
    assert "**What remains of it:** nothing that anybody would miss." in comment
    assert "replaces `module.this.terraform_data.instance`, which holds data" in comment
    assert "confirm-destroy" not in comment
    world.merge(pull)
    world.says(pull, "1 request provisioned", "result")


def test_what_ends_is_shown_and_who_must_say_so_by_the_rule_of_its_environment(world, ask, at):
    """The ceremonies themselves are stories of their own."""
    allowed, confirmed, refused = (world.name() for _ in range(3))
    places = {allowed: "dev", confirmed: "confirm", refused: "refuse"}
    world.brought({at(name): ask(name, place, size="large") for name, place in places.items()})
    pull = world.proposed_at_once(dict.fromkeys(map(at, places)))

    comment = world.says(pull, f"Cannot merge: `refuse` refuses to destroy {refused} (sandbox)")

    assert all("the `sandbox` is destroyed | low |" in row(comment, name) for name in places)
    assert comment.count("**What is there now:** Rehearsal `thing-") == comment.count("`size` `large`") == 3
    assert not [line for line in comment.splitlines() if line.startswith("- ") and f"`{allowed}`" in line]
    assert command(item(comment, "confirms with")) == f"/infra confirm-destroy {confirmed}"
    assert f"put `{refused}` back as it was" in item(comment, "`terraform/environments/refuse.yaml`")
    assert "Merging is the approval" not in comment
    world.reaches(pull.head.sha, "plan", "failure")


def test_a_pull_that_only_plans_says_so_and_applies_nothing(world, ask, at):
    name = world.name()
    pull = world.propose({at(name): ask(name, environment="dry")})

    comment = world.says(pull, "Ready: 1 change, low risk; plan only in dry")
    assert "In `dry` plans are only shown: a merge applies nothing there." in comment
    assert "Merging is the approval" not in comment
    world.merge(pull)
    world.says(pull, "Done: 1 request planned only", "result")
    world.reaches_status(name, "planned")


def test_a_draft_says_so_until_it_is_ready_for_review(world, ask, at):
    name = world.name()
    pull = world.propose({at(name): ask(name)}, draft=True)

    comment = world.says(pull, "Draft: 1 change, low risk")
    assert "This pull is a draft: it cannot be merged before somebody says that it is ready." in comment
    world.reaches(pull.head.sha, "plan", "success")
    pull.mark_ready_for_review()
    assert "draft" not in world.says(pull, "Ready: 1 change, low risk").lower()


def test_a_plan_that_fails_is_made_again_by_the_command_that_it_names(world, ask, at, tmp_path):
    mended = tmp_path / "mended"
    kind = world.own_kind({"outputs.tf": failing_until(mended)})
    name = world.name()
    pull = world.propose({at(name): ask(name, environment=kind, kind=kind)})

    comment = world.says(pull, f"Cannot merge: the plan of {name} failed")
    assert "| **plan failed** |" in row(comment, name)
    assert "nothing was changed" in comment and "The archive is closed." in comment
    world.reaches(pull.head.sha, "plan", "failure")

    mended.touch()
    asked = world.comment_as("requester", pull, command(item(comment, "failed at")))
    assert world.obeyed(asked) == "rocket"
    assert "archive" not in world.says(pull, "Ready: 1 change, low risk")
    world.reaches(pull.head.sha, "plan", "success")


def failing_until(file):
    """A rehearsal's outputs, the first of which fails at plan until a file is there."""
    return f"""\
output "endpoint" {{
  value = terraform_data.instance.output.name

  precondition {{
    condition     = terraform_data.instance.input.name == "" || fileexists({json.dumps(str(file))})
    error_message = "The archive is closed."
  }}
}}

output "message" {{
  value = terraform_data.instance.output.message
}}

output "secret_note" {{
  value     = terraform_data.instance.id
  sensitive = true
}}
"""
