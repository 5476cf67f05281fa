"""One pull that changes very much: GitHub takes 80 writes a minute, so people are told in few."""

import urllib.request

import pytest

from tests.e2e.conftest import eventually

MANY = 80
"""More than one comment holds, and more than is told one by one; 500 are told the same way, and take minutes."""

MOST_WRITES = 8
PATIENCE = 170.0


def written(world, pull, commits):
    """What the controller wrote under a pull: its comments, made or edited, and the statuses of some commits."""
    hook = world.stack.hook()
    _, listed = hook.requester.requestJsonAndCheck("GET", f"{hook.path}/deliveries?per_page=100")
    told = [world.delivery(each)["request"]["payload"] for each in listed if each["event"] == "issue_comment"]
    comments = [
        each["action"]
        for each in told
        if each["issue"]["number"] == pull.number and each["sender"]["login"] == world.me
    ]
    statuses = [status.description for commit in commits for status in world.statuses(commit)]
    return comments + statuses


@pytest.mark.timeout(600)
def test_a_pull_with_very_many_requests_is_told_in_one_comment_and_few_writes(world, ask, at):
    names = [world.name() for _ in range(MANY)]
    pull = world.proposed_at_once({at(name): ask(name) for name in names})

    comment = world.says(pull, f"Ready: {MANY} changes, low risk", seconds=PATIENCE)

    assert len(comment) < 65_536 and len(world.comments(pull)) == 1
    assert f"{MANY} requests: {MANY} low risk." in comment
    assert (
        f"{world.stack.controller}/pulls/{pull.number}" in comment
        and "there is too much for one comment" in comment
    )
    said = {
        each: world.reaches(pull.head.sha, each, "success").description
        for each in ("validate", "plan", "approval")
    }
    assert said == {
        "validate": "every request can be read",
        "plan": f"Ready: {MANY} changes, low risk",
        "approval": "dev needs no approval",
    }
    with urllib.request.urlopen(f"{world.stack.controller}/pulls/{pull.number}") as page:
        assert page.read().decode().count("2 to create, low risk") == MANY
    planned = written(world, pull, [pull.head.sha])
    assert 4 <= len(planned) <= MOST_WRITES, planned

    commit = world.merge(pull)
    result = world.says(pull, f"Done: {MANY} requests provisioned", "result", seconds=PATIENCE)
    assert len(result) < 65_536 and len(world.comments(pull)) == 2
    assert world.reaches(commit, "apply", "success").description == f"Done: {MANY} requests provisioned"
    applied = written(world, pull, [pull.head.sha, commit])
    assert len(applied) - len(planned) <= MOST_WRITES, applied
    assert eventually(lambda: {world.status_of(name) for name in (names[0], names[-1])} == {"provisioned"})
