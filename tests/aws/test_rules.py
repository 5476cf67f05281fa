"""What the modules refuse before anything is made: their variables, planned alone, without a provider."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from controller.edge.terraform import find_engine
from controller.errors import TerraformAbsent

pytestmark = pytest.mark.edge

MODULES = Path(__file__).parents[2] / "terraform/modules"
GIVEN = {
    "database": {
        "name": "dev-orders",
        "engine": "postgres",
        "instance_class": "db.t3.micro",
        "allocated_storage": 20,
        "password": "p" * 24,
        "request_id": "dev.database.orders",
        "team_id": "payments",
    },
    "s3": {"name": "dev-receipts", "request_id": "dev.s3.receipts", "team_id": "payments"},
}


@pytest.fixture
def planned(tmp_path):
    """Plans a module's variables and rules with some values; what Terraform said against them."""
    try:
        engine = find_engine()
    except TerraformAbsent as absent:
        pytest.skip(str(absent))

    def plan(module, **values):
        for name in ("variables.tf", "rules.tf"):
            if (MODULES / module / name).exists():
                shutil.copy(MODULES / module / name, tmp_path)
        (tmp_path / "terraform.tfvars.json").write_text(json.dumps(GIVEN[module] | values))
        argv = (*engine.argv, "plan", "-input=false", "-no-color")
        env = {"TF_CLI_CONFIG_FILE": "/dev/null", "CHECKPOINT_DISABLE": "1"}
        ran = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert (ran.returncode == 0) is (ran.stderr == ""), ran.stderr
        return " ".join(ran.stderr.replace("│", "").split())

    return plan


@pytest.mark.parametrize(
    ("module", "values"),
    [
        ("database", {}),
        ("database", {"max_allocated_storage": 22}),
        ("database", {"db_name": "orders", "username": "postgres"}),
        ("database", {"engine": "mysql", "username": "admin"}),
        ("database", {"maintenance_window": "sun:23:45-mon:00:15"}),
        ("s3", {}),
        ("s3", {"public": True}),
    ],
)
def test_what_aws_takes_is_taken(planned, module, values):
    assert planned(module, **values) == ""


@pytest.mark.parametrize(
    ("module", "values", "said"),
    [
        ("database", {"max_allocated_storage": 19}, "max_storage is at least a tenth above storage (22 GiB or more here)"),
        ("database", {"max_allocated_storage": 21}, "max_storage is at least a tenth above storage"),
        ("database", {"db_name": "order"}, "The engine keeps this word for itself: choose another db_name."),
        ("database", {"db_name": "template1"}, "choose another db_name."),
        ("database", {"engine": "mysql", "db_name": "sys"}, "choose another db_name."),
        ("database", {"engine": "mariadb", "db_name": "key"}, "choose another db_name."),
        ("database", {"username": "admin"}, "choose another username."),
        ("database", {"username": "user"}, "choose another username."),
        ("database", {"engine": "mysql", "username": "rdsadmin"}, "choose another username."),
        ("database", {"username": "pg_owner"}, "choose another username."),
        ("database", {"maintenance_window": "sun:03:00-sun:03:20"}, "half an hour at least"),
        ("database", {"maintenance_window": "sun:03:00-tue:03:00"}, "half an hour at least, and less than a day"),
        ("database", {"maintenance_window": "sun:03:00"}, "A maintenance window reads like sun:03:00-sun:04:00"),
        ("database", {"password": "p" * 42}, "The password has 16 to 41 printable characters"),
        ("s3", {"public": True, "encryption": "aws:kms"}, "A public bucket is encrypted with AES256"),
    ],
)  # fmt: skip
def test_what_aws_would_refuse_later_is_refused_by_the_plan(planned, module, values, said):
    assert said in planned(module, **values)
