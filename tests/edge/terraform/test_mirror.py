"""Where providers come from."""

import subprocess
from pathlib import Path

import pytest

from controller.edge.terraform.mirror import cli_config, find_mirrors
from controller.errors import TerraformFailed

pytestmark = pytest.mark.edge

AWS = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
"""


def mirror(folder):
    (folder / "registry.terraform.io").mkdir(parents=True)
    return folder


@pytest.fixture(scope="session")
def mirror_here():
    """A mirror with the AWS provider that happens to be on this machine."""
    find = ["find", "/", "-xdev", "-maxdepth", "4", "-type", "d", "-name", "registry.terraform.io"]
    found = subprocess.run(find, capture_output=True, text=True, timeout=60, check=False).stdout.split("\n")
    mirrors = [Path(path).parent for path in found if Path(path, "hashicorp/aws").is_dir()]
    if not mirrors:
        pytest.skip("no mirror with the AWS provider is on this machine")
    return mirrors[0]


def test_a_configured_mirror_is_the_only_one(tmp_path):
    mirror(tmp_path / "home/.terraform.d/plugins")
    configured = mirror(tmp_path / "mirror")
    assert find_mirrors(configured, {"HOME": str(tmp_path / "home")}) == (configured,)


def test_mirrors_are_found_below_a_configured_folder_but_not_far_below(tmp_path):
    near, nearer = mirror(tmp_path / "a/b"), mirror(tmp_path / "c")
    mirror(tmp_path / "d/e/f")
    (tmp_path / "link").symlink_to(tmp_path / "d/e")
    assert find_mirrors(tmp_path, {}) == (near, nearer)


def test_a_configured_folder_without_a_mirror_still_bars_the_registries(tmp_path):
    assert find_mirrors(tmp_path, {}) == (tmp_path,)


def test_terraform_s_implied_mirrors_are_found_without_configuration(tmp_path):
    home = mirror(tmp_path / "home/.terraform.d/plugins")
    data_home = mirror(tmp_path / "home/.local/share/terraform/plugins")
    shared = mirror(tmp_path / "shared/terraform/plugins")
    worker = {"HOME": str(tmp_path / "home"), "XDG_DATA_DIRS": f"/none:{tmp_path}/shared"}
    assert find_mirrors(None, worker) == (home, data_home, shared)
    assert find_mirrors(None, {**worker, "XDG_DATA_HOME": "/none"}) == (home, shared)


def test_without_a_mirror_there_are_the_registries(tmp_path):
    assert find_mirrors(None, {"HOME": str(tmp_path), "XDG_DATA_DIRS": str(tmp_path)}) == ()
    assert "direct {}" in cli_config(())


def test_with_a_mirror_there_is_nothing_else():
    config = cli_config((Path('/a "quoted" ${path}'), Path("/b")))
    assert "direct" not in config and config.count("filesystem_mirror") == 2
    assert r'path = "/a \"quoted\" $${path}"' in config


def test_a_provider_that_is_in_no_mirror_is_refused_without_a_network(make_cli, job, heart, tmp_path):
    cli = make_cli(mirror=mirror(tmp_path / 'a "${quoted}" mirror'), deadlines={"init": 20})
    with (
        cli.session(job(AWS, backend="none"), heart, print) as session,
        pytest.raises(TerraformFailed) as failed,
    ):
        session.init()
    assert type(failed.value) is TerraformFailed and "hashicorp/aws" in failed.value.errors


def test_a_provider_is_linked_and_not_copied(make_cli, job, heart, data, mirror_here):
    with make_cli(mirror=mirror_here).session(job(AWS, backend="none"), heart, print) as session:
        session.init()
        links = [path for path in data.rglob("*") if path.is_symlink()]
        assert [link.resolve().is_relative_to(mirror_here.resolve()) for link in links] == [True]
    assert any(mirror_here.rglob("terraform-provider-aws*"))  # nor removed with the folder
