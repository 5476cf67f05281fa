"""The pre-commit hook, as pre-commit runs it; only that it is not installed anew for each test."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pre_commit.clientlib import load_manifest

from controller.edge.starter import copy_starter

pytestmark = pytest.mark.edge

MANIFEST = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
BIN = Path(sys.executable).parent


def git(root, *words):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)


@pytest.fixture
def kit(tmp_path):
    root = tmp_path / "kit"
    copy_starter(root, samples=True)
    [hook] = yaml.safe_load(MANIFEST.read_text())
    hooks = {"repos": [{"repo": "local", "hooks": [{**hook, "language": "system"}]}]}
    (root / ".pre-commit-config.yaml").write_text(yaml.safe_dump(hooks))
    git(root, "init", "-q")
    git(root, "add", ".")
    return root


def commits(root):
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "PRE_COMMIT_HOME": str(root.parent / "home")}
    return subprocess.run(
        (BIN / "pre-commit", "run"), cwd=root, env=env, check=False, capture_output=True, text=True
    )


def test_the_manifest_is_one():
    [hook] = load_manifest(MANIFEST)
    assert (hook["id"], hook["language"]) == ("infrautomater-validate", "python")


def test_a_good_request_may_be_committed_and_a_bad_one_may_not(kit):
    done = commits(kit)
    assert done.returncode == 0 and "Passed" in done.stdout, done

    bad = kit / "requests/payments/checkout.yaml"
    bad.write_text(bad.read_text().replace("size: small", "size: gigantic"))
    git(kit, "add", ".")
    done = commits(kit)
    assert done.returncode == 1
    assert "requests/payments/checkout.yaml:5:3: parameters.size:" in done.stdout
