"""Machines that share a broker, a PostgreSQL and a state backend in it, and nothing else: one of them is lost for good.

A machine is a worker with a data directory of its own. Losing it ends all of its processes at once, guards too.
"""

import os
import shutil
import signal
from contextlib import suppress
from itertools import chain

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.e2e.conftest import eventually
from tests.edge.ledger.postgres import embedded
from tests.faults.catalogue import ARRIVING, FREE, LEAVING
from tests.faults.fleet import Fleet, instances_in, running_fleet
from tests.faults.parts import Crew
from tests.faults.processes import is_alive, processes_in
from tests.faults.scenes import reach
from tests.faults.verdict import judge
from tests.stories.conftest import ENVIRONMENTS, NOBODY, environment

pytestmark = [pytest.mark.xdist_group("machines"), pytest.mark.timeout(600)]


class Machines(Crew):
    """Each worker has a home of its own."""

    def home(self, pid):
        return self._stack.data / f"machine-{self._pids.index(pid)}"

    def settings(self, number):
        return {"INFRAUTOMATER_DATA": str(self._stack.data / f"machine-{number}")}


class OnMachines(Fleet):
    """A fleet of machines; `states` is the database that has Terraform's states."""

    workers = Machines

    def _instances(self, request):
        with self.states.connect() as conn:
            known = conn.execute(text("SELECT to_regclass(:table)"), {"table": f'"{request}".states'})
            found = known.scalar() and conn.execute(text(f'SELECT data FROM "{request}".states')).scalar()
        return instances_in(found or "")

    def at_work(self):
        return dict(chain.from_iterable(map(processes_in, self.stack.data.glob("machine-*/workspaces"))))

    def lose(self, pid):
        """A machine, with everything on it."""
        home = self.crew.home(pid)
        for each in (*sorted(dict(processes_in(home))), pid):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        assert eventually(lambda: not dict(processes_in(home)) and not is_alive(pid))
        shutil.rmtree(home)


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    with embedded() as url:
        admin = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        with admin.connect() as conn:
            conn.execute(text("CREATE DATABASE states"))
        states = make_url(url).set(drivername="postgres", database="states")
        extra = {
            "DATABASE_URL": url,
            "PG_CONN_STR": states.update_query_dict({"sslmode": "disable"}).render_as_string(hide_password=False),
            "INFRAUTOMATER_PLAN_KEY": "a key that all machines have",
        }  # fmt: skip
        with running_fleet(tmp_path_factory.mktemp("machines"), extra, OnMachines) as fleet:
            fleet.states = create_engine(states.set(drivername="postgresql+psycopg"))
            rules = {
                "kinds": [ARRIVING, LEAVING],
                "state": {"type": "pg"},
                "credentials": {"pass_env": ["PG_CONN_STR"]},
            }
            fleet.push({ENVIRONMENTS / f"{FREE}.yaml": environment("allow", NOBODY, **rules)})
            fleet.crew.be(0)
            yield fleet
            fleet.states.dispose()


def test_a_machine_that_is_lost_in_mid_apply_has_its_run_taken_up_by_another(machines):
    machines.crew.be(2)
    scene = reach(machines, "middle", "apply")

    machines.lose(machines.worker_of(scene.caught))
    machines.gates.open(scene.caught)

    judge(machines, scene)


def test_what_a_machine_made_another_destroys_once_the_first_is_lost(machines):
    machines.crew.be(1)
    scene = reach(machines, "begun", "destroy")

    machines.lose(machines.worker_of(scene.caught))
    machines.gates.open(scene.caught)
    machines.crew.start()

    judge(machines, scene)


def test_machines_keep_no_state_of_their_own(machines):
    assert not list(machines.stack.data.glob("machine-*/states/*.tfstate"))
