"""What must be hard to guess, and what must stay the same."""

import re
import string
import threading
from pathlib import Path

import yaml

from controller.edge.keys import generate, plan_key

ROOT = Path(__file__).parents[2]


def test_passwords_have_their_length_and_no_sign_that_means_anything():
    for length in (12, 24, 128):
        password = generate(length)
        assert len(password) == length
        assert set(password) <= set(string.ascii_letters + string.digits)


def test_a_database_s_password_is_one_that_every_engine_of_rds_takes():
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.Constraints; 41 is MySQL's end."""
    kind = yaml.safe_load((ROOT / "terraform/modules/database/kind.yaml").read_text())
    for _ in range(100):
        assert re.fullmatch(r"[!#-.0-?A-~]{8,41}", generate(kind["secrets"]["password"]["length"]))


def test_no_two_passwords_are_alike():
    assert len({generate(24) for _ in range(1000)}) == 1000


def test_a_configured_key_is_taken_as_it_is_and_nothing_is_written(tmp_path):
    assert plan_key("configured", tmp_path) == b"configured"
    assert list(tmp_path.iterdir()) == []


def test_a_made_key_stays_the_same(tmp_path):
    first = plan_key("", tmp_path / "data")

    assert len(first) == 64
    assert plan_key("", tmp_path / "data") == first
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / "plan.key").stat().st_mode & 0o777 == 0o600


def test_processes_that_make_it_at_the_same_time_have_one_key(tmp_path):
    keys, gate = [], threading.Barrier(8)

    def make():
        gate.wait()
        keys.append(plan_key("", tmp_path))

    crowd = [threading.Thread(target=make) for _ in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert len(set(keys)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["plan.key"]
