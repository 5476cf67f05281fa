"""Where providers come from."""

from pathlib import Path

import pytest

from controller.edge.terraform.configuration import offline, online
from controller.edge.terraform.mirror import Origin, find_origin
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


def nowhere(tmp_path):
    """A worker's environment without any of Terraform's own places."""
    return {"HOME": str(tmp_path / "nobody"), "XDG_DATA_DIRS": str(tmp_path / "nothing")}


def test_a_configured_mirror_is_the_only_one(tmp_path):
    mirror(tmp_path / "home/.terraform.d/plugins")
    configured = mirror(tmp_path / "mirror")
    origin = find_origin(configured, {"HOME": str(tmp_path / "home")}, [tmp_path])
    assert origin.mirrors == (configured,) and not origin.direct
    assert f"INFRAUTOMATER_PROVIDER_MIRROR is {configured} (1 mirror there)" in origin.looked


def test_mirrors_are_found_below_a_configured_folder_but_not_far_below(tmp_path):
    near, nearer = mirror(tmp_path / "a/b"), mirror(tmp_path / "c")
    mirror(tmp_path / "d/e/f")
    (tmp_path / "link").symlink_to(tmp_path / "d/e")
    assert set(find_origin(tmp_path, {}).mirrors) == {near, nearer}


def test_a_configured_folder_without_a_mirror_still_bars_the_registries(tmp_path):
    origin = find_origin(tmp_path, {})
    assert origin.mirrors == (tmp_path,) and not origin.direct and "no mirror there" in origin.looked


def test_terraform_s_implied_mirrors_come_before_the_machine_s(tmp_path):
    home = mirror(tmp_path / "home/.terraform.d/plugins")
    data_home = mirror(tmp_path / "home/.local/share/terraform/plugins")
    shared = mirror(tmp_path / "shared/terraform/plugins")
    opt = [mirror(tmp_path / "opt/mirror").parent]
    worker = {"HOME": str(tmp_path / "home"), "XDG_DATA_DIRS": f"/none:{tmp_path}/shared"}
    assert find_origin(None, worker, opt).mirrors == (home, data_home, shared)
    assert find_origin(None, {**worker, "XDG_DATA_HOME": "/none"}, opt).mirrors == (home, shared)


def test_the_nearest_mirror_on_the_machine_is_taken(tmp_path):
    mirror(tmp_path / "opt/a/b/far")
    near = mirror(tmp_path / "srv/near")
    origin = find_origin(None, nowhere(tmp_path), [tmp_path / "opt", tmp_path / "absent", tmp_path / "srv"])
    assert origin.mirrors == (near,) and origin.direct
    assert str(near) in origin.looked and str(tmp_path / "opt") in origin.looked


def test_the_machine_is_searched_some_levels_deep_and_no_link_is_followed(tmp_path):
    mirror(tmp_path / "elsewhere/near")
    mirror(tmp_path / "opt/a/b/c/d")
    (tmp_path / "opt/link").symlink_to(tmp_path / "elsewhere")
    assert find_origin(None, nowhere(tmp_path), [tmp_path / "opt"]).mirrors == ()


def test_the_machine_s_search_ends(tmp_path, monkeypatch):
    monkeypatch.setattr("controller.edge.terraform.mirror.FOLDERS", 5)
    for number in range(9):
        (tmp_path / f"opt/{number}").mkdir(parents=True)
    mirror(tmp_path / "opt/9")
    assert find_origin(None, nowhere(tmp_path), [tmp_path / "opt"]).mirrors == ()


@pytest.mark.parametrize("loose", ["", "registry.terraform.io"])
def test_a_mirror_that_anybody_could_fill_is_found_by_name_alone(tmp_path, loose):
    found = mirror(tmp_path / "opt/shared")
    (found / loose).chmod(0o777)
    assert find_origin(None, nowhere(tmp_path), [tmp_path / "opt"]).mirrors == ()
    assert find_origin(found, {}).mirrors == (found,)


def test_without_a_mirror_there_are_the_registries(tmp_path):
    origin = find_origin(None, nowhere(tmp_path), [tmp_path])
    assert origin == Origin((), direct=True, looked=origin.looked) and "no mirror" in origin.looked
    assert "direct" in online(origin, tmp_path) and "direct" not in offline(origin, tmp_path)


def test_a_mirror_that_was_merely_found_does_not_bar_other_providers(tmp_path):
    (mirror(tmp_path / "opt/m") / "registry.terraform.io/hashicorp/aws/1.0.0").mkdir(parents=True)
    configuration = online(find_origin(None, nowhere(tmp_path), [tmp_path / "opt"]), tmp_path / "store")
    assert 'exclude = ["registry.terraform.io/hashicorp/aws"]' in configuration
    assert configuration.index("store") < configuration.index("opt/m") < configuration.index("direct")


def test_a_configured_mirror_leaves_no_other_method():
    origin = Origin((Path('/a "quoted" ${path}'), Path("/b")), direct=False, looked="")
    configuration = online(origin, Path("/store"))
    assert "direct" not in configuration and configuration.count("filesystem_mirror") == 2
    assert r'path = "/a \"quoted\" $${path}"' in configuration


def test_a_provider_that_is_in_no_mirror_is_refused_without_a_network(make_cli, job, heart, tmp_path):
    cli = make_cli(mirror=mirror(tmp_path / 'a "${quoted}" mirror'), deadlines={"init": 20})
    with (
        cli.session(job(AWS, backend="none"), heart, print) as session,
        pytest.raises(TerraformFailed) as failed,
    ):
        session.init()
    assert type(failed.value) is TerraformFailed and "hashicorp/aws" in failed.value.errors
    assert "INFRAUTOMATER_PROVIDER_MIRROR is " in failed.value.errors
    assert "no registry was asked" in failed.value.errors


def test_a_provider_is_linked_and_not_copied(make_cli, job, heart, data, mirror_here):
    with make_cli(mirror=mirror_here).session(job(AWS, backend="none"), heart, print) as session:
        session.init()
        links = [path for path in data.rglob("*") if path.is_symlink()]
        assert [link.resolve().is_relative_to(mirror_here.resolve()) for link in links] == [True]
    assert any(mirror_here.rglob("terraform-provider-aws*"))  # nor removed with the folder
