"""Workers as real processes, with the real Terraform: told to stop, ailing, and with a broker that goes away."""

import contextlib
import os
import signal
import socket
import urllib.error
import urllib.request

import pytest
import redis

from controller.core.outcome import Applied, Interrupted
from controller.core.run import Ended
from controller.edge.spool import FileSpool
from controller.edge.terraform import find_engine
from controller.errors import TerraformAbsent
from controller.ports import Kept, RunQuery
from controller.worker.rounds import DRAINS
from tests.worker.plant import Plant, end, until

pytestmark = [pytest.mark.edge, pytest.mark.xdist_group("workers")]

INSTANCE, REHEARSAL = "module.this.terraform_data.instance", "module.this.terraform_data.rehearsal[0]"


@pytest.fixture
def plant(tmp_path):
    try:
        find_engine()
    except TerraformAbsent as absent:
        pytest.skip(str(absent))
    plant = Plant(tmp_path)
    yield plant
    plant.engine.dispose()


def is_at_work(plant):
    """Whether the newest run's apply waits in its provisioner: the instance is made, the replicas are not."""
    return plant.words()[-1] == "running:apply" and "rehearsal" in log(plant)


def log(plant):
    newest = len(plant.words())
    return "".join(text for _, text in plant.views.log(newest))


def test_a_worker_told_to_stop_finishes_its_run_takes_no_other_and_says_that_it_drains(plant):
    with plant.broker(), plant.process("work") as worker:
        run = plant.order(seconds=4)
        until(lambda: is_at_work(plant))
        worker.send_signal(signal.SIGTERM)
        until(lambda: plant.ailments() == {worker.pid: DRAINS})
        other = plant.order("users")
        assert worker.wait(60) == 0
    assert isinstance(plant.run(run).state, Ended)
    assert plant.run(run).state.outcome.type == "applied"
    assert plant.run(other).state.type == "waiting"


def test_up_goes_on_listening_and_says_that_it_drains_until_its_run_has_ended(plant):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    more = {"INFRAUTOMATER_PORT": port, "INFRAUTOMATER_SWEEP_EVERY": "1", "REDIS_URL": ""}
    run = plant.order(seconds=6, send=False)
    with plant.process("up", **more) as process:
        until(lambda: is_at_work(plant))
        process.send_signal(signal.SIGTERM)
        until(lambda: plant.ailments() == {process.pid: DRAINS})
        assert DRAINS in said_at(f"http://127.0.0.1:{port}/readyz")
        assert DRAINS in said_at(f"http://127.0.0.1:{port}/api/v1/workers")
        assert plant.words() == ["running:apply"]
        assert process.wait(60) == 0
    assert plant.run(run).state.outcome.type == "applied"


def said_at(url):
    """What is answered there, whatever its code."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.read().decode()


@pytest.mark.parametrize("verb", ["work", "up"])
def test_a_second_signal_interrupts_and_another_worker_goes_on_from_there(plant, verb):
    more = {"INFRAUTOMATER_SWEEP_EVERY": "1", **({"REDIS_URL": ""} if verb == "up" else {})}
    with plant.broker():
        run = plant.order(seconds=6, send=verb == "work")
        with plant.process(verb, **more) as first:
            until(lambda: is_at_work(plant))
            assert end(first, signals=2) == 0
        outcome = plant.run(run).state.outcome
        assert isinstance(outcome, Interrupted)
        assert (outcome.step, outcome.completed, outcome.unfinished) == ("apply", (INSTANCE,), (REHEARSAL,))
        made = plant.made()
        assert made
        with plant.process(verb, **more):
            until(lambda: plant.words() == ["interrupted", "applied"])
    assert plant.made() == made


def test_a_worker_keeps_its_run_while_the_broker_is_away_and_takes_others_when_it_is_back(plant):
    with contextlib.ExitStack() as stack:
        with plant.broker() as broker:
            worker = stack.enter_context(plant.process("work"))
            plant.order(seconds=5)
            until(lambda: is_at_work(plant))
            os.kill(broker.pid, signal.SIGKILL)
            until(lambda: not plant.answers())
        until(lambda: plant.words() == ["applied"])
        with plant.broker():
            plant.order("users")
            until(lambda: plant.words() == ["applied", "applied"])
            assert end(worker) == 0
    assert [event.after for event in plant.views.events(1)].count("running:apply") == 1


def test_a_flushed_broker_is_reminded_of_what_waits_and_what_a_dead_worker_kept_is_handed_in(plant):
    with plant.broker(), redis.Redis.from_url(plant.url) as client:
        kept = plant.order("users", send=False)
        lease = plant.ledger.claim(kept, "dead:1").lease
        plant.ledger.step(lease, "apply")
        FileSpool(plant.data / "spool").keep(Kept(lease, Ended(Applied({"endpoint": "kept.example"}, 1))))
        plant.order()
        client.flushall()
        with plant.process("work"):
            until(lambda: plant.words() == ["applied", "waiting"])
            plant.sweep(later=35)
            until(lambda: plant.words() == ["applied", "applied"])
    assert plant.run(kept).state.outcome.outputs == {"endpoint": "kept.example"}


def test_a_worker_without_room_takes_no_runs_and_another_does(plant):
    with plant.broker(), plant.process("work", INFRAUTOMATER_LEAST_DISK=str(10**18)) as ailing:
        until(lambda: "INFRAUTOMATER_LEAST_DISK" in plant.ailments().get(ailing.pid, ""))
        plant.order()
        with plant.process("work"):
            until(lambda: plant.words() == ["applied"])
    assert plant.views.runs(RunQuery())[0].worker.split(":")[1] != str(ailing.pid)
    assert "takes no runs" in (plant.folder / "work.log").read_text()
