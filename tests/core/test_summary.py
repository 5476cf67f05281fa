import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from controller.core.approval import Approval
from controller.core.catalogue import Catalogue
from controller.core.change import Create, Destroy, ParameterChange, Update
from controller.core.cost import CostChange
from controller.core.environment import ApprovalRule, DestroyRule, Mode
from controller.core.hold import DestroyToConfirm, NeverReviewed
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
from controller.core.plan import Action, Plan, ResourceChange
from controller.core.proposal import Planning, Proposal
from controller.core.pull import StatusState
from controller.core.rejection import Rejection
from controller.core.request import Request
from controller.core.run import Ended, Held, Operation, Running, Waiting
from controller.core.summary import (
    PlanFacts,
    ResultFacts,
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
def summary(pull, run, catalogue):
    """A plan summary: each of `states` is the state of one created request's plan, None where there is no run yet."""

    def make(*states, changes=None, approvals=(), draft=False, run_facts=None, told=None, **facts):
        wanted = changes or [Create(request(f"r{index}"), f"d{index}") for index, _ in enumerate(states)]
        runs = [
            run(
                state,
                Operation.PLAN_DESTROY if isinstance(change, Destroy) else Operation.PLAN,
                request=change.request.id,
                digest=change.digest,
                **(run_facts or {}),
            )
            for change, state in zip(wanted, states, strict=True)
            if state is not None
        ]
        proposal = Proposal(pull(draft=draft), TIP, tuple(wanted), **facts)
        return summarise_plan(PlanFacts(proposal, runs, catalogue, approvals, **(told or {})))

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
            "Needs a second look: destroys parts of r0 (database, stateful)",
            "success",
            "success",
        ),
        ([planned()], {"draft": True}, "Draft: 1 change, low risk", "success", "success"),
        ([], {}, "Ready: nothing changes", "success", "success"),
        (
            [],
            {"deferred": ("a",)},
            "Plans 1 request after the merge, and holds what changes",
            "success",
            "success",
        ),
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
            "Plans": "success",
            "1": "success",
            "nothing": "success",
            "2": "success",
            "needs": "success",
            "planned": "success",
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


def test_a_plan_of_an_older_head_counts_as_long_as_the_content_is_the_same(pull, run, catalogue):
    change, older = Create(request(), "d"), run(planned(), Operation.PLAN, commit="older")

    facts = PlanFacts(Proposal(pull(), TIP, (change,)), [older], catalogue)
    assert [row.run for row in summarise_plan(facts).rows] == [older]


def test_only_the_plan_of_this_content_counts(pull, run, catalogue):
    change = Create(request(), "d")
    others = [
        run(planned(), Operation.PLAN, digest="other"),
        run(planned(), Operation.PLAN, request=RequestId("dev", "database", "x")),
        run(planned(), Operation.PLAN_DESTROY),
        run(planned(), Operation.APPLY),
    ]
    summary = summarise_plan(PlanFacts(Proposal(pull(), TIP, (change,)), others, catalogue))
    assert [row.run for row in summary.rows] == [None]


def test_the_newest_of_several_plans_counts(pull, run, catalogue):
    newest, older = run(planned(), Operation.PLAN, id=2), run(Ended(FAILED), Operation.PLAN, id=1)
    proposal = Proposal(pull(), TIP, (Create(request(), "d"),))
    summary = summarise_plan(PlanFacts(proposal, [newest, older], catalogue))
    assert summary.rows[0].run == newest


def test_a_destroy_is_named_in_the_headline(summary):
    changes = [Destroy(request("a"), "d"), Create(request("b"), "e")]
    assert (
        summary(planned(), planned(), changes=changes).headline
        == "Ready: 2 changes, low risk, destroys a (database)"
    )
    risky = summary(planned(Risk.HIGH), planned(), changes=changes)
    assert risky.headline == "Needs a second look: destroys a (database, stateful)"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Create(request(), "d"), "a new `database`"),
        (Destroy(request(), "d"), "the `database` is destroyed"),
        (Update(request(), "d", request()), "the catalogue changed, the request did not"),
        (Update(request(team="search"), "d", request()), "moves from team `payments` to `search`: tags only"),
        (
            Update(request(), "d", request(), (ParameterChange("size", "small", "medium", Rule.DOWNTIME),)),
            "size `small` → `medium`: in place, away for some minutes",
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
            "storage `20` → `30`: grows in place; public `false` → `true`: nothing you would notice",
        ),
        (
            Update(request(), "d", request(), (ParameterChange("note", "", "x" * 99, Rule.REPLACE),)),
            f'note `""` → `{"x" * 39}…`: made anew',
        ),
    ],
)
def test_a_change_is_told_in_the_requests_own_words(change, words):
    assert str(what_happens(change)) == words


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
        ([Waiting()], "pending", "Provisioning 1 request (waiting for a worker)"),
        ([Running("w", 1)], "pending", "Provisioning 1 request"),
        ([Waiting(), Running("w", 1), APPLIED], "pending", "Provisioning 2 requests, 1 done"),
        ([HELD, APPLIED], "pending", "Held for a person: r0"),
        ([HELD, Running("w", 1)], "pending", "Held for a person: r0; 1 under way"),
        ([Ended(FAILED), APPLIED], "failure", "Failed: r0"),
        ([APPLIED, HELD, Ended(FAILED)], "failure", "Failed: r2; Held for a person: r1"),
        ([Ended(Interrupted("apply", "w")), APPLIED], "failure", "Interrupted: r0"),
        ([Ended(FAILED)] * 8, "failure", "Failed: r0, r1, r2, r3, r4 and 3 more"),
    ],
)
def test_a_merged_pull_is_told_in_one_line_what_went_wrong_first(run, catalogue, states, state, headline):
    runs = [run(each, request=RequestId("dev", "database", f"r{index}")) for index, each in enumerate(states)]
    summary = summarise_result(ResultFacts(HEAD, runs, catalogue))
    assert (summary.headline, summary.status.state, summary.status.description) == (headline, state, headline)
    assert (summary.status.commit, summary.status.context) == (HEAD, "infrautomater/apply")


def test_a_destroy_under_way_is_called_one(run, catalogue):
    runs = [run(Running("w", 1), Operation.DESTROY)]
    assert summarise_result(ResultFacts(HEAD, runs, catalogue)).headline == "Destroying 1 request"


def test_requests_that_share_a_name_are_told_apart(run, catalogue):
    """The failure of one environment's `orders` is not hidden by the success of another's."""
    runs = [
        run(Ended(FAILED), request=RequestId("dev", "database", "orders")),
        run(APPLIED, request=RequestId("prod", "database", "orders")),
        run(APPLIED, request=RequestId("prod", "bucket", "orders")),
    ]
    for order in itertools.permutations(runs):
        summary = summarise_result(ResultFacts(HEAD, order, catalogue))
        assert (summary.status.state, summary.headline) == (
            StatusState.FAILURE,
            "Failed: dev/database/orders",
        )
    assert summarise_result(ResultFacts(HEAD, runs[1:], catalogue)).headline == "Done: 2 requests provisioned"


def test_only_the_newest_apply_of_each_request_is_told(run, catalogue):
    newest, older, a_plan = run(APPLIED, id=3), run(Ended(FAILED), id=2), run(planned(), Operation.PLAN, id=9)
    assert summarise_result(ResultFacts(HEAD, [a_plan, newest, older], catalogue)).runs == (newest,)


# --- What is not planned, or not any more --------------------------------------------------------------------------

GONE = Plan((ResourceChange("m.db", Action.DELETE, {}),))
ANEW = Plan((ResourceChange("m.db", Action.REPLACE, {}),))
CHANGED = Plan((ResourceChange("m.db", Action.UPDATE, {}),))


def made(plan, risk=Risk.HIGH):
    return Ended(Planned(plan, Verdict(risk)))


def ruled(catalogue, name, **facts):
    known = catalogue.environments[name]
    other = replace(known, format=known.format.model_copy(update=facts))
    return Catalogue(catalogue.kinds, {**catalogue.environments, name: other})


@pytest.fixture
def of_one(pull, run, catalogue):
    """The summary of a pull with one change, planned under a rule of its environment."""

    def make(change, state, rule=DestroyRule.CONFIRM, **run_facts):
        operation = Operation.PLAN_DESTROY if isinstance(change, Destroy) else Operation.PLAN
        planned = run(state, operation, request=change.request.id, digest=change.digest, **run_facts)
        known = ruled(catalogue, "dev", destroy=rule)
        return summarise_plan(PlanFacts(Proposal(pull(), TIP, (change,)), [planned], known))

    return make


@pytest.mark.parametrize(
    ("change", "state", "rule", "run_facts", "verdict"),
    [
        (
            Destroy(request(), "d"),
            made(GONE),
            DestroyRule.REFUSE,
            {},
            ("Cannot merge: `dev` refuses to destroy orders (database)", "failure"),
        ),
        (
            Update(request(), "d", request()),
            made(ANEW),
            DestroyRule.REFUSE,
            {},
            ("Cannot merge: `dev` refuses to replace orders (database)", "failure"),
        ),
        (
            Destroy(request(), "d"),
            made(GONE),
            DestroyRule.REFUSE,
            {"mode": Mode.PLAN_ONLY},
            ("Needs a second look: destroys orders (database, stateful); plan only in dev", "success"),
        ),
        (
            Destroy(request(kind="bucket"), "d"),
            made(GONE, Risk.LOW),
            DestroyRule.CONFIRM,
            {},
            ("Needs a second look: destroys orders (bucket)", "success"),
        ),
        (
            Update(request(), "d", request()),
            made(ANEW),
            DestroyRule.CONFIRM,
            {"confirmed": "bob"},
            ("Needs a second look: replaces orders (database, stateful), confirmed by bob", "success"),
        ),
        (
            Destroy(request(kind="bucket"), "d"),
            made(GONE, Risk.LOW),
            DestroyRule.ALLOW,
            {},
            ("Ready: 1 change, low risk, destroys orders (bucket)", "success"),
        ),
        (
            Update(request(), "d", request()),
            made(CHANGED, Risk.LOW),
            DestroyRule.REFUSE,
            {},
            ("Ready: 1 change, low risk", "success"),
        ),
    ],
)
def test_an_end_is_told_under_the_rule_of_its_environment(of_one, change, state, rule, run_facts, verdict):
    found = of_one(change, state, rule, **run_facts)
    assert (found.headline, found.statuses[1].state) == verdict


@pytest.mark.parametrize(
    ("state", "rule", "run_facts", "step"),
    [
        (
            made(GONE),
            DestroyRule.CONFIRM,
            {},
            "confirms with `/infra confirm-destroy orders`, before or after the merge",
        ),
        (made(GONE), DestroyRule.CONFIRM, {"confirmed": "bob"}, "`bob` has confirmed"),
        (
            made(GONE),
            DestroyRule.REFUSE,
            {},
            "says `destroy: confirm` in `terraform/environments/dev.yaml` first",
        ),
        (Ended(FAILED), DestroyRule.ALLOW, {}, "The comment `/infra plan` plans again"),
        (
            Ended(Interrupted("plan", "lost")),
            DestroyRule.ALLOW,
            {},
            "The comment `/infra plan` makes it again",
        ),
        (Ended(Withdrawn("ann", "why")), DestroyRule.ALLOW, {}, "A push plans again"),
    ],
)
def test_whatever_stands_in_the_way_of_a_merge_has_its_next_step(of_one, state, rule, run_facts, step):
    found = of_one(Destroy(request(), "d"), state, rule, **run_facts)
    assert step in found.steps[request().id]


def test_who_confirms_is_said_by_the_environment_s_rule(pull, run, catalogue):
    rule = ApprovalRule.model_validate({"from": ["@acme/platform", "@bob", "maintain"], "author": True})
    planned = run(made(GONE), Operation.PLAN_DESTROY)
    proposal = Proposal(pull(), TIP, (Destroy(request(), "d"),))
    known = ruled(catalogue, "dev", destroy=DestroyRule.CONFIRM, approvals=rule)
    (step,) = summarise_plan(PlanFacts(proposal, [planned], known)).steps.values()
    assert step.startswith(
        "Somebody of `@acme/platform` or `@bob` or a maintainer of this repository confirms"
    )


@pytest.mark.parametrize(
    ("states", "facts", "told", "headline"),
    [
        (
            [None],
            {"planning": Planning.STRANGER},
            {},
            "Not planned yet: somebody with write access comments `/infra plan`",
        ),
        ([planned()], {"planning": Planning.STRANGER}, {}, "Ready: 1 change, low risk"),
        ([Waiting()], {"planning": Planning.STRANGER}, {}, "Planning 1 change"),
        (
            [planned(), None],
            {"planning": Planning.TOO_OFTEN, "rounds": 50},
            {},
            "Not planned: planned 50 times already; `/infra plan` plans again",
        ),
        (
            [planned()],
            {},
            {"busy": {RequestId("dev", "database", "r0"): 12}},
            "Outdated: planned again once run 12 of r0 has ended",
        ),
        (
            [planned()] * 2,
            {},
            {"busy": {RequestId("dev", "database", f"r{index}"): 12 + index for index in range(2)}},
            "Outdated: planned again once the runs of r0, r1 have ended",
        ),
    ],
)
def test_what_is_not_planned_says_why_and_how_it_will_be(summary, states, facts, told, headline):
    found = summary(*states, told=told, **facts)
    assert found.headline == headline
    assert found.statuses[1].state == ("success" if headline.startswith("Ready") else "pending")


@pytest.mark.parametrize("state", [Waiting(), Running("w", 1), None])
def test_a_plan_that_is_made_again_is_outdated_till_then(pull, run, catalogue, state):
    changes = [Create(request(name), "d") for name in ("a", "b")]
    now = (
        [run(state, Operation.PLAN, request=each.request.id, digest="d") for each in changes] if state else []
    )
    before = [run(planned(), Operation.PLAN, request=each.request.id, digest="older") for each in changes]
    facts = PlanFacts(Proposal(pull(), TIP, tuple(changes)), [*now, *before], catalogue)
    assert summarise_plan(facts).headline == "Outdated: 2 changes are planned again"


def test_what_it_costs_is_part_of_the_verdict(summary):
    cost = CostChange(RequestId("dev", "database", "r0"), 13, 44, "USD")
    assert summary(planned(), costs=(cost,)).headline == "Ready: 1 change, low risk, +31 USD a month"


def test_rows_stand_in_the_order_of_the_files(summary):
    changes = [
        Create(request("a", team="z"), "d"),
        Create(request("z", team="b"), "e"),
        Create(request("a", "bucket"), "f"),
    ]
    assert [row.change.request.path for row in summary(None, None, None, changes=changes).rows] == [
        "requests/b/z.yaml",
        "requests/payments/a.yaml",
        "requests/z/a.yaml",
    ]


# --- What the plan does goes before what the kind promises ---------------------------------------------------------


def changing(name="size", before="small", after="medium", rule=Rule.DOWNTIME, team="payments"):
    return Update(request(team=team), "d", request(), (ParameterChange(name, before, after, rule),))


@pytest.mark.parametrize(
    ("change", "plan", "words"),
    [
        (changing(), None, "size `small` → `medium`: in place, away for some minutes"),
        (changing(), CHANGED, "size `small` → `medium`: in place, away for some minutes, data kept"),
        (changing(), ANEW, "size `small` → `medium`: made anew, data lost"),
        (changing(), GONE, "size `small` → `medium`: parts of it are destroyed, data lost"),
        (changing(), Plan(), "size `small` → `medium`: nothing is to be done"),
        (changing(rule=Rule.REPLACE), None, "size `small` → `medium`: made anew, data lost"),
        (changing(rule=Rule.REPLACE), CHANGED, "size `small` → `medium`: in place, data kept"),
        (changing(rule=Rule.IN_PLACE), CHANGED, "size `small` → `medium`: in place"),
        (changing(rule=Rule.IN_PLACE), ANEW, "size `small` → `medium`: made anew, data lost"),
        (
            changing(team="search"),
            CHANGED,
            "moves from team `payments` to `search`: tags only; size `small` → `medium`: in place, away for some minutes, data kept",
        ),
        (
            Update(request(team="search"), "d", request()),
            ANEW,
            "moves from team `payments` to `search`: made anew, data lost",
        ),
        (
            Update(request(), "d", request()),
            ANEW,
            "the catalogue changed, the request did not: made anew, data lost",
        ),
        (Destroy(request(), "d"), None, "the `database` is destroyed, with its data"),
    ],
)
def test_what_happens_is_what_the_plan_does(catalogue, change, plan, words):
    assert str(what_happens(change, plan, catalogue.kinds["database"])) == words


def test_a_new_request_says_what_it_asks_for_beyond_the_defaults(accepted, ask, catalogue):
    change = Create(accepted(ask(size="medium", public="true", storage="20")), "d")
    assert (
        str(what_happens(change, None, catalogue.kinds["database"]))
        == "a new `database`: size `medium`, public `true`"
    )


def test_what_dies_is_told_with_its_age_and_what_remains(pull, run, accepted, ask, catalogue):
    change = Destroy(accepted(ask(storage="50")), "d")
    born, now = datetime(2026, 11, 11, 9, tzinfo=UTC), datetime(2026, 11, 23, 8, tzinfo=UTC)
    planned = run(made(GONE), Operation.PLAN_DESTROY)
    proposal = Proposal(pull(), TIP, (change,))
    facts = PlanFacts(proposal, [planned], catalogue, born={change.request.id: born}, now=now)
    (row,) = summarise_plan(facts).rows
    assert (row.end.title, row.end.age, row.end.farewell) == ("Relational database", "made 11 days ago", "")
    assert row.end.parameters["storage"] == "50"
    assert "note" not in row.end.parameters


# --- What somebody does about what is held, or failed --------------------------------------------------------------

CONFIRM, REFUSE = DestroyToConfirm(DestroyRule.CONFIRM), DestroyToConfirm(DestroyRule.REFUSE)


@pytest.mark.parametrize(
    ("reasons", "pull_number", "steps"),
    [
        ((NeverReviewed(),), 7, ["`/infra apply`"]),
        ((CONFIRM,), 7, ["`/infra confirm-destroy orders`"]),
        ((CONFIRM, NeverReviewed()), 7, ["`/infra apply`", "`/infra confirm-destroy orders`"]),
        ((REFUSE,), 7, ["`destroy: confirm` in `terraform/environments/dev.yaml`"]),
        ((REFUSE, NeverReviewed()), 7, ["`destroy: confirm` in", "`/infra apply`"]),
        ((CONFIRM, REFUSE, NeverReviewed()), None, ["`infrautomater release 5 --reason"]),
    ],
)
def test_whatever_holds_a_run_has_its_next_step(run, catalogue, reasons, pull_number, steps):
    held = run(Held(reasons, GONE), id=5, pull=pull_number)
    (entry,) = summarise_result(ResultFacts(HEAD, [held], catalogue)).entries
    assert len(entry.steps) == len(steps)
    assert all(step in said for step, said in zip(steps, entry.steps, strict=True)), entry.steps


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("advice", ["", "Ask for less.", "Wait, then retry."])
def test_after_every_failure_there_is_a_next_step_without_a_new_pull(run, catalogue, cause, advice):
    for number, words in ((7, "`/infra retry`"), (None, "`infrautomater retry 5`")):
        failed = run(Ended(Failed("apply", cause, "s", advice=advice)), id=5, pull=number)
        (entry,) = summarise_result(ResultFacts(HEAD, [failed], catalogue)).entries
        (step,) = entry.steps
        assert step.startswith(advice)
        assert words in step


def test_a_name_that_two_share_is_told_in_full_in_a_command(run, catalogue):
    runs = [
        run(Held((CONFIRM,), GONE), id=index, request=RequestId(environment, "database", "orders"))
        for index, environment in enumerate(("dev", "prod"))
    ]
    first, _ = summarise_result(ResultFacts(HEAD, runs, catalogue)).entries
    assert "`/infra confirm-destroy dev/database/orders`" in first.steps[0]


def test_a_name_in_an_environment_that_is_gone_is_for_administrators_to_confirm(run):
    (entry,) = summarise_result(ResultFacts(HEAD, [run(Held((CONFIRM,), GONE))], Catalogue())).entries
    assert entry.steps[0].startswith("An administrator of this repository")
