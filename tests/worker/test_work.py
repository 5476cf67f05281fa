"""A worker that cannot begin says why, at once."""

import threading

import pytest

from controller.bootstrap import make_data
from controller.errors import QueueError, SettingsError
from controller.settings import Settings
from controller.worker import work

pytestmark = pytest.mark.edge


def settings(folder, **more):
    return Settings(data=folder, repository="acme/infrastructure", github_token="made-up", **more)


def test_without_a_broker_s_address_no_worker_begins(tmp_path):
    with pytest.raises(SettingsError, match="REDIS_URL must be set"):
        work(settings(tmp_path, redis_url=""), (), threading.Event())


def test_an_address_that_is_none_is_a_mistake_in_a_setting(tmp_path):
    with pytest.raises(SettingsError, match=r"REDIS_URL is no address of a broker: .*schemes"):
        work(settings(tmp_path, redis_url="http://127.0.0.1:9"), (), threading.Event())


def test_a_broker_that_does_not_answer_ends_the_start_and_nothing_was_begun(tmp_path):
    before = set(threading.enumerate())
    with pytest.raises(QueueError, match="the broker does not answer"):
        work(settings(tmp_path / "data", redis_url=f"unix://{tmp_path}/nobody.sock"), (), threading.Event())
    assert set(threading.enumerate()) == before
    assert not (tmp_path / "data").exists()


def test_a_data_directory_that_cannot_be_is_a_mistake_in_a_setting(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(
        SettingsError, match=r"INFRAUTOMATER_DATA: .*/file/data cannot be made \(Not a directory\)"
    ):
        make_data(settings(tmp_path / "file" / "data"))
