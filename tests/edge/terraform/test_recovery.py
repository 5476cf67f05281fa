"""Nothing that Terraform made is lost with a backend that goes away: on a real S3, behind a road that can be closed."""

import fcntl
import importlib
import json
import os
import signal
import threading

import pytest

from controller.core.lock import read_lock
from controller.core.outcome import Cause, classify, failure, leaves_state
from controller.core.stream import read_stream
from controller.edge.guarded import Rule
from controller.edge.terraform import TerraformCli, find_engine, recovery
from controller.edge.terraform.rescued import name_lineage
from controller.errors import TerraformAbsent, TerraformFailed
from tests.edge.terraform.road import Road
from tests.edge.terraform.test_backends import moto

pytestmark = pytest.mark.edge

KEY = "dev.sandbox.one.tfstate"
MAIN = f"""
terraform {{
  backend "s3" {{
    bucket         = "states"
    key            = "{KEY}"
    region         = "us-east-1"
    use_lockfile   = true
    use_path_style = true
    max_retries    = 2
  }}
}}
variable "gate" {{}}
resource "terraform_data" "it" {{
  provisioner "local-exec" {{ command = "touch ${{var.gate}}.begun; while [ ! -e ${{var.gate}} ]; do sleep 0.05; done" }}
}}
"""
ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "no_proxy": "127.0.0.1",
    "NO_PROXY": "127.0.0.1",
}


@pytest.fixture(scope="module")
def server():
    with moto() as url:
        yield url


class Bucket:
    """Where the states are, looked at past Terraform."""

    def __init__(self, url):
        self.objects = importlib.import_module("boto3").client(
            "s3",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )
        self.objects.create_bucket(Bucket="states")
        for key in self.keys():
            self.objects.delete_object(Bucket="states", Key=key)

    def keys(self):
        return [entry["Key"] for entry in self.objects.list_objects_v2(Bucket="states").get("Contents", ())]

    def is_locked(self):
        return f"{KEY}.tflock" in self.keys()

    def state(self):
        return json.load(self.objects.get_object(Bucket="states", Key=KEY)["Body"])

    def ids(self):
        """The ids of what the state holds."""
        return [one["instances"][0]["attributes"]["id"] for one in self.state()["resources"]]


@pytest.fixture
def bucket(server):
    bucket = Bucket(server)
    yield bucket
    bucket.objects.close()


@pytest.fixture
def road(server, bucket):
    with Road(server) as road:
        yield road


@pytest.fixture
def session(road, data, heart, log, job, tmp_path):
    """Open a session whose backend is at the road's end; another machine has another data directory."""
    try:
        engine = find_engine()
    except TerraformAbsent as absent:
        pytest.skip(str(absent))

    def open_(run=7, machine=data):
        cli = TerraformCli(machine, engine, rule=Rule(silence=5, grace=20), lock_timeout=0)
        values = json.dumps({"gate": str(tmp_path / "gate")}).encode()
        env = {**ACCOUNT, "AWS_ENDPOINT_URL": road.url}
        return cli.session(
            job(MAIN, run, backend="s3", env=env, files={"terraform.tfvars.json": values}), heart, log.append
        )

    return open_


def planned(session):
    session.init()
    return replanned(session)


def replanned(session):
    plan, _ = session.plan(destroy=False, lock=True)
    return [change["change"]["actions"] for change in plan["resource_changes"]]


def told(failed):
    """What the story makes of it."""
    return failure(failed.step, read_stream(failed.output), failed.errors)


@pytest.fixture
def broken(session, road, tmp_path, until, monkeypatch):
    """Apply with a backend that goes away before the state is written; the error."""

    def break_(pauses=(0.0, 0.2)):
        monkeypatch.setattr(recovery, "PAUSES", pauses)
        gate = tmp_path / "gate"

        def cut():
            until(gate.with_name("gate.begun").exists)
            road.close()
            gate.touch()

        with session() as first:
            assert planned(first) == [["create"]]
            cutting = threading.Thread(target=cut)
            cutting.start()
            with pytest.raises(TerraformFailed) as failed:
                first.apply()
            cutting.join()
        return told(failed.value)

    return break_


@pytest.fixture
def rescued(data):
    return lambda: list((data / "rescued").glob("*"))


def test_a_backend_that_comes_back_gets_the_state_from_the_same_run_and_its_lock_is_released(
    broken, road, bucket, session, rescued, until
):
    opening = threading.Thread(target=lambda: until(rescued) and road.open())
    opening.start()
    failed = broken(pauses=(0.0, *[0.3] * 10))
    opening.join()
    assert failed.step == "apply" and failed.completed == ("terraform_data.it",)
    assert failed.cause is Cause.NETWORK and "was pushed there afterwards" in failed.detail
    assert rescued() == [] and not bucket.is_locked()
    assert bucket.state()["lineage"] and len(bucket.ids()) == 1
    with session(run=8) as second:
        assert planned(second) == [["no-op"]]


def test_a_backend_that_stays_away_gets_the_state_from_the_next_run_before_it_plans(
    broken, road, bucket, session, rescued, log
):
    failed = broken()
    (kept,) = rescued()
    assert failed.cause is Cause.STATE_KEPT
    assert kept.name == "dev.sandbox.one.7.errored.tfstate" and kept.stat().st_mode & 0o777 == 0o600
    assert str(kept) in failed.detail and str(kept) in "".join(log)
    assert bucket.keys() == [f"{KEY}.tflock"]
    with session(run=8) as second:
        with pytest.raises(TerraformFailed) as away:
            second.init()
        assert told(away.value).cause is Cause.STATE_KEPT and str(kept) in away.value.errors
        road.open()
        second.init()
        with pytest.raises(TerraformFailed) as locked:
            replanned(second)
        lock = told(locked.value).lock
        assert told(locked.value).cause is Cause.STATE_KEPT
        assert (locked.value.step, lock.operation) == ("push", "OperationTypeApply")
        second.unlock(lock.id)
        assert replanned(second) == [["no-op"]]
    assert rescued() == [] and not bucket.is_locked() and len(bucket.ids()) == 1


def test_a_plan_without_the_lock_leaves_the_state_alone_and_says_what_it_cannot_know(
    broken, road, bucket, session, rescued, log
):
    broken()
    road.open()
    with session(run=8) as pull:
        pull.init()
        pull.plan(destroy=False, lock=False)
    assert len(rescued()) == 1 and KEY not in set(bucket.keys())
    assert "waits to be pushed" in "".join(log)


def test_a_state_that_the_backend_does_not_continue_is_kept_and_never_forced(
    broken, road, bucket, session, rescued, tmp_path
):
    """A first apply's state has no lineage, and Terraform itself would push it over everything."""
    broken()
    road.open()
    with session(run=8, machine=tmp_path / "other") as other:
        other.init()
        with pytest.raises(TerraformFailed) as locked:
            replanned(other)
        other.unlock(told(locked.value).lock.id)
        assert replanned(other) == [["create"]]
        other.apply()
    theirs = bucket.state()
    for run in (9, 10):
        with session(run=run) as next_, pytest.raises(TerraformFailed) as refused:
            planned(next_)
        failed = told(refused.value)
        assert (failed.step, failed.cause) == ("push", Cause.STATE_REFUSED)
        assert str(rescued()[0]) in failed.detail and "terraform state pull" in failed.detail
    assert bucket.state() == theirs and len(rescued()) == 1 and not bucket.is_locked()


def test_a_state_that_was_pushed_before_its_worker_died_is_known_to_be_there_and_goes(
    broken, road, bucket, session, rescued
):
    broken()
    (kept,) = rescued()
    road.open()
    with session(run=8) as second:
        second.init()
        with pytest.raises(TerraformFailed) as locked:
            replanned(second)
        second.unlock(told(locked.value).lock.id)
        name_lineage(kept)
        text = kept.read_text()
        assert replanned(second) == [["no-op"]]
        kept.write_text(text)
        assert replanned(second) == [["no-op"]]
    assert rescued() == [] and len(bucket.ids()) == 1


def test_a_lost_pulse_ends_the_tries_and_the_state_is_kept(broken, heart, rescued, until):
    losing = threading.Thread(target=lambda: until(rescued) and heart.lost.set())
    losing.start()
    failed = broken(pauses=(0.0, 600.0))
    losing.join()
    assert "is safe in" in failed.detail and len(rescued()) == 1
    assert failed.cause is Cause.STATE_KEPT


@pytest.mark.parametrize(
    ("words", "cause"), [(recovery.KEPT, Cause.STATE_KEPT), (recovery.REFUSED, Cause.STATE_REFUSED)]
)
def test_what_we_say_of_a_state_is_known_again_as_that(words, cause):
    assert classify(f"dial tcp: no such host\nLock Info:\n{words}") is cause
    assert leaves_state(words) and not leaves_state(recovery.PUSHED)


PUSHED = """case "$1 $2" in
  "state push") sleep 1; echo push >> "$0.done";;
  plan*) echo plan >> "$0.done";;
  show*) echo "{}";;
esac"""


@pytest.fixture
def done(tmp_path):
    """What the fake Terraform was asked for."""
    return lambda: (tmp_path / "fake-terraform.done").read_text().split()


def test_a_push_that_waits_for_a_lock_has_that_time_on_top(fake, heart, job, data, done):
    """Or else it ends at its deadline, and nobody reads of the lock that is to be released."""
    (data / "rescued").mkdir(parents=True)
    (data / "rescued/dev.sandbox.one.6.errored.tfstate").write_text("{}")
    cli = fake(PUSHED, deadlines={"push": 0.4}, lock_timeout=20)
    with cli.session(job(backend="s3"), heart, print) as session:
        session.plan(destroy=False, lock=True)
    assert done() == ["push", "plan"] and not list((data / "rescued").iterdir())


def left_behind(data):
    """The folder of a run that was taken over, whose Terraform left its state."""
    folder = data / "workspaces/6-dev.sandbox.one-abcdefgh"
    (folder / "root").mkdir(parents=True)
    (folder / "lock").touch()
    (folder / "root/errored.tfstate").write_text("{}")
    return folder


def test_a_state_that_is_left_while_the_next_run_is_open_is_pushed_before_that_plans(
    fake, heart, job, data, done
):
    with fake(PUSHED).session(job(backend="s3"), heart, print) as session:
        left = left_behind(data)
        session.plan(destroy=False, lock=True)
    assert done() == ["push", "plan"] and not left.exists()


def test_a_state_that_comes_while_a_plan_waits_for_its_lock_is_pushed_and_planned_with(
    fake, heart, job, data, done
):
    """The Terraform that left it still lives for a moment after it has released its lock."""
    with fake(PUSHED).session(job(backend="s3"), heart, print) as session:
        left = left_behind(data)
        with (left / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            ending = threading.Timer(1, fcntl.flock, (lock, fcntl.LOCK_UN))
            ending.start()
            session.plan(destroy=False, lock=True)
            ending.join()
    assert done() == ["plan", "push", "plan"] and not left.exists()
    assert not list((data / "rescued").iterdir())


def test_a_plan_that_meets_the_lock_of_who_left_a_state_says_where_that_is(fake, heart, job, data):
    """Or else it would be tried again on another machine, which does not have it."""
    rescued = data / "rescued/dev.sandbox.one.6.errored.tfstate"
    script = f'case "$1" in plan) touch "{rescued}"; echo "Error: no such host" >&2; exit 1;; esac'
    with (
        fake(script).session(job(backend="s3"), heart, print) as session,
        pytest.raises(TerraformFailed) as failed,
    ):
        session.plan(destroy=False, lock=True)
    assert told(failed.value).cause is Cause.STATE_KEPT and str(rescued) in failed.value.errors


def test_a_lock_that_a_killed_terraform_left_is_released_by_its_id_and_by_no_other(
    session, bucket, lives, tmp_path, until
):
    begun = tmp_path / "gate.begun"

    def kill():
        until(begun.exists)
        for word in ("guard.py", "apply", "begun"):
            for pid in [line.split(":")[0] for line in lives() if word in line]:
                os.kill(int(pid), signal.SIGKILL)

    with session() as first:
        planned(first)
        killing = threading.Thread(target=kill)
        killing.start()
        with pytest.raises(TerraformFailed):
            first.apply()
        killing.join()
    assert bucket.is_locked()
    with session(run=8) as second:
        second.init()
        with pytest.raises(TerraformFailed) as locked:
            replanned(second)
        failed = told(locked.value)
        assert (failed.step, failed.cause) == ("plan", Cause.LOCK_HELD)
        assert failed.lock.created and failed.lock.host and failed.lock.path == f"states/{KEY}"
        with pytest.raises(TerraformFailed) as refused:
            second.unlock("another")
        assert refused.value.step == "unlock" and read_lock(refused.value.errors) == failed.lock
        assert bucket.is_locked()
        second.unlock(failed.lock.id)
        assert replanned(second) == [["create"]]
