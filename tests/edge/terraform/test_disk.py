"""A disk that is full: told by its name, and nothing that lives on is left half-written by it."""

import contextlib
import errno
import json
import os
import subprocess

import pytest

from controller.core.outcome import Cause, failure
from controller.core.stream import read_stream
from controller.edge.terraform import disk
from controller.edge.terraform.disk import disk_of, replace_file
from controller.edge.terraform.rescued import holds_same, is_cut, mend
from controller.errors import TerraformFailed

pytestmark = pytest.mark.edge

GROWING = """
terraform {
  backend "local" {}
}
variable "text" {}
variable "command" { default = "true" }
resource "terraform_data" "it" {
  input            = var.text
  triggers_replace = var.text
  provisioner "local-exec" { command = var.command }
}
"""


@pytest.fixture
def small(data):
    """Make a folder of the data directory a disk of its own, with room for so many bytes."""
    with contextlib.ExitStack() as stack:

        def make(name, size):
            folder = data / name
            folder.mkdir(parents=True, mode=0o700)
            mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)]
            if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
                pytest.skip("only root may mount a small disk, and not everywhere")
            stack.callback(subprocess.run, ["umount", "-l", str(folder)], check=True)
            return folder

        yield make


def fill(file):
    """Take all room that is left on a disk."""
    with contextlib.suppress(OSError), file.open("wb") as filler:
        while True:
            filler.write(bytes(4096))
            filler.flush()


def told(failed):
    return failure(failed.step, read_stream(failed.output), failed.errors)


@pytest.mark.parametrize("folder", ["workspaces", "."])
def test_a_run_for_which_there_is_no_room_is_told_so(folder, small, data, job, opened):
    fill(small(folder, "64k") / "filler")
    with pytest.raises(TerraformFailed) as failed, opened(job(files={"big": bytes(10_000)})):
        pytest.fail("it was opened")
    outcome = told(failed.value)
    assert (outcome.step, outcome.cause) == ("init", Cause.DISK_FULL)
    assert str(data) in outcome.summary and "No space left on device" in outcome.summary


def test_a_step_for_which_there_is_no_room_is_told_so_and_begins_nothing(small, job, opened):
    workspaces = small("workspaces", "256k")
    with opened(job()) as session:
        session.init()
        session.plan(destroy=False, lock=True)
        fill(workspaces / "filler")
        with pytest.raises(TerraformFailed) as failed:
            session.plan(destroy=False, lock=True)
        assert told(failed.value).cause is Cause.DISK_FULL


def test_a_local_state_that_a_full_disk_cut_off_is_whole_again_with_the_next_run(small, of, opened, data):
    states = small("states", "64k")
    state, filler = states / "dev.sandbox.one.tfstate", states / "filler"
    with opened(of("small")) as first:
        first.init()
        first.plan(destroy=False, lock=True)
        first.apply()
    with opened(of("x" * 9000, f"cat /dev/zero > {filler} || true", run=8)) as second:
        second.init()
        second.plan(destroy=False, lock=True)
        with pytest.raises(TerraformFailed) as failed:
            second.apply()
    outcome = told(failed.value)
    (kept,) = (data / "rescued").iterdir()
    assert outcome.cause is Cause.DISK_FULL and str(kept) in outcome.detail
    filler.unlink()
    with opened(of("x" * 9000, run=9)) as third:
        third.init()
        plan, _ = third.plan(destroy=False, lock=True)
    assert [change["change"]["actions"] for change in plan["resource_changes"]] == [["no-op"]]
    assert not kept.exists() and "x" * 9000 in state.read_text()


@pytest.fixture
def of(job):
    def make(text, command="true", run=7):
        values = json.dumps({"text": text, "command": command}).encode()
        return job(GROWING, run, files={"terraform.tfvars.json": values})

    return make


VERSION = '{"type":"version","terraform":"1.11.4"}'
OUTPUTS = '{"type":"outputs","outputs":{}}'


@pytest.mark.parametrize("printed", [f"{VERSION}\\n", f'{VERSION}\\n{{"type":"change_sum'])
def test_an_apply_whose_output_is_cut_off_has_not_ended_well(fake, job, heart, printed):
    with (
        fake(f"printf '{printed}'").session(job(), heart, print) as session,
        pytest.raises(TerraformFailed) as failed,
    ):
        session.apply()
    assert told(failed.value).cause is Cause.DISK_FULL


def test_an_apply_that_says_nothing_on_a_full_disk_has_not_ended_well(fake, job, heart, monkeypatch):
    monkeypatch.setattr(disk, "ROOM", 2**80)
    with fake("true").session(job(), heart, print) as session:
        with pytest.raises(TerraformFailed):
            session.apply()
        with pytest.raises(TerraformFailed) as failed:
            session.plan(destroy=False, lock=False)
    assert told(failed.value).cause is Cause.DISK_FULL  # and no mistake in a plan that could not be printed


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_by_name(number, tmp_path):
    with pytest.raises(TerraformFailed) as failed, disk_of(tmp_path, "plan"):
        raise OSError(number, os.strerror(number))
    assert told(failed.value).cause is Cause.DISK_FULL and failed.value.step == "plan"


def test_any_other_error_of_the_system_s_is_left_as_it_is(tmp_path):
    with pytest.raises(PermissionError), disk_of(tmp_path, "plan"):
        raise PermissionError


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    file = tmp_path / "file"
    replace_file(file, "one")
    replace_file(file, "two")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(OSError, match="full"):
        replace_file(file, "three")
    assert file.read_text() == "two" and list(tmp_path.iterdir()) == [file]
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("content", "cut"),
    [("", False), ('{"version": 4}', False), ('{"version": 4', True), ("{}", True), ("{\n}}", True)],
)
def test_a_state_that_ends_before_its_end_is_cut(tmp_path, content, cut):
    state = tmp_path / "state"
    state.write_text(content)
    assert is_cut(state) is cut


@pytest.mark.parametrize(
    ("state", "backup", "after"),
    [
        ('{"serial": 2', '{"serial": 1}', '{"serial": 1}'),
        ('{"serial": 2}', '{"serial": 1}', '{"serial": 2}'),
        ('{"serial": 2', '{"ser', '{"serial": 2'),
        ('{"serial": 2', None, '{"serial": 2'),
        (None, '{"serial": 1}', None),
    ],
)
def test_only_a_cut_state_is_mended_and_only_by_a_whole_one(tmp_path, state, backup, after):
    file, copy = tmp_path / "a.tfstate", tmp_path / "a.tfstate.backup"
    for path, text in ((file, state), (copy, backup)):
        if text is not None:
            path.write_text(text)
    assert mend(file) is (state != after)
    assert (file.read_text() if file.exists() else None) == after


@pytest.mark.parametrize(
    ("pulled", "same"),
    [
        ('{"lineage": "b", "serial": 9, "outputs": {}, "resources": [1]}', True),
        ('{"lineage": "a", "serial": 1, "outputs": {}, "resources": [1, 2]}', False),
        ('{"lineage": "a", "serial": 1, "outputs": {"x": 1}, "resources": [1]}', False),
        ("", False),
    ],
)
def test_a_backend_holds_a_kept_state_when_it_holds_all_of_it_and_nothing_else(tmp_path, pulled, same):
    kept = tmp_path / "kept"
    kept.write_text('{"lineage": "a", "serial": 1, "outputs": {}, "resources": [1]}')
    assert holds_same(pulled, kept) is same
