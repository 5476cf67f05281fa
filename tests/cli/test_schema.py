"""`schema`: what is printed serves the linters that people have."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from controller.edge.starter import copy_starter

pytestmark = pytest.mark.edge

CHECK = Path(sys.executable).with_name("check-jsonschema")


@pytest.fixture
def kit(tmp_path, monkeypatch):
    root = tmp_path / "kit"
    copy_starter(root, samples=True)
    monkeypatch.chdir(root)
    return root


def check(*paths):
    argv = (CHECK, "--schemafile", "schema.json", *paths)
    return subprocess.run(argv, check=False, capture_output=True, text=True)


def test_check_jsonschema_takes_it_and_the_samples(kit, infrautomater):
    said = infrautomater("schema")
    assert said.code == 0 and not said.err
    (kit / "schema.json").write_text(said.out)
    subprocess.run((CHECK, "--check-metaschema", "schema.json"), check=True, capture_output=True)
    assert check("requests/payments/checkout.yaml", "requests/search/indexer.yaml").returncode == 0

    wrong = kit / "requests/payments/checkout.yaml"
    wrong.write_text(wrong.read_text().replace("size: small", "size: gigantic"))
    done = check("requests/payments/checkout.yaml")
    assert done.returncode == 1 and "'gigantic' is not one of ['small', 'medium', 'large']" in done.stdout


def test_one_bad_kind_takes_no_other_away(kit, infrautomater):
    (kit / "terraform/modules/s3/kind.yaml").write_text("titel: S3\n")
    said = infrautomater("schema")
    assert said.code == 1 and "terraform/modules/s3/kind.yaml:1:1" in said.err
    assert json.loads(said.out)["properties"]["kind"]["enum"] == ["database", "k8s_namespace", "sandbox"]
