"""Verbs that read the ledger, and those that change one run in it, on a real ledger in a file."""

import json
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from controller.core.decision import Decision
from controller.core.environment import Mode
from controller.core.identity import RequestId
from controller.core.outcome import Applied
from controller.core.run import Ended, Opening, Operation
from controller.core.wanted import read_wanted
from controller.edge.ledger import SqlLedger, make_engine
from controller.edge.starter import copy_starter
from controller.edge.templates import read_templates
from controller.edge.worktree import read_worktree
from controller.pipeline.look import catalogue_of
from controller.ports import RequestView

pytestmark = pytest.mark.edge

COMMIT = "c" * 40


@pytest.fixture
def data(tmp_path, monkeypatch, infrautomater):
    monkeypatch.setenv("INFRAUTOMATER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def github(monkeypatch):
    """A repository that nobody can reach: whether the default branch still wants a run cannot be asked."""
    monkeypatch.setenv("INFRAUTOMATER_REPOSITORY", "acme/infrastructure")
    monkeypatch.setenv("INFRAUTOMATER_GITHUB_TOKEN", "made-up")
    monkeypatch.setenv("INFRAUTOMATER_GITHUB_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("INFRAUTOMATER_GIT_URL", "http://127.0.0.1:9")


class Records:
    """What stories would have written."""

    def __init__(self, path, kit):
        self.engine = make_engine(f"sqlite:///{path}")
        self.ledger = SqlLedger(self.engine, lambda: datetime.now(UTC))
        copy_starter(kit, samples=False)
        for name in ("orders", "invoices"):
            file = kit / "requests" / "payments" / f"{name}.yaml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"kind: sandbox\nname: {name}\nenvironment: dev\n")
        catalogue = catalogue_of(read_worktree(kit, "terraform"))
        self.wanted = read_wanted(
            read_worktree(kit, "requests"), catalogue, read_templates()["workspace"]
        ).workspaces

    def open(self, name="orders", pull=7):
        workspace = self.wanted[RequestId("dev", "sandbox", name)]
        opening = Opening(workspace.id, Operation.APPLY, workspace.digest, Mode.APPLY, COMMIT, pull)
        calls = self.ledger.commit(Decision(openings=(opening,), workspaces=(workspace,)))
        return next(call.argument for call in calls if call.actor == "execute")

    def begin(self, run):
        lease = self.ledger.claim(run, "a worker").lease
        self.ledger.step(lease, "apply")
        return lease

    def end(self, run, outcome=None):
        lease = self.begin(run)
        self.ledger.log(lease, f"run {run} says ä\n")
        self.ledger.settle(lease, Ended(outcome or Applied({"message": "hello"}, 2)))


@pytest.fixture
def records(data, infrautomater, tmp_path):
    assert infrautomater("migrate").code == 0
    records = Records(data / "ledger.sqlite", tmp_path / "kit")
    yield records
    records.engine.dispose()


def test_migrate_twice_is_migrate_once(data, infrautomater):
    for _ in range(2):
        said = infrautomater("migrate")
        assert (said.code, said.out, said.err) == (0, "the ledger is up to date\n", "")
    assert (data / "ledger.sqlite").is_file()


def test_status_of_an_empty_ledger_is_an_empty_table(data, infrautomater):
    assert infrautomater("status").code == 0
    assert json.loads(infrautomater("status", "--json").out) == []


def test_status_shows_every_request(records, infrautomater):
    records.end(run := records.open("orders"))
    records.open("invoices")

    lines = infrautomater("status").out.splitlines()
    assert lines[0].split() == ["Request", "Team", "Status", "Run", "File"]
    assert [line.split() for line in lines[1:]] == [
        ["dev/sandbox/invoices", "payments", "approved", str(run + 1), "requests/payments/invoices.yaml"],
        ["dev/sandbox/orders", "payments", "provisioned", str(run), "requests/payments/orders.yaml"],
    ]


def test_status_as_json_and_by_status(records, infrautomater):
    records.end(records.open("orders"))
    records.open("invoices")

    assert len(json.loads(infrautomater("status", "--json").out)) == 2
    [found] = json.loads(infrautomater("status", "--json", "--status", "provisioned").out)
    assert found["id"] == {"environment": "dev", "kind": "sandbox", "name": "orders"}
    assert found["outputs"] == {"message": "hello"}
    assert json.loads(infrautomater("status", "--json", "--status", "held").out) == []


def test_status_goes_over_all_pages(records, infrautomater, monkeypatch):
    records.open("orders")
    records.open("invoices")
    monkeypatch.setattr("controller.cli.status.PAGE", 1)
    assert len(json.loads(infrautomater("status", "--json").out)) == 2


def test_runs_are_the_newest_first(records, infrautomater):
    records.end(first := records.open("orders"))
    second = records.open("invoices", pull=8)

    lines = infrautomater("runs").out.splitlines()
    assert lines[1].split()[:5] == [str(second), "apply", "dev/sandbox/invoices", "waiting", "#8"]
    assert lines[2].split()[:5] == [str(first), "apply", "dev/sandbox/orders", "applied", "#7"]


def test_runs_are_narrowed_and_are_json(records, infrautomater):
    first, second = records.open("orders"), records.open("invoices", pull=8)

    def numbers(*words):
        said = infrautomater("runs", "--json", *words)
        assert said.code == 0
        return [each["run"]["id"] for each in json.loads(said.out)]

    assert numbers() == [second, first]
    assert numbers("--request", "dev/sandbox/orders") == [first]
    assert numbers("--request", "dev/sandbox/nothing") == []
    assert numbers("--pull", "8") == [second]
    assert numbers("--limit", "1") == [second]


@pytest.mark.parametrize(
    "words",
    [
        ("runs", "--request", "orders"),
        ("runs", "--limit", "0"),
        ("logs", "x"),
        ("logs",),
        ("release", "1"),
        ("unlock", "orders"),
        ("x",),
    ],
)
def test_wrong_usage_is_2(data, infrautomater, words):
    said = infrautomater(*words)
    assert said.code == 2 and said.err and not said.out


def test_logs_print_what_a_run_said(records, infrautomater):
    records.end(run := records.open())
    said = infrautomater("logs", run)
    assert (said.code, said.out) == (0, f"run {run} says ä\n")


def test_logs_of_a_run_that_said_nothing_yet_are_empty(records, infrautomater):
    said = infrautomater("logs", records.open())
    assert (said.code, said.out) == (0, "")


def test_logs_are_followed_until_the_run_ends(records, infrautomater, monkeypatch):
    monkeypatch.setattr("controller.cli.logs.POLL", 0.05)
    run = records.open()
    lease = records.begin(run)
    records.ledger.log(lease, "one\n")

    def later():
        time.sleep(0.7)
        records.ledger.log(lease, "two\n")
        time.sleep(0.3)
        records.ledger.log(lease, "three\n")
        records.ledger.settle(lease, Ended(Applied({}, 1)))

    thread = threading.Thread(target=later)
    thread.start()
    said = infrautomater("logs", run, "-f")
    thread.join()
    assert (said.code, said.out) == (0, "one\ntwo\nthree\n")


def test_events_tell_what_became_of_runs_through_whom_and_why(records, infrautomater):
    first, second = records.open("orders"), records.open("invoices")
    infrautomater("withdraw", first, "--reason", "not now")

    lines = [line.split() for line in infrautomater("events").out.splitlines()]
    assert lines[0] == ["Time", "(UTC)", "Run", "By", "From", "To", "Why"]
    assert [line[2] for line in lines[1:]] == [str(first), str(second), str(first)]
    assert lines[1][4:] == ["waiting", "ended:withdrawn", "not", "now"]
    told = json.loads(infrautomater("events", second, "--json").out)
    assert [(event["run"], event["before"], event["after"]) for event in told] == [(second, "", "waiting")]
    assert len(infrautomater("events", "--limit", "1").out.splitlines()) == 2


def test_what_people_wrote_is_shown_as_they_wrote_it(records, infrautomater):
    run = records.open()
    why = "see [/runbook], [red] and :cloud:"
    assert infrautomater("withdraw", run, "--reason", why).code == 0
    said = infrautomater("events")
    assert said.code == 0 and why in said.out


def test_a_file_s_name_is_shown_as_it_is(infrautomater, monkeypatch):
    path = "requests/[/x]/:cloud:.yaml"
    found = RequestView(
        RequestId("dev", "sandbox", "orders"), "payments", path, "approved", 1, datetime.now(UTC)
    )

    @contextmanager
    def opened():
        pages = [[found], []]
        yield SimpleNamespace(views=SimpleNamespace(requests=lambda *_: pages.pop(0)))

    monkeypatch.setattr("controller.cli.status.opened", opened)
    said = infrautomater("status")
    assert said.code == 0 and path in said.out


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found: 1234"), OSError("No username set")])
def test_a_user_without_a_name_is_told_by_number(records, infrautomater, monkeypatch, error):
    def nameless():
        raise error

    monkeypatch.setattr("getpass.getuser", nameless)
    monkeypatch.setattr("os.getuid", lambda: 1234)
    assert infrautomater("withdraw", records.open()).code == 0
    assert json.loads(infrautomater("events", "--json").out)[0]["actor"] == "uid 1234"


def test_unlocking_what_nobody_holds_changes_nothing(records, github, infrautomater):
    said = infrautomater("unlock", "dev/sandbox/orders")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("dev/sandbox/orders is free: nobody is at work on it")


def test_what_somebody_living_holds_is_not_unlocked(records, github, infrautomater):
    records.begin(run := records.open())
    said = infrautomater("unlock", "dev/sandbox/orders")
    assert said.code == 1 and f"is held by run {run} at apply on worker `a worker`" in said.out
    assert "it is alive" in said.out


def test_what_a_silent_worker_holds_is_taken_over(records, github, infrautomater):
    run = records.open()
    records.ledger = SqlLedger(records.engine, lambda: datetime.now(UTC) - timedelta(minutes=12))
    records.begin(run)
    said = infrautomater("unlock", "dev/sandbox/orders")
    assert said.code == 0 and "last heard 12 min ago; its lease is over; safe" in said.out
    states = [each["run"]["state"]["type"] for each in json.loads(infrautomater("runs", "--json").out)]
    assert states == ["waiting", "ended"]


@pytest.mark.parametrize("words", [("logs", "99"), ("logs", "99", "-f"), ("retry", "99"), ("withdraw", "99")])
def test_an_unknown_run_is_said(data, github, infrautomater, words):
    said = infrautomater(*words)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("infrautomater: ") and "99" in said.err and len(said.err.splitlines()) == 1


def test_releasing_an_unknown_run_is_refused(data, github, infrautomater):
    said = infrautomater("release", "99", "--reason", "seen")
    assert said.code == 1 and "99" in said.err


def test_a_waiting_run_is_withdrawn_with_its_reason_and_only_once(records, infrautomater):
    run = records.open()
    said = infrautomater("withdraw", run, "--reason", "not now")
    assert (said.code, said.out) == (0, f"run {run} is withdrawn\n")

    [found] = json.loads(infrautomater("runs", "--json").out)
    assert found["run"]["state"]["outcome"]["type"] == "withdrawn"
    assert found["run"]["state"]["outcome"]["why"] == "not now"
    again = infrautomater("withdraw", run)
    assert again.code == 1 and f"run {run} cannot be withdrawn: it was withdrawn" in again.err


def test_a_running_run_is_not_withdrawn(records, infrautomater):
    records.begin(run := records.open())
    said = infrautomater("withdraw", run)
    assert said.code == 1 and f"run {run} cannot be withdrawn: it is on a worker" in said.err


def test_what_did_not_fail_is_not_retried(records, github, infrautomater):
    said = infrautomater("retry", run := records.open())
    assert said.code == 1 and f"run {run} cannot be retried: it waits for a worker" in said.err


def test_what_is_not_held_is_not_released(records, github, infrautomater):
    run = records.open()
    said = infrautomater("release", run, "--reason", "seen")
    assert said.code == 1 and f"run {run} cannot be released: it waits for a worker" in said.err
    records.end(run)
    assert "cannot be released: it was applied" in infrautomater("release", run, "--reason", "seen").err


@pytest.mark.parametrize("words", [("retry", "1"), ("release", "1", "--reason", "seen")])
def test_what_needs_the_default_branch_is_refused_without_a_repository(records, infrautomater, words):
    said = infrautomater(*words)
    wanted = "INFRAUTOMATER_REPOSITORY and INFRAUTOMATER_GITHUB_TOKEN (or"
    assert said.code == 1 and wanted in said.err


def test_an_unknown_setting_is_said_with_the_nearest_one(data, infrautomater, monkeypatch):
    monkeypatch.setenv("INFRAUTOMATER_REPOSITROY", "acme/infrastructure")
    said = infrautomater("status")
    assert (said.code, said.out) == (1, "")
    assert "INFRAUTOMATER_REPOSITROY is not a setting" in said.err
    assert "`INFRAUTOMATER_REPOSITORY`" in said.err


@pytest.mark.parametrize("words", [("up",), ("serve",), ("schedule",), ("reconcile",), ("work",)])
def test_verbs_that_need_a_repository_say_so(data, infrautomater, words):
    said = infrautomater(*words)
    assert said.code == 1 and "INFRAUTOMATER_REPOSITORY" in said.err


def test_a_ledger_that_cannot_be_opened_is_said(data, infrautomater):
    (data / "ledger.sqlite").mkdir(parents=True)
    said = infrautomater("status")
    assert said.code == 1 and said.err.startswith("infrautomater: ")
