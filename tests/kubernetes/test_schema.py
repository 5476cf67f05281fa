"""The module uses what the real provider has, and the stand-in has nothing else.

`schema.json` is the real provider's own schema, pruned (`prune.py`).
"""

import json
import os
import shutil
import subprocess

import pytest
import yaml

from controller.edge.terraform.mirror import find_origin
from controller.settings import read_settings
from tests.kubernetes.shapes import PUBLISHED, RESOURCES
from tests.kubernetes.standin import KINDS
from tests.kubernetes.usage import misuses
from tests.kubernetes.world import MODULE, ROOT

MAIN = (MODULE / "main.tf").read_text()
PROVIDER = "registry.terraform.io/hashicorp/kubernetes"


def test_the_module_asks_nothing_of_the_provider_that_it_does_not_have():
    assert [*misuses(MAIN, RESOURCES)] == []


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("kubernetes_limit_range_v1", "kubernetes_limits", "there is no such resource"),
        ("annotations = var.annotations", "notes = {}", "kubernetes_namespace_v1.this.metadata: there is no argument `notes`"),
        ("annotations = var.annotations", "uid = 7", "kubernetes_namespace_v1.this.metadata: `uid` can only be read"),
        ("    pod_selector {}\n", "", "kubernetes_network_policy_v1.default_deny.spec: no block `pod_selector`"),
        ("    pod_selector {}\n", "    pod_selector {}\n    pod_selector {}\n", "too many blocks `pod_selector`"),
        ('dynamic "egress"', 'dynamic "outward"', "there is no block `outward`"),
        ('protocol = "TCP"', 'protocols = "TCP"', "spec.egress.ports: there is no argument `protocols`"),
        ("    name      = var.team_role\n", "", "kubernetes_role_binding_v1.team.role_ref: no argument `name`"),
        ("    limit {", "    limits {", "there is no block `limits`"),
    ],
)  # fmt: skip
def test_what_the_provider_does_not_have_is_found(right, wrong, said):
    assert right in MAIN
    assert any(said in found for found in misuses(MAIN.replace(right, wrong), RESOURCES))


def test_the_environments_set_what_the_provider_takes():
    for path in (ROOT / "terraform/environments").glob("*.yaml"):
        settings = yaml.safe_load(path.read_text())["providers"].get("kubernetes", {})
        assert settings.keys() <= PUBLISHED["provider"]["block"]["attributes"].keys()


@pytest.fixture
def terraform(engine, tmp_path):
    """Runs Terraform in a copy of the module, with the providers of one mirror; the error's text where it fails."""

    def run(mirror, *argv, main=MAIN):
        folder = tmp_path / "module"
        shutil.copytree(MODULE, folder, ignore=shutil.ignore_patterns(".terraform*"))
        (folder / "main.tf").write_text(main)
        config = tmp_path / "terraform.rc"
        config.write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
        )
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "TF_CLI_CONFIG_FILE": str(config),
            "CHECKPOINT_DISABLE": "1",
        }
        for step in (("init", "-input=false"), argv):
            ran = subprocess.run(
                (*engine.argv, *step),
                cwd=folder,
                env=env,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        return ran.stdout

    return run


@pytest.mark.edge
def test_terraform_is_offered_by_the_stand_in_what_the_real_provider_has(terraform, mirror):
    offered = json.loads(terraform(mirror, "providers", "schema", "-json"))["provider_schemas"][PROVIDER]

    assert bare(offered["provider"]) == PUBLISHED["provider"]
    assert bare(offered["resource_schemas"]) == {name: RESOURCES[name] for name in KINDS} == RESOURCES


@pytest.mark.edge
def test_the_real_provider_has_what_was_pruned_from_its_schema(terraform):
    origin = find_origin(read_settings().provider_mirror, os.environ)
    holding = [mirror for mirror in origin.mirrors if (mirror / PROVIDER).is_dir()]
    if not holding:
        pytest.skip(f"no mirror here holds {PROVIDER}: {origin.looked}")
    offered = json.loads(terraform(holding[0], "providers", "schema", "-json"))["provider_schemas"][PROVIDER]

    assert [*misuses(MAIN, offered["resource_schemas"])] == []
    assert {name: bare(offered["resource_schemas"][name]) for name in RESOURCES} == RESOURCES


@pytest.mark.edge
def test_what_the_provider_does_not_have_is_refused_by_terraform_too(terraform, mirror):
    wrong = MAIN.replace("annotations = var.annotations", "notes = {}")
    (error,) = json.loads(terraform(mirror, "validate", "-json", main=wrong))["diagnostics"]

    assert error["summary"] == "Unsupported argument" and "notes" in error["detail"]


def bare(schema):
    """A schema as Terraform prints it, without words and versions."""
    if not isinstance(schema, dict):
        return schema
    return {
        name: bare(part)
        for name, part in schema.items()
        if name not in ("description", "description_kind", "version")
    }
