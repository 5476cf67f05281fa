import json

import pytest
from pydantic import TypeAdapter

from controller.core.outcome import (
    NEXT_STEP,
    Applied,
    Cause,
    Destroyed,
    Failed,
    Interrupted,
    Outcome,
    Planned,
    Superseded,
    Withdrawn,
    advise,
    classify,
    failure,
)
from controller.core.plan import Plan
from controller.core.stream import read_stream
from controller.core.verdict import Risk, Verdict

KEPT = "the request's next run on this machine pushes it before it plans, and no other run of the request should."
REFUSED = "The backend has one that it does not continue, so it was not forced."


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Error acquiring the state lock\nConditionalCheckFailedException", Cause.LOCK_HELD),
        ("Error: Error locking state: the state lock is held", Cause.LOCK_HELD),
        ("ThrottlingException: Rate exceeded", Cause.THROTTLED),
        ("RequestLimitExceeded: Request limit exceeded.", Cause.THROTTLED),
        ("SlowDown: Please reduce your request rate.", Cause.THROTTLED),
        ("429 Too Many Requests", Cause.THROTTLED),
        ("InstanceQuotaExceeded: You have reached your quota", Cause.QUOTA),
        ("VpcLimitExceeded: The maximum number of VPCs has been reached.", Cause.QUOTA),
        ("exceeded quota: dev, requested: pods=1", Cause.QUOTA),
        ("BucketAlreadyExists: The requested bucket name is not available", Cause.NAME_TAKEN),
        ("BucketAlreadyOwnedByYou", Cause.NAME_TAKEN),
        ("DBInstanceAlreadyExists: DB instance already exists", Cause.NAME_TAKEN),
        ('namespaces "x" already exists', Cause.NAME_TAKEN),
        ("BucketNotEmpty: The bucket you tried to delete is not empty", Cause.NOT_EMPTY),
        ("AccessDenied: not authorized to perform: s3:CreateBucket", Cause.PERMISSION),
        ("UnauthorizedOperation", Cause.PERMISSION),
        ("No valid credential sources found", Cause.PERMISSION),
        ("InvalidClientTokenId: The security token included in the request is invalid", Cause.PERMISSION),
        ("ExpiredToken: The provided token has expired", Cause.PERMISSION),
        ('namespaces is forbidden: User "x" cannot create', Cause.PERMISSION),
        ("dial tcp: lookup sts.amazonaws.com: no such host", Cause.NETWORK),
        ("dial tcp 10.0.0.1:443: connect: connection refused", Cause.NETWORK),
        ("dial tcp 10.0.0.1:443: i/o timeout", Cause.NETWORK),
        ("connect: network is unreachable", Cause.NETWORK),
        ('request send failed, Head "https://s3/states": EOF', Cause.NETWORK),
        ("write tcp 10.0.0.2:5432: write: broken pipe", Cause.NETWORK),
        ("Error saving state: write /data/x: no space left on device", Cause.DISK_FULL),
        ("Disk quota exceeded", Cause.DISK_FULL),
        ('Failed to write state: cannot import state with lineage "a" over', Cause.STATE_REFUSED),
        ("Failed to write state: cannot overwrite\nexisting state with serial 3", Cause.STATE_REFUSED),
        (f"no such host\nLock Info:\n  ID: 1\n{KEPT}", Cause.STATE_KEPT),
        (f"Throttling\n{REFUSED}", Cause.STATE_REFUSED),
        (f"no space left on device\n{KEPT}", Cause.DISK_FULL),
        ("Failed to query available provider packages", Cause.NETWORK),
        ("timeout while waiting for state to become 'available'", Cause.TIMEOUT),
        ("context deadline exceeded", Cause.TIMEOUT),
        ("Reference to undeclared input variable", Cause.MISTAKE),
        ("Invalid value for variable", Cause.MISTAKE),
        ("", Cause.MISTAKE),
    ],
)
def test_an_error_is_classed_by_what_the_world_says(text, cause):
    assert classify(text) is cause


def test_every_cause_has_a_next_step():
    assert set(NEXT_STEP) == set(Cause)
    assert all(words.endswith(".") for words in NEXT_STEP.values())


ADVICES = {
    "BucketAlreadyExists": "Choose another name.",
    "Bucket": "Ask.",
    "deletion protection": "Lift it.",
}


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("creating S3 Bucket (x): BucketAlreadyExists", "Choose another name."),
        ("BUCKETALREADYEXISTS: the name is taken", "Choose another name."),
        ("NoSuchBucket", "Ask."),
        ("please disable deletion\n  protection and try again", "Lift it."),
        ("AccessDenied", ""),
        ("", ""),
    ],
)
def test_of_a_kind_s_words_the_first_that_the_error_holds_speaks(text, advice):
    assert advise(text, ADVICES) == advice


def stream(*messages):
    return read_stream("\n".join(json.dumps(message) for message in messages))


def error(summary, detail=""):
    return {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": summary, "detail": detail}}


START, DONE = (
    {"type": f"apply_{word}", "hook": {"resource": {"addr": "m.a"}}} for word in ("start", "complete")
)


def test_a_failure_says_what_failed_in_terraforms_own_words():
    failed = failure("apply", stream(START, error("first", "AccessDenied"), error("second")), "printed\n")
    assert (failed.step, failed.cause, failed.summary) == ("apply", Cause.PERMISSION, "first")
    assert failed.detail == "first\nAccessDenied\n\nsecond\n\nprinted"
    assert failed.unfinished == ("m.a",)


@pytest.mark.parametrize(
    ("said", "printed", "next_step"),
    [
        ([error("creating", "BucketAlreadyExists: taken")], "", "Choose another name."),
        ([error("first"), error("second", "deletion protection is on")], "", "Lift it."),
        ([], "NoSuchBucket", "Ask."),
        ([error("AccessDenied")], "", NEXT_STEP[Cause.PERMISSION]),
    ],
)
def test_the_kind_s_own_advice_goes_before_the_general_one(said, printed, next_step):
    failed = failure("apply", stream(*said), printed, advices=ADVICES)
    assert failed.next_step == next_step


def test_without_advice_the_cause_says_what_to_do():
    assert failure("apply", stream(error("BucketAlreadyExists")), "").next_step == NEXT_STEP[Cause.NAME_TAKEN]


@pytest.mark.parametrize(
    ("errors", "summary", "detail"),
    [
        ("boom\nmore\n", "boom", "boom\nmore"),
        ("", "terraform init failed", ""),
        ("  \n\n", "terraform init failed", ""),
    ],
)
def test_without_diagnostics_the_standard_error_speaks(errors, summary, detail):
    failed = failure("init", stream(), errors)
    assert (failed.summary, failed.detail) == (summary, detail)


def test_a_deadline_is_a_timeout_whatever_else_was_said():
    failed = failure("apply", stream(error("AccessDenied")), "", timed_out=True)
    assert (failed.cause, failed.summary) == (Cause.TIMEOUT, "apply did not end within its deadline")


LOCKED = "Error acquiring the state lock\n\nLock Info:\n  ID:        4f1c\n"


def test_a_kept_state_goes_before_a_deadline():
    """Who reads of a deadline retries, on any machine."""
    failed = failure("apply", stream(), KEPT, timed_out=True)
    assert (failed.cause, failed.left_state) == (Cause.STATE_KEPT, True)


def test_the_lock_that_a_push_met_is_told_and_one_that_an_apply_could_not_release_is_not():
    assert failure("push", stream(), f"Error: {LOCKED}{KEPT}").lock.id == "4f1c"
    assert failure("apply", stream(), LOCKED.replace("acquiring", "releasing") + KEPT).lock is None


@pytest.mark.parametrize(
    ("error", "first"),
    [
        ("AccessDenied", ""),
        ("BucketAlreadyExists", "Choose another name. "),
        ("no space left on device", f"{NEXT_STEP[Cause.DISK_FULL]} "),
    ],
)
def test_that_a_state_is_kept_is_said_whatever_else_is_to_be_done(error, first):
    failed = failure("apply", stream(), f"{error}\n{KEPT}", advices=ADVICES)
    assert failed.next_step == first + NEXT_STEP[Cause.STATE_KEPT]


@pytest.mark.parametrize(
    ("failed", "words"),
    [
        (Failed("init", Cause.NETWORK, "s"), "Nothing was changed."),
        (Failed("plan", Cause.MISTAKE, "s"), "Nothing was changed."),
        (Failed("apply", Cause.MISTAKE, "s"), "Nothing was changed."),
        (Failed("apply", Cause.MISTAKE, "s", completed=("a", "b")), "Partly applied. Done: `a`, `b`."),
        (
            Failed("apply", Cause.MISTAKE, "s", unfinished=("c",)),
            "Partly applied. Begun and not finished: `c`.",
        ),
        (
            Failed("apply", Cause.MISTAKE, "s", completed=("a",), unfinished=("c",)),
            "Partly applied. Done: `a`. Begun and not finished: `c`.",
        ),
    ],
)
def test_a_failure_says_what_state_things_are_in(failed, words):
    assert failed.aftermath == words


def test_a_replacement_whose_new_half_failed_is_said_to_be_unfinished():
    failed = failure("apply", stream(START, DONE, START, error("no")), "")
    assert failed.aftermath == "Partly applied. Begun and not finished: `m.a`."


@pytest.mark.parametrize(
    "outcome",
    [
        Planned(Plan(), Verdict(Risk.HIGH, ("r",)), ("w",)),
        Applied({"a": 1, "hidden": None, "list": [1, {"b": True}]}, 2),
        Destroyed(3),
        Failed("apply", Cause.QUOTA, "s", "d", ("a",), ("b",), "Ask."),
        Interrupted("plan", "w"),
        Superseded("w"),
        Withdrawn("ann", "w"),
    ],
)
def test_an_outcome_survives_the_ledger(outcome):
    adapter = TypeAdapter(Outcome)
    assert adapter.validate_json(adapter.dump_json(outcome)) == outcome


@pytest.mark.parametrize(
    ("errors", "summary", "detail"),
    [
        ("", "terraform init failed", ""),
        ("\nError: No such host\n\nIt is away.\n", "No such host", "Error: No such host\n\nIt is away."),
        (
            "╷\n│ Error: No such host\n│ \n│ It is away.\n╵\n",
            "No such host",
            "Error: No such host\n\nIt is away.",
        ),
        (
            "There are some problems with the CLI configuration:\n╷\n│ Error: Bad file\n╵\n",
            "Bad file",
            "There are some problems with the CLI configuration:\n\nError: Bad file",
        ),
        ("These paths lead out.", "These paths lead out.", "These paths lead out."),
    ],
)
def test_what_terraform_prints_for_people_is_told_without_its_frame(errors, summary, detail):
    failed = failure("init", read_stream(""), errors)
    assert (failed.summary, failed.detail) == (summary, detail)
