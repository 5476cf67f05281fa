"""`preview`: the pull request's comment, before there is a pull request."""

import subprocess

import pytest

from controller.edge.starter import copy_starter

pytestmark = pytest.mark.edge

PATH = "requests/payments/checkout.yaml"


@pytest.fixture
def kit(tmp_path, monkeypatch, infrautomater):
    root = tmp_path / "kit"
    copy_starter(root, samples=True)
    monkeypatch.chdir(root)
    monkeypatch.setenv("INFRAUTOMATER_DATA", str(tmp_path / "data"))
    return root


def change(kit, before, after):
    (kit / PATH).write_text((kit / PATH).read_text().replace(before, after))


def commit(root):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "a commit")):
        subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)


def test_a_new_request_is_planned_as_if_nothing_were_there(kit, infrautomater, tmp_path):
    said = infrautomater("preview", PATH)
    assert said.code == 0, said
    assert "\n**Ready: 1 change, low risk**\n" in said.out
    assert "| `dev/sandbox/checkout` | a new `sandbox`: message `" in said.out
    assert "- create `module.this.terraform_data.instance`" in said.out
    assert "as if nothing were there yet: no state was read" in said.out
    assert "<!--" not in said.out and "Run 0" not in said.out and "Looked at" not in said.out
    assert not list((tmp_path / "data").glob("preview-*"))


def test_a_state_that_is_on_this_machine_is_planned_against(kit, infrautomater, tmp_path):
    states = tmp_path / "data/states"
    states.mkdir(parents=True)
    empty = '{"version": 4, "terraform_version": "1.11.0", "serial": 1, "lineage": "x", "outputs": {}, "resources": []}'
    state = states / "dev.sandbox.checkout.tfstate"
    state.write_text(empty)
    said = infrautomater("preview", PATH)
    assert said.code == 0 and f"against the state in {state}" in said.out
    assert state.read_text() == empty


def test_against_a_revision_it_says_what_changes(kit, infrautomater):
    commit(kit)
    assert infrautomater("preview", PATH, "--against", "HEAD").out.startswith("**Ready: nothing changes**")
    change(kit, "size: small", "size: medium")
    said = infrautomater("preview", PATH, "--against", "HEAD", "--no-plan")
    assert said.code == 0 and "size `small` → `medium`: in place" in said.out
    change(kit, "size: medium", "size: medium\n  engine: diesel")
    said = infrautomater("preview", PATH, "--against", "HEAD")
    assert said.code == 1 and "`engine` cannot change" in said.out


def test_mistakes_are_what_the_comment_would_say(kit, infrautomater):
    change(kit, "size: small", "size: gigantic")
    said = infrautomater("preview", PATH)
    assert said.code == 1 and said.out.startswith("**Cannot merge: 1 mistake**")
    assert f"`{PATH}:5:3`" in said.out and "Planned" not in said.out


def test_without_terraform_the_rest_is_shown(kit, infrautomater, monkeypatch):
    monkeypatch.setenv("INFRAUTOMATER_TERRAFORM", "no-such-terraform")
    said = infrautomater("preview", PATH)
    assert said.code == 0 and "a new `sandbox`" in said.out
    assert "Not planned here: There is no Terraform: looked for `no-such-terraform`." in said.out


def test_without_its_provider_it_says_what_would_be_needed(kit, infrautomater, monkeypatch, tmp_path):
    mirror = tmp_path / "mirror/registry.terraform.io"
    mirror.mkdir(parents=True)
    monkeypatch.setenv("INFRAUTOMATER_PROVIDER_MIRROR", str(mirror.parent))
    (kit / PATH).write_text("kind: s3\nname: receipts\nenvironment: dev\n")
    said = infrautomater("preview", PATH)
    assert said.code == 0 and "a new `s3`" in said.out
    assert "Not planned here: `s3` needs Terraform's provider `aws`" in said.out


def test_without_a_plan_terraform_is_not_asked(kit, infrautomater, monkeypatch):
    monkeypatch.setenv("INFRAUTOMATER_TERRAFORM", "no-such-terraform")
    said = infrautomater("preview", PATH, "--no-plan")
    assert (
        said.code == 0 and "Not planned (`--no-plan`)" in said.out and "There is no Terraform" not in said.out
    )


def test_a_terminal_gets_it_laid_out(kit, infrautomater, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    said = infrautomater("preview", PATH)
    assert said.code == 0 and "Ready: 1 change, low risk" in said.out
    assert "<details>" not in said.out and "dev/sandbox/checkout: 2 to create" in said.out


@pytest.mark.parametrize(
    "file", ["requests/payments/nowhere.yaml", "terraform/environments/dev.yaml", "/etc/passwd"]
)
def test_wrong_usage_is_2(kit, infrautomater, file):
    said = infrautomater("preview", file)
    assert said.code == 2 and said.err and not said.out
