import itertools

import pytest

from controller.core.approval import Approval
from controller.core.change import Create, Destroy, ParameterChange, Update
from controller.core.hold import NeverReviewed
from controller.core.identity import RequestId
from controller.core.outcome import (
    Applied,
    Cause,
    Destroyed,
    Failed,
    Interrupted,
    Planned,
    Superseded,
    Withdrawn,
)
from controller.core.parameter import Rule
from controller.core.plan import Plan
from controller.core.proposal import Proposal
from controller.core.pull import StatusState
from controller.core.rejection import Rejection
from controller.core.request import Request
from controller.core.run import Ended, Held, Operation, Running, Waiting
from controller.core.summary import (
    Row,
    count_words,
    many,
    summarise_plan,
    summarise_result,
    what_happens,
)
from controller.core.verdict import Risk, Verdict

HEAD, TIP = "h" * 40, "t" * 40
REJECTION = Rejection("requests/a/b.yaml", 1, 1, "", "p", "w.")
FAILED = Failed("plan", Cause.MISTAKE, "s")


def request(name="orders", kind="database", environment="dev", team="payments"):
    return Request(RequestId(environment, kind, name), team, f"requests/{team}/{name}.yaml", {})


def planned(risk=Risk.LOW):
    return Ended(Planned(Plan(), Verdict(risk)))


@pytest.fixture
def summary(pull, run):
    """A plan summary: each of `states` is the state of one created request's plan, None where there is no run yet."""

    def make(*states, changes=None, approvals=(), draft=False, **facts):
        wanted = changes or [Create(request(f"r{index}"), f"d{index}") for index, _ in enumerate(states)]
        runs = [
            run(
                state,
                Operation.PLAN_DESTROY if isinstance(change, Destroy) else Operation.PLAN,
                request=change.request.id,
                digest=change.digest,
            )
            for change, state in zip(wanted, states, strict=True)
            if state is not None
        ]
        return summarise_plan(Proposal(pull(draft=draft), TIP, tuple(wanted), **facts), runs, approvals)

    return make


def states_of(summary):
    return {status.context.rpartition("/")[2]: status.state.value for status in summary.statuses}


@pytest.mark.parametrize(
    ("states", "facts", "headline", "validate", "plan"),
    [
        ([planned()], {}, "Ready: 1 change, low risk", "success", "success"),
        ([planned(Risk.NONE)], {}, "Ready: 1 change, no risk", "success", "success"),
        ([planned(Risk.NONE), planned()], {}, "Ready: 2 changes, low risk", "success", "success"),
        (
            [planned(Risk.HIGH)],
            {},
            "Needs a second look: replaces or destroys parts of r0 (database), which holds data",
            "success",
            "success",
        ),
        ([planned()], {"draft": True}, "Draft: Ready: 1 change, low risk", "success", "success"),
        ([], {}, "Ready: nothing changes", "success", "success"),
        ([], {"deferred": ("a",)}, "Planned after the merge, and held then", "success", "success"),
        ([None], {}, "Planning 1 change", "success", "pending"),
        ([Waiting()], {}, "Planning 1 change", "success", "pending"),
        ([Running("w", 1)], {}, "Planning 1 change", "success", "pending"),
        ([planned(), None], {}, "Planning 2 changes", "success", "pending"),
        ([Ended(FAILED)], {}, "Cannot merge: the plan of r0 failed", "success", "failure"),
        ([Ended(FAILED), None], {}, "Cannot merge: the plan of r0 failed", "success", "failure"),
        (
            [Ended(FAILED)] * 7,
            {},
            "Cannot merge: the plan of r0, r1, r2, r3, r4 and 2 more failed",
            "success",
            "failure",
        ),
        ([], {"rejections": (REJECTION,)}, "Cannot merge: 1 mistake", "failure", "failure"),
        (
            [planned()],
            {"rejections": (REJECTION, REJECTION)},
            "Cannot merge: 2 mistakes",
            "failure",
            "failure",
        ),
        (
            [],
            {"conflicts": ("a",)},
            "Cannot merge: it conflicts with the default branch",
            "failure",
            "failure",
        ),
    ],
)
def test_an_open_pull_is_told_in_one_line_and_the_statuses_say_the_same(
    summary, states, facts, headline, validate, plan
):
    found = summary(*states, **facts)
    assert found.headline == headline
    assert states_of(found) == {"validate": validate, "plan": plan, "approval": "success"}


_STATES = [
    None,
    Waiting(),
    Running("w", 1),
    planned(),
    planned(Risk.HIGH),
    planned(Risk.NONE),
    Ended(FAILED),
    Ended(Interrupted("plan", "w")),
]
_FACTS = [{}, {"draft": True}, {"rejections": (REJECTION,)}, {"conflicts": ("a",)}, {"deferred": ("a",)}]


@pytest.mark.parametrize("facts", _FACTS, ids=str)
def test_headline_and_statuses_never_disagree(summary, facts):
    for states in (*((each,) for each in _STATES), *itertools.combinations(_STATES, 2), ()):
        found = summary(*states, **facts)
        said = states_of(found)
        begins = found.headline.removeprefix("Draft: ").split()[0].rstrip(":")
        assert {
            "Cannot": "failure",
            "Planning": "pending",
            "Ready": "success",
            "Needs": "success",
            "Planned": "success",
        }[begins] == said["plan"]
        assert (said["validate"] == "failure") is bool(facts.get("rejections") or facts.get("conflicts"))
        assert found.statuses[1].description == found.headline


def test_a_pull_without_requests_succeeds_on_all_three(summary):
    found = summary(touches_requests=False)
    assert states_of(found) == {"validate": "success", "plan": "success", "approval": "success"}
    assert {status.description for status in found.statuses} == {"no requests in this pull"}


@pytest.mark.parametrize(
    ("approvals", "state", "words"),
    [
        ([], "success", "nothing needs approval"),
        ([Approval("dev", 0, (), ("write",))], "success", "dev needs no approval"),
        ([Approval("prod", 1, (), ("@a/b",))], "pending", "0 of 1 for prod: needs one of @a/b"),
        (
            [Approval("prod", 1, ("bob",), ("@a/b",)), Approval("dev", 0, (), ())],
            "success",
            "1 of 1 for prod; dev needs no approval",
        ),
        (
            [Approval("prod", 1, ("bob",), ("@a/b",)), Approval("qa", 1, (), ("write",))],
            "pending",
            "1 of 1 for prod; 0 of 1 for qa: needs one of write",
        ),
    ],
)
def test_approvals_have_a_status_of_their_own(summary, approvals, state, words):
    status = summary(planned(), approvals=approvals).statuses[2]
    assert (status.context, status.state, status.description) == ("infrautomater/approval", state, words)


def test_every_status_is_on_the_head(summary):
    assert {status.commit for status in summary(planned()).statuses} == {HEAD}


def test_a_plan_of_an_older_head_counts_as_long_as_the_content_is_the_same(pull, run):
    change, older = Create(request(), "d"), run(planned(), Operation.PLAN, commit="older")

    assert summarise_plan(Proposal(pull(), TIP, (change,)), [older], []).rows == (Row(change, older),)


def test_only_the_plan_of_this_content_counts(pull, run):
    change = Create(request(), "d")
    others = [
        run(planned(), Operation.PLAN, digest="other"),
        run(planned(), Operation.PLAN, request=RequestId("dev", "database", "x")),
        run(planned(), Operation.PLAN_DESTROY),
        run(planned(), Operation.APPLY),
    ]
    summary = summarise_plan(Proposal(pull(), TIP, (change,)), others, [])
    assert summary.rows == (Row(change, None),)


def test_the_newest_of_several_plans_counts(pull, run):
    newest, older = run(planned(), Operation.PLAN, id=2), run(Ended(FAILED), Operation.PLAN, id=1)
    summary = summarise_plan(Proposal(pull(), TIP, (Create(request(), "d"),)), [newest, older], [])
    assert summary.rows[0].run == newest


def test_a_destroy_is_named_in_the_headline(summary):
    changes = [Destroy(request("a"), "d"), Create(request("b"), "e")]
    assert (
        summary(planned(), planned(), changes=changes).headline
        == "Ready: 2 changes, low risk, destroys a (database)"
    )
    risky = summary(planned(Risk.HIGH), planned(), changes=changes)
    assert risky.headline == "Needs a second look: destroys a (database), which holds data"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Create(request(), "d"), "a new `database`"),
        (Destroy(request(), "d"), "the `database` is destroyed"),
        (Update(request(), "d", request()), "the catalogue changed, the request did not"),
        (Update(request(team="search"), "d", request()), "it moves from `payments` to `search`"),
        (
            Update(request(), "d", request(), (ParameterChange("size", "small", "medium", Rule.DOWNTIME),)),
            "size `small` → `medium` (with a restart)",
        ),
        (
            Update(
                request(),
                "d",
                request(),
                (
                    ParameterChange("storage", 20, 30, Rule.GROW_ONLY),
                    ParameterChange("public", False, True, Rule.FREE),
                ),
            ),
            "storage `20` → `30` (grows); public `false` → `true`",
        ),
        (
            Update(request(), "d", request(), (ParameterChange("note", "", "x" * 99, Rule.REPLACE),)),
            f"note ` ` → `{'x' * 39}…` (made anew)",
        ),
    ],
)
def test_a_change_is_told_in_the_requests_own_words(change, words):
    assert what_happens(change) == words


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        ({}, "no changes"),
        ({"a": "create", "b": "create"}, "2 to create"),
        (
            {"a": "create", "b": "update", "c": "replace", "d": "delete", "e": "forget"},
            "1 to create, 1 to change, 1 to replace, 1 to destroy, 1 to forget",
        ),
    ],
)
def test_a_plan_is_counted_in_words(plan, actions, words):
    assert count_words(plan(**actions)) == words


@pytest.mark.parametrize(("count", "words"), [(0, "0 runs"), (1, "1 run"), (2, "2 runs")])
def test_one_is_not_many(count, words):
    assert many(count, "run") == words


HELD = Held((NeverReviewed(),), Plan())
APPLIED, DESTROYED = Ended(Applied({})), Ended(Destroyed())


@pytest.mark.parametrize(
    ("states", "state", "headline"),
    [
        ([], "success", "Done: nothing to do"),
        ([APPLIED], "success", "Done: 1 request provisioned"),
        ([APPLIED, APPLIED, DESTROYED], "success", "Done: 2 requests provisioned, 1 request destroyed"),
        ([planned()], "success", "Done: 1 request planned only"),
        ([Ended(Superseded("w"))], "success", "Done: 1 request superseded"),
        ([Ended(Withdrawn("a", "w"))], "success", "Done: 1 request withdrawn"),
        ([Waiting()], "pending", "Provisioning (waiting for a worker): 1 request"),
        ([Running("w", 1)], "pending", "Provisioning: 1 request"),
        ([Waiting(), Running("w", 1), APPLIED], "pending", "Provisioning: 2 requests"),
        ([HELD, APPLIED], "pending", "Held for a person: r0"),
        ([HELD, Running("w", 1)], "pending", "Held for a person: r0"),
        ([Ended(FAILED), APPLIED], "failure", "Failed: r0"),
        ([APPLIED, HELD, Ended(FAILED)], "failure", "Failed: r2"),
        ([Ended(Interrupted("apply", "w")), APPLIED], "failure", "Interrupted: r0"),
        ([Ended(FAILED)] * 8, "failure", "Failed: r0, r1, r2, r3, r4 and 3 more"),
    ],
)
def test_a_merged_pull_is_told_in_one_line_what_went_wrong_first(run, states, state, headline):
    runs = [run(each, request=RequestId("dev", "database", f"r{index}")) for index, each in enumerate(states)]
    summary = summarise_result(runs, HEAD)
    assert (summary.headline, summary.status.state, summary.status.description) == (headline, state, headline)
    assert (summary.status.commit, summary.status.context) == (HEAD, "infrautomater/apply")


def test_a_destroy_under_way_is_called_one(run):
    runs = [run(Running("w", 1), Operation.DESTROY)]
    assert summarise_result(runs, HEAD).headline == "Destroying: 1 request"


def test_requests_that_share_a_name_are_told_apart(run):
    """The failure of one environment's `orders` is not hidden by the success of another's."""
    runs = [
        run(Ended(FAILED), request=RequestId("dev", "database", "orders")),
        run(APPLIED, request=RequestId("prod", "database", "orders")),
        run(APPLIED, request=RequestId("prod", "bucket", "orders")),
    ]
    for order in itertools.permutations(runs):
        assert summarise_result(order, HEAD).status.state is StatusState.FAILURE
    assert summarise_result(runs[1:], HEAD).headline == "Done: 2 requests provisioned"


def test_only_the_newest_apply_of_each_request_is_told(run):
    newest, older, a_plan = run(APPLIED, id=3), run(Ended(FAILED), id=2), run(planned(), Operation.PLAN, id=9)
    assert summarise_result([a_plan, newest, older], HEAD).runs == (newest,)
