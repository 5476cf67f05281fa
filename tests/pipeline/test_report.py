"""Stories of what GitHub is told: rendered afresh from the ledger, edited in place, at most once."""

import json
import re
import threading

import pytest

from controller.core.call import Actor
from controller.core.pull import Permission, Review
from controller.errors import GitError, GitHubError

PATH = "requests/payments/orders.yaml"


def test_a_comment_begins_with_its_marker_and_verdict_and_ends_with_its_data(world, ask):
    number = world.pull({PATH: ask()})
    world.work()
    lines = world.plan_comment(number).splitlines()

    assert lines[0] == "<!-- infrautomater:plan v1 -->"
    assert lines[1].startswith("**Ready: 1 change")
    data = json.loads(lines[-1].removeprefix("<!-- infrautomater:data ").removesuffix(" -->"))
    assert data == {"head": world.github.pulls[number].head, "pull": number, "runs": [1]}


def test_a_comment_is_edited_in_place(world, ask):
    number = world.pull({PATH: ask()})
    world.work()
    world.push(number, {PATH: ask(size="large")})
    world.work()

    assert world.github.posted == 1


def test_two_reports_at_the_same_time_post_one_comment(world, ask):
    number = world.pull({PATH: ask()})
    world.work(until=Actor.EXECUTE)
    world.step()
    said, post = [], world.github._post
    within, leave = threading.Event(), threading.Event()

    def slow(where, comment):
        said.append(comment)
        within.set()
        leave.wait(10)
        return post(where, comment)

    world.github._post = slow
    teller = threading.Thread(target=world.report, args=(number,))
    teller.start()
    within.wait(10)
    world.report(number)  # returns at once: the other one tells it again
    assert len(said) == 1
    leave.set()
    teller.join()

    assert len(said) == 2
    assert world.github.posted == 1


def test_while_github_is_down_no_lease_is_held_and_the_report_is_repeated(world, ask):
    number = world.pull({PATH: ask()})
    world.work(until=Actor.EXECUTE)
    world.github.is_down = True
    world.step()
    while world.queue.calls:
        with pytest.raises(GitHubError):
            world.step()

    assert world.words(plans=True) == ["plan:planned"]
    assert world.ledger.claim(1, "another") is None  # it has ended, and nobody holds it

    world.github.is_down = False
    world.report(number)

    assert world.statuses(number)["plan"] == "success"


def test_the_status_counts_approvals_and_says_whose_are_wanted(world, ask):
    number = world.pull({PATH: ask(environment="prod")})
    world.work()

    assert world.status(number, "approval") == "pending: 0 of 1 for prod: needs one of @acme/platform"

    world.approve(number, "bob")
    world.work()

    assert world.status(number, "approval").startswith("pending: 0 of 1")

    world.approve(number, "pam")
    world.work()

    assert world.status(number, "approval") == "success: 1 of 1 for prod"


def test_an_approval_of_an_older_head_does_not_count(world, ask):
    number = world.pull({PATH: ask(environment="prod")})
    world.approve(number, "pam")
    world.push(number, {PATH: ask(environment="prod", size="large")})
    world.work()

    assert world.status(number, "approval").startswith("pending: 0 of 1")


def test_a_dismissed_approval_does_not_count(world, ask):
    number = world.pull({PATH: ask(environment="prod")})
    world.approve(number, "pam")
    world.approve(number, "pam", "DISMISSED")
    world.work()

    assert world.status(number, "approval").startswith("pending")


def test_a_team_that_github_does_not_show_approves_nothing(world, ask):
    world.github.teams.clear()
    number = world.pull({PATH: ask(environment="prod")})
    world.approve(number, "pam")
    world.work()

    assert world.status(number, "approval").startswith("error")


def test_whoever_may_write_approves_where_the_environment_says_so(world, ask, environment):
    rule = environment.replace("required: 0", "required: 1").replace("author: true", "author: false")
    world.commit({"terraform/environments/dev.yaml": rule})
    world.github.people["eve"] = Permission.READ
    number = world.pull({PATH: ask()})
    world.work()
    world.approve(number, "eve")
    world.work()

    assert world.status(number, "approval").startswith("pending")

    world.github.given[number].append(Review("bob", "APPROVED", world.github.pulls[number].head))
    world.report(number)

    assert world.status(number, "approval").startswith("success")


def test_the_rule_is_the_default_branch_s_and_not_the_pull_s_own(world, ask):
    easy = "title: Production\nkinds: [box]\napprovals: {required: 0}\ndestroy: allow\n"
    number = world.pull({PATH: ask(environment="prod"), "terraform/environments/prod.yaml": easy})
    world.work()

    assert world.status(number, "approval").startswith("pending: 0 of 1 for prod")


def test_a_tip_that_another_machine_looked_at_is_fetched(world, ask):
    number = world.pull({PATH: ask()})
    world.work()
    blobs, fetched = world.git.blobs, []
    world.git.fetch = lambda *commits: fetched.append(commits)

    def only_after_the_fetch(tree, *folders):
        if not fetched:
            raise GitError("fatal: Not a valid object name")
        return blobs(tree, *folders)

    world.git.blobs = only_after_the_fetch
    world.report(number)

    assert fetched == [(world.git.tip(),)]


def test_hostile_words_in_a_request_stay_words(world, ask):
    hostile = "</details> @everyone [x](http://evil) <script>alert(1)</script>"
    number = world.pull({PATH: f"{ask()}parameters: {{size: '{hostile}', '{hostile}': 1}}\n"})
    world.work()
    body = world.plan_comment(number).rpartition("<!--")[0]
    outside_of_code = re.sub(r"(`+).+?\1", "", body)

    assert "script" in body
    for word in ("script", "@everyone", "</details>", "evil"):
        assert word not in outside_of_code


def test_mistakes_of_a_pull_whose_author_may_not_write_are_told(world, ask):
    number = world.pull({PATH: ask(size="gigantic")}, author="stranger")
    world.work()

    assert world.statuses(number)["validate"] == "failure"


def test_two_open_pulls_on_one_request_name_each_other(world, ask):
    first = world.pull({PATH: ask()})
    second = world.pull({PATH: ask(size="large")})
    world.work()

    assert f"#{second}" in world.plan_comment(first)
    assert f"#{first}" in world.plan_comment(second)


def test_a_request_that_cannot_be_accepted_is_listed_as_rejected(world, ask):
    world.pull({PATH: ask(size="gigantic")})
    world.work()

    assert world.standing() == "rejected"


def test_a_pull_that_nobody_looked_at_is_not_reported(world):
    world.report(99)

    assert world.github.comments == {}


def test_a_closed_pull_is_left_as_it_is(world, ask):
    number = world.pull({PATH: ask()})
    world.work()
    before = dict(world.github.comments)
    world.close(number)
    world.look(number)
    world.work()

    assert world.github.comments == before
