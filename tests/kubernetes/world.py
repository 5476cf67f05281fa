"""A world whose Terraform is the real one and whose catalogue is ours, and the clusters that it may play with."""

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from controller.bootstrap import make_terraform
from controller.edge.pulse import Pulses
from controller.settings import read_settings
from tests.kubernetes.shapes import PUBLISHED
from tests.pipeline.conftest import World

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "terraform/modules/k8s_namespace"
ENVIRONMENT = "terraform/environments/rehearsal.yaml"
REHEARSAL = """\
title: Rehearsal
kinds: [k8s_namespace]
credentials: {pass_env: [KUBE_CONFIG_PATH]}
values: {team_group: "acme:{team}"}
approvals: {required: 0, from: [write], author: true}
destroy: allow
"""
PROGRAM = """\
#!/bin/sh
# Stands in for hashicorp/kubernetes; HOME is ours, since the framework leaves a certificate there.
HOME=%s PYTHONPATH=%s exec %s -P -m tests.kubernetes.standin
"""
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def catalogue():
    """The kind, and an environment that offers it."""
    files = {str(path.relative_to(ROOT)): path.read_bytes() for path in MODULE.iterdir() if path.is_file()}
    return {**files, ENVIRONMENT: REHEARSAL.encode()}


def make_mirror(folder):
    """A provider mirror in which the stand-in is the real provider's program."""
    machine = MACHINES.get(platform.machine(), platform.machine())
    version = PUBLISHED["version"]
    package = folder / f"registry.terraform.io/hashicorp/kubernetes/{version}/{sys.platform}_{machine}"
    package.mkdir(parents=True)
    program = package / f"terraform-provider-kubernetes_v{version}"
    program.write_text(PROGRAM % (folder, ROOT, sys.executable))
    program.chmod(0o755)
    return folder


class Rehearsal(World):
    """People, git and GitHub are the world's; Terraform is run by the product itself."""

    def __init__(self, ledger, data, mirror):
        super().__init__(ledger)
        terraform = make_terraform(read_settings(data=data, provider_mirror=mirror))
        self.ports = replace(self.ports, terraform=terraform, pulse=Pulses(self.ledger, 5.0))

    def begin(self, files=None):
        self.git.remote = self.git.commit({**catalogue(), **(files or {})})
        self.reconcile()
        self.work()

    def bring_at_once(self, changes):
        """A pull that is merged before anybody looked at it, as what solely creates may be; its number."""
        number = self.open(changes)
        self.merge(number)
        self.work()
        return number

    def touch(self):
        """A comment at the end of the module: its requests are planned again."""
        path = str(MODULE.relative_to(ROOT) / "main.tf")
        self.bring({path: self.git.trees[self.git.remote][path].content + b"# looked at\n"})


@dataclass
class Kubectl:
    """The real cluster of a kubeconfig."""

    config: str

    def find(self, kind, namespace, name):
        """One object, None where there is none."""
        return next(
            (found for found in self.list(kind, namespace) if found["metadata"]["name"] == name), None
        )

    def list(self, kind, namespace=""):
        """The objects of a kind."""
        return json.loads(self._run("get", kind, *_in(namespace), "-o", "json"))["items"]

    def create(self, kind, wanted):
        """A new object, past everybody."""
        self._run("create", kind.lower(), wanted["metadata"]["name"])

    def delete(self, kind, namespace, name):
        """Delete what may be there, and wait until it is gone."""
        self._run("delete", kind, name, *_in(namespace), "--ignore-not-found", "--wait")

    def _run(self, *argv):
        kubectl = (shutil.which("kubectl"), "--kubeconfig", self.config)
        return subprocess.run(
            (*kubectl, *argv), check=True, capture_output=True, text=True, timeout=120
        ).stdout


def configured_cluster():
    """The kubeconfig that this machine names, None where it names none or nobody asked for its cluster.

    Many machines have one, and no test may make namespaces where its runner did not mean it.
    """
    if os.environ.get("TEST_ON_CLUSTER") != "yes":
        return None
    named = os.environ.get("KUBE_CONFIG_PATH") or os.environ.get("KUBECONFIG")
    return named if named and Path(named).is_file() else None


def _in(namespace):
    return ("--namespace", namespace) if namespace else ()
