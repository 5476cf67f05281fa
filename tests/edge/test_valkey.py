"""The embedded broker: up in a moment, for this user alone, and gone with whoever started it."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import redis

from controller.edge import valkey
from controller.edge.valkey import embedded_valkey
from controller.errors import QueueError

pytestmark = pytest.mark.edge

OWNER = """
import pathlib, sys, time
from controller.edge.valkey import embedded_valkey

with embedded_valkey(pathlib.Path(sys.argv[1])) as url:
    print(url, flush=True)
    time.sleep(60)
"""
"""A process to be killed."""


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def answers(url):
    try:
        with redis.Redis.from_url(url) as client:
            return client.ping()
    except redis.RedisError:
        return False


def test_it_is_up_for_the_length_of_a_block(tmp_path):
    with embedded_valkey(tmp_path) as url:
        assert answers(url)
    assert not answers(url)


def test_only_this_user_can_open_its_socket(tmp_path):
    with embedded_valkey(tmp_path) as url:
        sock = Path(url.removeprefix("unix://"))
        assert stat.S_IMODE(sock.stat().st_mode) == 0o700
        assert stat.S_IMODE(sock.parent.stat().st_mode) == 0o700


def test_what_it_was_told_outlives_it(tmp_path):
    with embedded_valkey(tmp_path) as url, redis.Redis.from_url(url) as client:
        client.set("kept", "yes")
    with embedded_valkey(tmp_path) as url, redis.Redis.from_url(url) as client:
        assert client.get("kept") == b"yes"


def pid_of(url):
    with redis.Redis.from_url(url) as client:
        return client.info("server")["process_id"]


def test_one_that_is_killed_is_started_again_where_it_was_with_what_it_had(tmp_path, monkeypatch):
    monkeypatch.setattr(valkey, "PAUSE", 0.05)
    with embedded_valkey(tmp_path) as url, redis.Redis.from_url(url) as client:
        client.set("kept", "yes")
        time.sleep(1.1)  # it writes its file each second
        for _ in range(2):
            former = pid_of(url)
            os.kill(former, signal.SIGKILL)
            until(lambda former=former: answers(url) and pid_of(url) != former)
            assert client.get("kept") == b"yes"
        last = pid_of(url)
    assert not answers(url) and not is_alive(last)


def test_one_that_is_killed_is_not_started_again_once_its_block_has_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(valkey, "PAUSE", 60.0)
    others = set(threading.enumerate())
    with embedded_valkey(tmp_path) as url:
        os.kill(pid_of(url), signal.SIGKILL)
        until(lambda: not answers(url))
        begun = time.monotonic()
    assert time.monotonic() - begun < 10
    assert not answers(url)
    assert "valkey" not in {thread.name for thread in set(threading.enumerate()) - others}


def test_one_that_cannot_be_started_again_is_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr(valkey, "PAUSE", 0.05)
    real, refused = valkey.Guarded, []

    def scarce(*order):
        if len(refused) < 2:
            refused.append(order)
            raise OSError("Resource temporarily unavailable")
        return real(*order)

    with embedded_valkey(tmp_path) as url:
        former = pid_of(url)
        monkeypatch.setattr(valkey, "Guarded", scarce)
        os.kill(former, signal.SIGKILL)
        until(lambda: len(refused) == 2 and answers(url) and pid_of(url) != former)


def test_a_long_data_folder_does_not_make_the_socket_s_path_too_long(tmp_path):
    with embedded_valkey(tmp_path / ("x" * 120)) as url:
        assert answers(url)


def test_it_ends_with_its_parent_however_that_ends(tmp_path):
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(valkey.__file__).parents[2],
    )
    with owner:
        url = owner.stdout.readline().decode().strip()
        assert answers(url)
        with redis.Redis.from_url(url) as client:
            pid = client.info("server")["process_id"]
        os.kill(owner.pid, signal.SIGKILL)
        owner.wait()
    until(lambda: not answers(url))
    until(lambda: not is_alive(pid))


def is_alive(pid):
    """A zombie that nobody reaps is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_one_that_does_not_answer_is_said_to(tmp_path, monkeypatch):
    monkeypatch.setattr(valkey, "PATIENCE", 0.2)
    monkeypatch.setattr(valkey, "_argv", lambda *_: ("sleep", "60"))
    with pytest.raises(QueueError, match="did not answer"), embedded_valkey(tmp_path):
        pass


def test_a_second_one_on_the_same_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(valkey, "HANDOVER", 0.2)
    with embedded_valkey(tmp_path) as url:
        with pytest.raises(QueueError, match="another embedded Valkey works in"), embedded_valkey(tmp_path):
            pass
        assert answers(url)
    with embedded_valkey(tmp_path) as url:
        assert answers(url)


def test_one_whose_owner_was_killed_is_waited_for(tmp_path):
    """Its server still holds the folder for a moment."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(valkey.__file__).parents[2],
    )
    with owner:
        former = owner.stdout.readline().decode().strip()
        owner.kill()
        owner.wait()
        with embedded_valkey(tmp_path) as url:
            assert answers(url)
            assert not answers(former)
