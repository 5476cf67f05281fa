"""Terraform's lock, from the texts that its backends really print."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.lock import LONGEST, StateLock, read_lock
from controller.core.outcome import Cause, failure
from controller.core.stream import read_stream

AFTER = """

Terraform acquires a state lock to protect the state from being written
by multiple users at the same time. Please resolve the issue above and try
again. For most commands, you can disable locking with the "-lock=false"
flag, but this is not recommended."""


def block(id_, path, operation, who, created, info=""):
    """As `LockInfo.String` prints it: with blanks where a line has nothing to say."""
    lines = {
        "ID": id_,
        "Path": path,
        "Operation": operation,
        "Who": who,
        "Version": "1.11.4",
        "Created": created,
    }
    told = "".join(f"  {name + ':':<10} {value}\n" for name, value in {**lines, "Info": info}.items())
    return f"Lock Info:\n{told}"


S3 = (
    "Error message: operation error S3: PutObject, https response error StatusCode: 412, RequestID: Rs1SB4M0yPIuf, HostID: "
    "9Gjjt1=, api error PreconditionFailed: At least one of the pre-conditions you specified did not hold\n"
    + block(
        "421c8fd0-9c81-4aba-7c5d-b9056479e340",
        "states/infra/x.tfstate",
        "OperationTypeApply",
        "root@vm",
        "2026-11-23 11:02:56.615015567 +0000 UTC",
    )
    + AFTER
)
LOCAL = (
    "Error message: resource temporarily unavailable\n"
    + block(
        "6b35a1b8-4e3d-9d0c-7a9a-6c2d2b0f8a11",
        "/data/states/dev.sandbox.one.tfstate",
        "OperationTypePlan",
        "deploy@worker-2.example.org",
        "2026-11-23 11:02:56.5 +0000 UTC",
    )
    + AFTER
)
PG = (
    "Error message: Workspace is already locked: dev.sandbox.one\n"
    + block("8f1d6f2e", "", "OperationTypePlan", "root@vm", "2026-11-23 11:02:56.1 +0000 UTC")
    + AFTER
)
GCS = 'Error message: writing "gs://b/dev.tflock" failed: googleapi: Error 412: conditionNotMet\n' + block(
    "1763895776123456",
    "gs://b/dev.tflock",
    "OperationTypeApply",
    "@0123456789ab",
    "2026-11-23 12:02:56.615 +0100 CET",
)
AZURE = "Error message: state blob is already locked\n" + block(
    "a7b5e2a4-9c9e",
    "states/dev",
    "OperationTypeApply",
    "ci user@build agent",
    "2026-11-23 11:02:56 +0000 UTC m=+0.046",
)
CONSUL = "Error message: " + block(
    "d4c4e2a4-9c9e",
    "infra/dev",
    "OperationTypeApply",
    "root@vm",
    "0001-01-01 00:00:00 +0000 UTC",
    "consul session: d4",
)


def at(second, microsecond=0):
    return datetime(2026, 11, 23, 11, 2, second, microsecond, UTC)


@pytest.mark.parametrize(
    ("text", "lock"),
    [
        (S3, StateLock("421c8fd0-9c81-4aba-7c5d-b9056479e340", "states/infra/x.tfstate", "OperationTypeApply", "root@vm", "1.11.4", at(56, 615015))),
        (LOCAL, StateLock("6b35a1b8-4e3d-9d0c-7a9a-6c2d2b0f8a11", "/data/states/dev.sandbox.one.tfstate", "OperationTypePlan", "deploy@worker-2.example.org", "1.11.4", at(56, 500000))),
        (GCS, StateLock("1763895776123456", "gs://b/dev.tflock", "OperationTypeApply", "@0123456789ab", "1.11.4", at(56, 615000))),
        (AZURE, StateLock("a7b5e2a4-9c9e", "states/dev", "OperationTypeApply", "ci user@build agent", "1.11.4", at(56))),
        (CONSUL, StateLock("d4c4e2a4-9c9e", "infra/dev", "OperationTypeApply", "root@vm", "1.11.4", None, "consul session: d4")),
    ],
)  # fmt: skip
def test_a_lock_is_read_from_what_a_backend_prints(text, lock):
    assert read_lock(text) == lock


def test_postgresql_names_nobody_but_the_one_who_asks():
    assert read_lock(PG) is None


def test_a_lock_is_read_from_within_the_frame_that_terraform_draws():
    framed = "".join(f"│ {line}\n" for line in S3.splitlines())
    assert read_lock(framed) == read_lock(S3) == read_lock(S3.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    ("who", "host"),
    [("root@vm", "vm"), ("@vm", "vm"), ("a@b@vm", "vm"), ("vm", "vm"), ("", "")],
)
def test_the_machine_is_what_follows_the_user(who, host):
    assert StateLock("1", who=who).host == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Lock Info:",
        "Lock Info:\n",
        "Lock Info:\n\n  ID:        1\n",
        "Error acquiring the state lock",
        "Lock Info:\n  Path: x\n  Who: root@vm\n",
        *(
            f"Lock Info:\n  ID:        {id_}\n"
            for id_ in ("", "-force", "--", "a b", "$(id)", "ä", "'1'", "../1")
        ),
    ],
)
def test_without_an_id_that_could_be_one_there_is_no_lock(text):
    assert read_lock(text) is None


@pytest.mark.parametrize(
    "created",
    [
        "",
        "now",
        "2026-13-45 99:99:99 +0000 UTC",
        "9999-12-31 23:59:59 -1400 X",
        "0001-01-01 00:00:00 +1400 X",
        "2026-11-23",
    ],
)
def test_a_time_that_is_none_is_none(created):
    lock = read_lock(f"Lock Info:\n  ID: 1\n  Created: {created}\n")
    assert lock == StateLock("1")


def test_the_first_line_of_each_name_counts_and_no_line_is_endless():
    lock = read_lock(
        f"Lock Info:\n  ID: one\n  Who: {'x' * 5000}\x1b[31m\n  ID: two\n  Info: {chr(0x202E)}a\n"
    )
    assert lock == StateLock("one", who="x" * LONGEST, info="a")


@given(st.text())
def test_any_text_is_read(text):
    read_lock(text)
    read_lock(f"Lock Info:\n  ID: 1\n  Created: {text}\n  Who: {text}\n")


def stream(*errors):
    lines = ({"severity": "error", "summary": summary, "detail": detail} for summary, detail in errors)
    return read_stream(
        "\n".join(f'{{"type": "diagnostic", "diagnostic": {json.dumps(line)}}}' for line in lines)
    )


def test_a_failure_tells_the_lock_that_it_met():
    told = failure("plan", stream(("Error acquiring the state lock", S3)), "")
    printed = failure("push", read_stream(""), f"Error: Error acquiring the state lock\n\n{S3}")
    assert told.cause is printed.cause is Cause.LOCK_HELD
    assert told.lock == printed.lock == read_lock(S3)


def test_somebody_s_text_about_locks_is_no_lock():
    """A validation's message may hold what a requester wrote."""
    failed = failure(
        "plan", stream(("Invalid value for variable", S3), ("Error acquiring the state lock", LOCAL)), ""
    )
    assert failed.lock == read_lock(LOCAL)
    assert failure("plan", stream(("Error acquiring the state lock", "denied"), ("No", S3)), "").lock is None


@pytest.mark.parametrize(
    ("detail", "cause"),
    [
        (S3.replace("root@vm", "forbidden@quota-exceeded"), Cause.LOCK_HELD),
        ("dial tcp 10.0.0.1:443: connect: connection refused", Cause.NETWORK),
        ("AccessDenied: User is not authorized", Cause.PERMISSION),
        (CONSUL, Cause.LOCK_HELD),
        ("something new", Cause.LOCK_HELD),
    ],
)
def test_a_lock_that_nobody_could_ask_for_is_not_held(detail, cause):
    assert failure("plan", stream(("Error acquiring the state lock", detail)), "").cause is cause


def test_a_lock_that_could_not_be_released_is_not_held_by_another():
    errors = ("Failed to save state", "connection reset by peer"), ("Error releasing the state lock", "EOF")
    assert failure("apply", stream(*errors), "").cause is Cause.NETWORK
