"""From a pull request to infrastructure and back, on real git, a real broker and real Terraform."""

import pytest

from tests.e2e.conftest import eventually, path, request

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_a_merged_request_is_provisioned_whatever_way_it_is_merged(world, method):
    name = world.name()
    pull = world.propose({path(name): request(name, message="hello")})

    plan = world.says(pull, "Ready: 1 change, low risk")
    assert f"`dev/sandbox/{name}`" in plan and "2 to create" in plan
    for context in ("validate", "plan", "approval"):
        world.reaches(pull.head.sha, context, "success")

    commit = world.merge(pull, method)
    result = world.says(pull, "Done: 1 request provisioned", "result")
    assert "| `message` | `hello` |" in result and "| `secret_note` | (hidden) |" in result
    world.reaches(commit, "apply", "success")
    world.reaches_status(name, "provisioned")


def test_a_change_is_made_in_place_and_a_deleted_file_is_destroyed(world):
    name = world.provisioned(size="small")

    change = world.propose({path(name): request(name, size="large")})
    assert "size `small` → `large`: in place" in world.says(change, "Ready: 1 change")
    world.merge(change)
    world.says(change, "1 request provisioned", "result")

    deletion = world.propose({path(name): None})
    assert "2 to destroy" in world.says(deletion, "destroys")
    world.merge(deletion)
    world.says(deletion, "1 request destroyed", "result")
    world.reaches_status(name, "destroyed")


def test_mistakes_are_told_with_their_place_and_are_gone_when_mended(world):
    name = world.name()
    pull = world.propose(
        {path(name): f"kind: sandbox\nname: {name}\nenvironment: dev\nparameters:\n  sise: small\n"}
    )

    comment = world.says(pull, "Cannot merge: 1 mistake")
    assert f"`{path(name)}:5:3`" in comment and "Did you mean `size`?" in comment
    world.reaches(pull.head.sha, "validate", "failure")

    head = world.commit(pull.head.ref, {path(name): request(name, size="small")})
    assert "sise" not in world.says(pull, "Ready: 1 change")
    world.reaches(head, "validate", "success")
    assert len(world.comments(pull)) == 1


def test_a_push_supersedes_what_was_planned_for_the_old_head(world):
    name = world.name()
    pull = world.propose({path(name): request(name, size="small")})
    world.says(pull, "Ready: 1 change")
    world.commit(pull.head.ref, {path(name): request(name, size="medium")})
    head = world.commit(pull.head.ref, {path(name): request(name, size="large")})

    world.reaches(head, "plan", "success")
    # Statuses come before the comment.
    assert eventually(lambda: f"Looked at {head[:7]}" in world.comment(pull)), world.comment(pull)
    comment = world.says(pull, "Ready: 1 change")
    assert len(world.comments(pull)) == 1

    # Every plan was made for content of its own; of the last, which alone is shown, there is one.
    *earlier, last = sorted((each["run"] for each in world.runs(name)), key=lambda run: run["id"])
    assert 1 <= len(earlier) <= 2 and len({run["digest"] for run in (*earlier, last)}) == len(earlier) + 1
    assert last["commit"] == head and last["state"]["outcome"]["type"] == "planned"
    ends = {run["state"].get("outcome", {}).get("type") for run in earlier}
    assert ends <= {"planned", "superseded"}
    assert f"/runs/{last['id']}" in comment
    assert not any(f"/runs/{run['id']})" in comment for run in earlier)


def test_a_comment_in_a_request_changes_nothing(world):
    name = world.provisioned()
    text = f"# who reads this?\nkind: sandbox\nname: {name}\nenvironment: dev\nparameters: {{}}\n"
    pull = world.propose({path(name): text})

    world.says(pull, "Ready: nothing changes")
    before = len(world.runs(name))
    commit = world.merge(pull)
    world.says(pull, "Done: nothing to do", "result")
    world.reaches(commit, "apply", "success")
    assert len(world.runs(name)) == before


def test_a_pull_without_requests_gets_its_statuses_and_no_comment(world):
    pull = world.propose({f"docs/{world.name()}.md": "words\n"})

    for context in ("validate", "plan", "approval"):
        assert world.reaches(pull.head.sha, context, "success").description == "no requests in this pull"
    assert world.comments(pull) == []


def test_a_branch_behind_the_default_branch_does_not_seem_to_delete_newer_requests(world):
    late, newer = world.name(), world.name()
    world.commit(f"late-{late}", {path(late): request(late)})
    world.provisioned(newer)
    pull = world.repository["requester"].create_pull(base="main", head=f"late-{late}", title="late", body="")

    assert newer not in world.says(pull, "Ready: 1 change, low risk")


def test_conflicts_are_told_on_the_pull(world):
    name = world.provisioned(size="small")
    pull = world.propose({path(name): request(name, size="medium")})
    other = world.propose({path(name): request(name, size="large")})
    world.says(pull, "Ready: 1 change")
    world.says(other, "Ready: 1 change")
    world.merge(other)
    world.says(other, "1 request provisioned", "result")

    world.commit(pull.head.ref, {path(name): request(name, size="medium", message="still mine")})
    assert path(name) in world.says(pull, "Cannot merge: it conflicts")
    world.reaches(world.repository["requester"].get_pull(pull.number).head.sha, "plan", "failure")


def test_a_revert_of_a_merged_pull_runs_again(world):
    name = world.provisioned(size="small")
    for size in ("large", "small", "large"):
        pull = world.propose({path(name): request(name, size=size)})
        world.says(pull, "Ready: 1 change")
        world.merge(pull)
        world.says(pull, "1 request provisioned", "result")

    applied = [each for each in world.runs(name) if each["run"]["operation"] == "apply"]
    assert len(applied) == 4


def test_a_pull_merged_at_once_is_applied_since_it_only_creates(world):
    name = world.name()
    pull = world.propose({path(name): request(name)})
    world.merge(pull)

    world.says(pull, "1 request provisioned", "result")


def test_a_change_merged_at_once_is_held_and_released_with_the_plan_that_was_shown(world):
    name = world.provisioned(size="small")
    with world.deaf():
        pull = world.propose({path(name): request(name, size="large")})
        world.merge(pull)
        world.verb("reconcile")
        result = world.says(pull, "Held for a person", "result")

    assert "merged before its plan was ready" in result
    assert "What it would do: 1 to change" in result and "- update `" in result
    run = max(world.runs(name), key=lambda each: each["run"]["id"])["run"]
    assert run["state"]["type"] == "held" and run["reviewed"] is None
    assert [hold["type"] for hold in run["state"]["reasons"]] == ["never_reviewed"]
    world.reaches_status(name, "held")

    world.verb("release", str(run["id"]), "--reason", "seen")
    world.says(pull, "1 request provisioned", "result")
    world.reaches_status(name, "provisioned")


def test_two_teams_cannot_have_the_same_identity(world):
    name = world.provisioned()
    pull = world.propose({path(name, "search"): request(name)})

    assert "is also asked for in" in world.says(pull, "Cannot merge: 1 mistake")


def test_a_request_comes_back_while_its_destroy_is_held(world):
    name = world.name()
    create = world.propose({path(name): request(name, environment="prod")})
    world.says(create, "Ready: 1 change")
    world.approve(create)
    world.merge(create)
    world.says(create, "1 request provisioned", "result")
    deletion = world.propose({path(name): None})
    world.says(deletion, "destroys")
    world.approve(deletion)
    world.merge(deletion)
    assert "wants every destroy and every replacement confirmed" in world.says(
        deletion, "Held for a person", "result"
    )

    back = world.propose({path(name): request(name, environment="prod")})
    world.says(back, "Ready: nothing changes")
    world.merge(back)

    def last():
        return max(world.runs(name, "prod"), key=lambda each: each["run"]["id"])["run"]["state"]

    assert eventually(lambda: last().get("outcome", {}).get("type") == "withdrawn"), last()
    assert world.request(name)["status"] == "provisioned"


def test_strange_text_comes_back_as_those_very_characters(world):
    text = '${file("/etc/hostname")} %{ if true }x%{ endif } "quotes" \\back\\slash\nline two äöü 漢字 `ticks` | @acme/platform'
    name = world.name()
    pull = world.propose({path(name): request(name, message=text)})
    world.says(pull, "Ready: 1 change")
    world.merge(pull)
    world.says(pull, "1 request provisioned", "result")

    assert world.request(name)["outputs"]["message"] == text
