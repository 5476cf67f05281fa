"""Databases, from the request to the cloud and back, by the path that workers take; and where their password is."""

import json

import pytest

from controller.core.call import Actor
from controller.core.outcome import Destroyed
from controller.core.verdict import Risk

pytestmark = [pytest.mark.edge, pytest.mark.aws, pytest.mark.timeout(1800)]

PATH = "requests/payments/orders.yaml"
MAIN = "terraform/modules/database/main.tf"
STATE = "states/keep.database.orders.tfstate"


def ask(**parameters):
    lines = [f"  {name}: {json.dumps(value)}\n" for name, value in parameters.items()]
    return "kind: database\nname: orders\nenvironment: keep\nparameters:\n  storage: 20\n" + "".join(lines)


@pytest.fixture
def rds(client):
    return client("rds")


def database(rds):
    (found,) = rds.describe_db_instances()["DBInstances"]
    return found


def snapshots(rds):
    return [snapshot["DBSnapshotIdentifier"] for snapshot in rds.describe_db_snapshots()["DBSnapshots"]]


def life(cloud):
    """The id that this database's last snapshot will end in, as Terraform's state has it."""
    resources = json.loads((cloud.data / STATE).read_text())["resources"]
    (made,) = [resource for resource in resources if resource["type"] == "terraform_data"]
    return made["instances"][0]["attributes"]["id"]


@pytest.fixture
def assert_nowhere_else(cloud, arguments, capfd):
    """A password is looked for everywhere; so is what must be found, so that a search which sees nothing fails."""

    def search(password):
        assert {"ledger.sqlite", "keep.database.orders.tfstate", "comment", "log"} <= cloud.holders("orders")
        assert "broker" in cloud.holders("execute")
        assert any(b"apply" in line for line in arguments)
        assert cloud.holders(password) == set()
        assert not [line for line in arguments if password.encode() in line]
        assert password not in "".join(capfd.readouterr())

    return search


def test_a_database_is_made_changed_rotated_and_destroyed_and_its_password_is_nowhere_else(
    cloud, wire, rds, password, assert_nowhere_else
):
    number = cloud.bring({PATH: ask(multi_az=True, max_storage=100)})
    outputs = cloud.applied("orders").outputs
    assert (outputs["port"], outputs["db_name"], outputs["username"]) == (5432, "app", "dbadmin")
    assert outputs["endpoint"] and outputs["secret_arn"] in cloud.result(number)
    assert wire.passwords() == [password()]
    assert_nowhere_else(password())
    made = database(rds)
    assert made["MultiAZ"] and made["StorageEncrypted"] and not made["PubliclyAccessible"]
    assert (made["StorageType"], made["AllocatedStorage"], made["MaxAllocatedStorage"]) == ("gp3", 20, 100)

    cloud.bring({PATH: ask(multi_az=True, max_storage=100, size="medium", backup_days=14)})
    assert cloud.applied("orders")
    assert database(rds)["DBInstanceClass"] == "db.t3.small"
    assert database(rds)["BackupRetentionPeriod"] == 14

    cloud.touch(MAIN)
    assert cloud.applied("orders").changed == 0

    first = password()
    number = cloud.bring(
        {PATH: ask(multi_az=True, max_storage=100, size="medium", backup_days=14, password_version=2)}
    )
    plan = cloud.runs()[-2].state.outcome
    assert plan.verdict.risk is Risk.LOW and not plan.plan.ends_something
    assert cloud.applied("orders")
    assert password() != first
    assert wire.passwords() == [first, password()]
    assert_nowhere_else(password())
    assert cloud.holders(first) == set()

    ends_in = life(cloud)
    cloud.bring({PATH: None})
    assert isinstance(cloud.outcome("orders"), Destroyed)
    assert rds.describe_db_instances()["DBInstances"] == []
    assert snapshots(rds) == [f"keep-orders-final-{ends_in}"]


def test_killed_between_the_secret_and_the_database_the_next_attempt_leaves_both_with_one_password(
    cloud, wire, rds, password, doomed, assert_nowhere_else
):
    wire.hold = "CreateDBInstance"
    cloud.merge(cloud.open({PATH: ask()}))
    cloud.work(until=Actor.EXECUTE)
    worker = doomed(cloud.last("orders").id)
    worker.until(wire.held)
    stored = password()
    assert cloud.holders(stored) == set()
    worker.kill()
    wire.hold = ""
    assert rds.describe_db_instances()["DBInstances"] == []

    cloud.sweep(later=41)
    cloud.work()

    assert cloud.words() == ["apply:interrupted", "apply:applied"]
    assert password() == stored
    assert wire.passwords() == [stored]
    assert_nowhere_else(stored)

    cloud.bring({PATH: None})
    cloud.bring({PATH: ask()})
    assert cloud.applied("orders")
    assert password() != stored
    cloud.bring({PATH: None})
    assert isinstance(cloud.outcome("orders"), Destroyed)
    assert len(set(snapshots(rds))) == 2
