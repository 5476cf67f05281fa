"""Comments with commands, through the box: obeyed once, by authority, and answered."""

import datetime as dt

import pytest

from tests.e2e.conftest import eventually
from tests.stories import steps


@pytest.fixture(scope="module", name="one_for_all")
def _one_for_all(world, ask, at):
    name = world.name()
    pull = world.propose({at(name): ask(name)})
    world.says(pull, "Ready: 1 change")
    return pull


@pytest.fixture(name="opened")
def _opened(one_for_all):
    """An open pull, for commands that change nothing."""
    if one_for_all.state != "open":
        one_for_all.edit(state="open")
    yield one_for_all
    one_for_all.edit(state="closed")


def test_help_lists_every_command_for_anybody(world, opened):
    comment = world.comment_as("guest", opened, "What can I say?\n\n/infra help")

    assert world.obeyed(comment) == "rocket"
    answer = world.answer(opened, comment)
    assert answer.splitlines()[1] == "**Done as you asked**" and "@guest:" in answer
    for verb in ("plan", "apply", "retry", "confirm-destroy NAME", "unlock"):
        assert f"`/infra {verb}`" in answer


@pytest.mark.parametrize("verb", ["plan", "retry", "unlock"])
def test_a_reader_is_told_what_it_takes(world, opened, verb):
    answer = steps.refused(world, opened, "guest", f"/infra {verb}")

    assert answer.splitlines()[1] == "**Not done as you asked**"
    assert f"- `/infra {verb}` needs write access to this repository" in answer


def test_what_is_misspelt_is_answered_with_what_to_write(world, opened):
    answer = steps.refused(world, opened, "requester", "/infra aply\n/infra plan now\n/infra")

    assert "- `/infra aply` is no command. Did you mean `apply`?" in answer
    assert "- `/infra plan now` is no command. Write `/infra plan` alone." in answer
    assert "- `/infra` is no command. Say what: `/infra help` has a list." in answer


def test_nothing_is_applied_or_retried_that_is_not_merged(world, opened):
    answer = steps.refused(world, opened, "reviewer", "/infra apply\n\n/infra retry")

    assert "- nothing is merged yet: merging is what applies it" in answer
    assert "- nothing of this pull failed, so there is nothing to retry" in answer


def test_only_a_pulls_own_requests_are_confirmed(world, opened):
    answer = steps.refused(world, opened, "reviewer", "/infra confirm-destroy somebody-elses")

    assert "- `somebody-elses` is no request of this pull; it has `dev/sandbox/" in answer


def test_what_is_quoted_fenced_or_hidden_is_no_command(world, opened):
    body = "> /infra apply\n\n```\n/infra apply\n```\n\n    /infra apply\n\n<!--\n/infra apply\n-->\nWrite `/infra apply`."
    quoted = world.comment_as("reviewer", opened, body)
    assert world.obeyed(world.comment_as("reviewer", opened, "/infra help")) == "rocket"

    assert world.reacted(quoted) == []
    assert not any(f"comment={quoted.id} " in each for each in world.comments(opened))


@pytest.mark.parametrize("pause", [0, 1], ids=["at once", "later"])
def test_a_comment_that_is_edited_before_it_is_read_is_no_command(world, opened, pause):
    world.faults({"kind": "delay", "where": "issue_comment.created", "seconds": 2.5})
    comment = world.comment_as("guest", opened, "Looks good.\n\n/infra help")
    # GitHub's times have whole seconds.
    edited_after(comment, pause)
    comment.edit("/infra plan")

    assert world.obeyed(comment) == "confused"
    assert "the comment was edited, so nobody knows who wrote what: write a new one" in world.answer(
        opened, comment
    )


def test_a_comment_that_becomes_a_command_by_an_edit_is_none(world, opened):
    comment = world.comment_as("reviewer", opened, "Nothing yet.")
    comment.edit("/infra plan")
    edits = eventually(
        lambda: [each for each in world.deliveries("issue_comment") if each["action"] == "edited"]
    )
    assert eventually(lambda: world.delivery(edits[0])["response"]["payload"])
    assert world.obeyed(world.comment_as("reviewer", opened, "/infra help")) == "rocket"

    assert world.reacted(comment) == []


def test_a_delivery_that_comes_again_and_again_is_obeyed_once(world, ask, at):
    name = world.name()
    pull = world.propose({at(name): ask(name)})
    world.says(pull, "Ready: 1 change")
    comment = world.comment_as("requester", pull, "/infra plan")
    assert world.obeyed(comment) == "rocket"
    listed = delivery_of(world, comment)

    for _ in range(3):
        world.redeliver(listed)

    guid = listed["guid"]
    assert eventually(
        lambda: len([each for each in world.deliveries("issue_comment") if each["guid"] == guid]) == 4
    )
    again = steps.refused(world, pull, "requester", "/infra retry")
    assert "nothing of this pull failed" in again
    assert eventually(
        lambda: [run["run"]["state"]["type"] for run in world.runs(name)] == ["ended", "ended"]
    ), world.runs(name)
    assert world.reacted(comment) == ["eyes", "rocket"]


def test_our_own_words_delivered_back_end_at_once(world, opened):
    comment = world.comment_as("guest", opened, "/infra help")
    answer = world.answer(opened, comment)
    ours = next(each for each in opened.get_issue_comments() if each.body == answer)

    told = eventually(lambda: delivery_of(world, ours))
    world.redeliver(told)

    assert eventually(
        lambda: len([each for each in world.deliveries("issue_comment") if each["guid"] == told["guid"]]) == 2
    )
    for each in world.deliveries("issue_comment"):
        if each["guid"] == told["guid"]:
            said = eventually(lambda: world.delivery(each)["response"]["payload"])  # noqa: B023 -- called at once
            assert "a comment of our own" in said
    assert ours.get_reactions().totalCount == 0


def test_a_comment_of_ours_that_somebody_edits_asks_for_nothing_and_is_put_right(world, ask, at):
    name = world.name()
    pull = world.propose({at(name): ask(name, "guarded")})
    world.says(pull, "Ready: 1 change")
    world.as_("admin").get_pull(pull.number).merge()
    told = world.says(pull, f"Held for a person: {name}", "result")
    ours = next(
        each for each in world.as_("admin").get_issue(pull.number).get_comments() if each.body == told
    )

    ours.edit(f"{told}\n/infra apply\n")
    assert "is for one of `@acme/platform`" in steps.refused(world, pull, "requester", "/infra apply")

    world.reaches_status(name, "held")
    assert ours.get_reactions().totalCount == 0
    assert steps.goes_on(world, pull) == "/infra apply"
    assert not world.says(pull, "Done: 1 request provisioned", "result").endswith("/infra apply\n")


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "where": "POST */reactions", "times": 2},
        {"kind": "lost_answer", "where": "POST */reactions"},
        {"kind": "error", "where": "POST */issues/*/comments", "times": 2},
        {"kind": "lost_answer", "where": "POST */issues/*/comments"},
        {"kind": "double", "where": "issue_comment.created"},
        {"kind": "secondary_limit", "where": "POST */reactions", "seconds": 1},
    ],
    ids=lambda fault: f"{fault['kind']} {fault['where']}",
)
def test_a_command_is_obeyed_and_answered_once_whatever_goes_wrong(world, opened, fault):
    if fault["kind"] == "double":
        world.faults(fault)
        comment = world.comment_as("requester", opened, "/infra unlock")
    else:
        comment = world.comment_as("requester", opened, "/infra unlock")
        world.faults(fault)

    assert world.obeyed(comment) == "rocket"
    assert "Nobody is at work on this pull's requests, and no lock is known." in world.answer(opened, comment)
    assert world.reacted(comment) == ["eyes", "rocket"]
    assert len([each for each in world.comments(opened) if f"comment={comment.id} " in each]) == 1
    world.calm()


def test_whoever_asks_who_is_at_work_is_told_the_run_and_its_worker(world, ask, at):
    name = world.name()
    pull = world.propose({at(name): ask(name, seconds=3)})
    world.says(pull, "Ready: 1 change")
    world.merge(pull)
    assert eventually(lambda: (world.state(name) or {"state": {}})["state"].get("step") == "apply")

    comment = world.comment_as("requester", pull, "/infra unlock")

    assert world.obeyed(comment) == "confused"
    answer = world.answer(pull, comment)
    run = world.state(name)["id"]
    assert f"`dev/sandbox/{name}` is held by run {run} at apply on worker `" in answer
    assert "it is alive: wait for its end" in answer
    world.says(pull, "Done: 1 request provisioned", "result")


def delivery_of(world, comment):
    """The delivery that told of a comment, None as long as there is none."""
    listed = (each for each in world.deliveries("issue_comment") if each["action"] == "created")
    return next(
        (
            each
            for each in listed
            if world.delivery(each)["request"]["payload"]["comment"]["id"] == comment.id
        ),
        None,
    )


def edited_after(comment, pause):
    """Wait until GitHub's clock, which has whole seconds, would show an edit; or do not."""
    until = comment.created_at + dt.timedelta(seconds=pause)
    assert eventually(lambda: dt.datetime.now(dt.UTC) >= until)
