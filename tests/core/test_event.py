import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.call import (
    Actor,
    Call,
    check_branch,
    check_queue,
    command,
    execute,
    plan_pull,
    reconcile,
    report,
    report_commit,
)
from controller.core.command import OURS
from controller.core.delivery import Delivery
from controller.core.event import (
    ChecksRequested,
    Commented,
    DefaultBranchMoved,
    Ignored,
    PullChanged,
    PullClosed,
    Reviewed,
    read_event,
    wake_up,
)
from controller.core.run import Operation
from controller.errors import MalformedDelivery


def pull(action, **facts):
    return {"action": action, "pull_request": {"number": 7, "merged": False, **facts}}


def push(ref):
    return {"ref": ref, "repository": {"default_branch": "main"}}


def remark(body, action="created", **issue):
    issue = {"number": 7, "pull_request": {"url": "https://github.test/pulls/7"}, **issue}
    return {
        "action": action,
        "issue": {name: value for name, value in issue.items() if value},
        "comment": {"id": 5_000_000_000, "body": body},
    }


def group(action="checks_requested", base="refs/heads/main"):
    return {
        "action": action,
        "merge_group": {"base_ref": base},
        "repository": {"default_branch": "main"},
    }


@pytest.mark.parametrize(
    ("name", "payload", "event"),
    [
        ("pull_request", pull("opened"), PullChanged(7)),
        ("pull_request", pull("reopened"), PullChanged(7)),
        ("pull_request", pull("synchronize"), PullChanged(7)),
        ("pull_request", pull("ready_for_review"), PullChanged(7)),
        ("pull_request", pull("converted_to_draft"), PullChanged(7)),
        ("pull_request", pull("edited"), PullChanged(7)),
        ("pull_request", pull("closed"), PullClosed(7, merged=False)),
        ("pull_request", pull("closed", merged=True), PullClosed(7, merged=True)),
        ("pull_request_review", pull("submitted"), Reviewed(7)),
        ("pull_request_review", pull("dismissed"), Reviewed(7)),
        ("issue_comment", remark("/infra plan"), Commented(5_000_000_000)),
        ("issue_comment", remark("Please:\r\n/infra aply\r\n"), Commented(5_000_000_000)),
        ("merge_group", group(), ChecksRequested()),
        ("push", push("refs/heads/main"), DefaultBranchMoved()),
    ],
)
def test_a_delivery_means_something(name, payload, event):
    assert read_event(Delivery("g", name, payload)) == event


@pytest.mark.parametrize(
    ("name", "payload", "why"),
    [
        ("pull_request", pull("labeled"), "`labeled` of a pull changes nothing here"),
        ("pull_request", pull("enqueued"), "`enqueued` of a pull changes nothing here"),
        ("pull_request", pull("dequeued"), "`dequeued` of a pull changes nothing here"),
        ("issue_comment", remark("/infra plan", "edited"), "`edited` of a comment changes nothing here"),
        ("issue_comment", remark("/infra plan", "deleted"), "`deleted` of a comment changes nothing here"),
        ("issue_comment", remark("/infra plan", pull_request=None), "an issue that is no pull"),
        ("issue_comment", remark("Well done, /infra plan"), "a comment without a command"),
        ("issue_comment", remark("> /infra plan"), "a comment without a command"),
        ("issue_comment", remark(None), "a comment without a command"),
        ("issue_comment", remark(f"{OURS}answer v1 -->\n/infra plan"), "a comment of our own"),
        ("merge_group", group("destroyed"), "`destroyed` of a merge queue's commit changes nothing here"),
        ("merge_group", group(base="refs/heads/next"), "`refs/heads/next` is not the default branch"),
        ("push", push("refs/heads/feature"), "`refs/heads/feature` is not the default branch"),
        ("push", push("refs/tags/main"), "`refs/tags/main` is not the default branch"),
        ("push", push("refs/heads/x/main"), "is not the default branch"),
        ("ping", {}, "a ping: the hook works"),
        ("star", {}, "`star` events change nothing here"),
    ],
)
def test_what_is_ignored_says_why(name, payload, why):
    event = read_event(Delivery("g", name, payload))
    assert isinstance(event, Ignored)
    assert why in event.why
    assert wake_up(event) is None


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("pull_request", {}),
        ("pull_request", {"action": "opened"}),
        ("pull_request", {"action": "opened", "pull_request": None}),
        ("pull_request", {"action": "opened", "pull_request": []}),
        ("pull_request", {"action": "opened", "pull_request": {}}),
        ("pull_request", pull("opened", number="7")),
        ("pull_request", pull("opened", number=True)),
        ("pull_request", pull("opened", number=None)),
        ("pull_request", {"action": "closed", "pull_request": {"number": 7}}),
        ("pull_request_review", {"action": "submitted"}),
        ("issue_comment", {}),
        ("issue_comment", {"action": "created", "comment": {"id": 1, "body": "/infra plan"}}),
        ("issue_comment", {**remark("/infra plan"), "issue": 7}),
        ("issue_comment", {**remark("/infra plan"), "comment": {"id": "1", "body": "/infra plan"}}),
        ("issue_comment", {**remark("/infra plan"), "comment": {"id": 1, "body": ["/infra plan"]}}),
        ("merge_group", {"action": "checks_requested", "repository": {"default_branch": "main"}}),
        ("merge_group", {**group(), "repository": None}),
        ("push", {}),
        ("push", {"ref": "refs/heads/main"}),
        ("push", {"ref": "refs/heads/main", "repository": None}),
        ("push", {"repository": {"default_branch": "main"}}),
    ],
)
def test_a_payload_without_what_its_event_always_has_is_malformed(name, payload):
    with pytest.raises(MalformedDelivery, match=f"a `{name}` payload without"):
        read_event(Delivery("g", name, payload))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                [
                    "action",
                    "pull_request",
                    "number",
                    "merged",
                    "ref",
                    "repository",
                    "default_branch",
                    "id",
                    "body",
                ]
            ),
            inner,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(
        ["pull_request", "pull_request_review", "issue_comment", "merge_group", "push", "ping", "x"]
    ),
    st.dictionaries(
        st.sampled_from(["action", "pull_request", "ref", "repository", "issue", "comment", "merge_group"]),
        JSON | st.sampled_from(["created", "checks_requested"]),
    ),
)
def test_whatever_the_payload_is_it_is_an_event_or_malformed(name, payload):
    try:
        wake_up(read_event(Delivery("g", name, payload)))
    except MalformedDelivery:
        return


@pytest.mark.parametrize(
    ("event", "call"),
    [
        (PullChanged(7), Call(Actor.PLAN_PULL, "pull", 7)),
        (PullClosed(7, merged=False), Call(Actor.PLAN_PULL, "pull", 7)),
        (PullClosed(7, merged=True), Call(Actor.RECONCILE, "reconcile")),
        (Reviewed(7), Call(Actor.REPORT, "report", 7)),
        (Commented(9), Call(Actor.COMMAND, "report", 9)),
        (ChecksRequested(), Call(Actor.CHECK_QUEUE, "pull")),
        (DefaultBranchMoved(), Call(Actor.RECONCILE, "reconcile")),
    ],
)
def test_an_event_wakes_who_must_look(event, call):
    assert wake_up(event) == call


@pytest.mark.parametrize(
    ("operation", "queue"),
    [
        (Operation.PLAN, "plan.dev"),
        (Operation.PLAN_DESTROY, "plan.dev"),
        (Operation.APPLY, "apply.dev"),
        (Operation.DESTROY, "apply.dev"),
    ],
)
def test_a_run_is_called_on_its_environments_queue(identity, operation, queue):
    assert execute(5, operation, identity) == Call(Actor.EXECUTE, queue, 5)


def test_a_call_holds_numbers_and_nothing_else():
    calls = [
        plan_pull(1),
        reconcile(),
        report(2),
        report_commit(3),
        command(4),
        check_queue(),
        check_branch(),
    ]
    assert all(isinstance(call.argument, int | None) and call.id is None for call in calls)
    assert [call.queue for call in calls] == [
        "pull",
        "reconcile",
        "report",
        "report",
        "report",
        "pull",
        "report",
    ]
