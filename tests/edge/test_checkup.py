"""The checkup on a real disk: what keeps a machine from carrying out runs, and that it passes."""

import os
import shutil
from types import SimpleNamespace

import pytest

from controller.edge.checkup import ILL, WELL, MachineCheckup
from controller.edge.terraform.absent import AbsentTerraform
from controller.errors import TerraformAbsent

pytestmark = pytest.mark.edge

MEGABYTE = 10**6


class Terraform:
    def __init__(self):
        self.asked, self.is_absent = 0, False

    def version(self):
        self.asked += 1
        if self.is_absent:
            raise TerraformAbsent("there is none")
        return "Terraform v1.11.4"


@pytest.fixture
def terraform():
    return Terraform()


@pytest.fixture
def now():
    return [1000.0]


@pytest.fixture
def checkup(terraform, tmp_path, now):
    return MachineCheckup(terraform, tmp_path, 200 * MEGABYTE, lambda: now[0])


@pytest.fixture
def free(monkeypatch):
    """How much is free on the disk, as the system tells."""
    left = [10**12]
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=left[0]))
    return left


def test_terraform_is_asked_at_start_and_then_every_few_minutes(checkup, terraform, now, free):
    assert terraform.asked == 0
    for _ in range(int(WELL) // 5):
        assert (checkup(), checkup.terraform) == ("", "Terraform v1.11.4")
        now[0] += 5
    assert terraform.asked == 1
    checkup()
    assert terraform.asked == 2


def test_a_terraform_that_is_gone_is_noticed_and_asked_for_soon_again(checkup, terraform, now, free):
    checkup()
    terraform.is_absent = True
    assert checkup() == ""
    assert (checkup(afresh=True), checkup.terraform) == ("there is none", "")
    terraform.is_absent = False
    assert checkup() == "there is none"
    now[0] += ILL
    assert (checkup(), checkup.terraform) == ("", "Terraform v1.11.4")


def test_a_disk_with_too_little_room_is_an_ailment_that_passes(checkup, free, tmp_path):
    free[0] = 3 * MEGABYTE
    assert checkup() == (
        f"{tmp_path} has 3 MB left, and a run is only begun with 200 MB (INFRAUTOMATER_LEAST_DISK): make room there."
    )
    free[0] = 200 * MEGABYTE
    assert checkup() == ""


def test_nobody_is_asked_for_room_where_the_setting_is_zero(terraform, free, tmp_path):
    free[0] = 0
    assert MachineCheckup(terraform, tmp_path, 0)() == ""


def test_a_folder_that_is_gone_or_takes_nothing_is_an_ailment(terraform, tmp_path):
    said = MachineCheckup(terraform, tmp_path / "gone", 0)()
    assert said.startswith(f"{tmp_path / 'gone'} cannot be written to (No such file or directory)")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_ours_is_an_ailment(terraform, tmp_path):
    tmp_path.chmod(0o500)
    assert "cannot be written to (Permission denied)" in MachineCheckup(terraform, tmp_path, 0)()


def test_a_look_leaves_nothing_behind(checkup, tmp_path):
    checkup()
    assert list(tmp_path.iterdir()) == []


def test_a_terraform_that_is_installed_later_is_found_without_a_restart():
    there = []

    def find():
        if not there:
            raise TerraformAbsent("there is none")
        return there[0]

    terraform, told = AbsentTerraform(find), []
    with pytest.raises(TerraformAbsent):
        terraform.version()
    with pytest.raises(TerraformAbsent):
        terraform.session(None, None, told.append)
    assert told == ["there is none\n"]
    there.append(Terraform())
    assert terraform.version() == "Terraform v1.11.4"
