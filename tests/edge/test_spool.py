"""The spool on a real disk: whole files or none, for their owner alone, one reader at a time."""

import os
import stat
from pathlib import Path

import pytest

from controller.core.hold import NeverReviewed, NoPull
from controller.core.outcome import Applied, Cause, Destroyed, Failed, Interrupted, Planned
from controller.core.plan import Plan
from controller.core.run import Ended, Held
from controller.core.verdict import Risk, Verdict
from controller.edge import spool as spooling
from controller.edge.spool import FileSpool
from controller.errors import SpoolError
from controller.ports import GivenBack, Kept, Lease

pytestmark = pytest.mark.edge

LEASE = Lease(7, "host:1", 3)
STATES = [
    Ended(Applied({"endpoint": "orders.example", "note": None, "nested": {"a": [1, 2.5, "ü\u2028"]}}, 3)),
    Ended(Destroyed(2)),
    Ended(Failed("apply", Cause.QUOTA, "no more", "much text", ("box.one",), ("box.two",), "ask")),
    Ended(Interrupted("apply", "told to end", ("box.one",), ("box.two",))),
    Ended(Planned(Plan((), "1.11.4"), Verdict(Risk.NONE, ()), ("careful",))),
    Held((NeverReviewed(), NoPull("c" * 40)), Plan((), "1.11.4")),
    GivenBack("the disk is full"),
]


@pytest.fixture
def spool(tmp_path):
    return FileSpool(tmp_path / "spool")


def kept(spool):
    with spool.kept() as found:
        return found


@pytest.mark.parametrize("state", STATES, ids=lambda state: type(getattr(state, "outcome", state)).__name__)
def test_what_is_kept_comes_back_as_it_was(spool, state):
    spool.keep(Kept(LEASE, state))
    assert kept(spool) == (Kept(LEASE, state),)
    spool.drop(LEASE)
    assert kept(spool) == ()


def test_nothing_is_kept_where_nothing_ever_was(spool, tmp_path):
    assert kept(spool) == ()
    spool.drop(LEASE)
    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_may_read_it(spool, tmp_path):
    before = os.umask(0)
    try:
        spool.keep(Kept(LEASE, STATES[0]))
    finally:
        os.umask(before)
    [file] = (tmp_path / "spool").glob("*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_each_lease_has_a_file_of_its_own_and_is_kept_once(spool):
    for fence in (3, 4, 3):
        spool.keep(Kept(Lease(7, "host:1", fence), STATES[1]))
    assert [each.lease.fence for each in kept(spool)] == [3, 4]


def test_a_disk_that_is_full_leaves_no_half_of_a_file(spool, tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spooling.os, "fsync", full)
    with pytest.raises(SpoolError, match=r"run 7 cannot be kept in .*: No space left"):
        spool.keep(Kept(LEASE, STATES[0]))
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_process_that_dies_before_the_name_leaves_nothing_to_be_read(spool, tmp_path, monkeypatch):
    def dies(_draft, _path):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        spool.keep(Kept(LEASE, STATES[0]))
    assert kept(spool) == ()


def test_while_one_process_looks_another_sees_nothing(spool, tmp_path):
    spool.keep(Kept(LEASE, STATES[0]))
    with spool.kept() as mine:
        assert len(mine) == 1
        assert kept(FileSpool(tmp_path / "spool")) == ()
    assert len(kept(FileSpool(tmp_path / "spool"))) == 1


@pytest.mark.parametrize("content", [b"", b"{", b'{"lease": 1}', b"\xff\xfe"])
def test_what_cannot_be_read_is_laid_aside_and_hides_nothing(spool, tmp_path, content):
    spool.keep(Kept(LEASE, STATES[0]))
    (tmp_path / "spool" / "1-1.json").write_bytes(content)
    assert [each.lease for each in kept(spool)] == [LEASE]
    assert (tmp_path / "spool" / "1-1.unreadable").read_bytes() == content
