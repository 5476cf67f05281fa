"""The demo's cloud: moto in a process of its own, and the real AWS provider where one can be had."""

import importlib.util
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from controller.bootstrap import make_terraform
from controller.cli.play import Script
from controller.cli.stack import StackError, await_part
from controller.core.identity import RequestId
from controller.edge.guarded import SERVICE, Start, guarded
from controller.errors import TerraformAbsent, TerraformFailed
from controller.pipeline.preview import Unleased
from controller.ports import Job
from controller.settings import read_settings

BUCKET = "kind: s3\nname: orders\nenvironment: dev\nparameters:\n"
SCRIPT = Script(
    first=BUCKET + "  versioning: true\n",
    second=BUCKET + "  versioning: false\n",
    wrong=BUCKET + "  versioning: maybe\n  expire_dais: 30\n",
    third=BUCKET + "  versioning: true\n",
    ends="destroys orders (s3)",
    patience=300.0,
)
_PROBE = """terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
"""


@contextmanager
def aws_in_a_box(data: Path) -> Iterator[tuple[Mapping[str, str], Script]]:
    """Run moto for the length of a block; yields what the controller's processes need in their environment.

    Raises:
        StackError: moto is not installed, or the AWS provider cannot be had here.
    """
    if importlib.util.find_spec("moto") is None:
        raise StackError("moto is not installed: `pip install 'infrautomater[cloud]'`")
    _need_provider()
    facts = data / "cloud.json"
    argv = (sys.executable, "-m", "controller.sandbox.cloud")
    with (
        facts.open("wb") as out,
        (data / "cloud.log").open("ab") as errors,
        guarded(argv, Start(data, None, out, errors), SERVICE) as process,
    ):
        await_part(process, lambda: facts.read_bytes().endswith(b"\n"), data / "cloud.log")
        yield _environment(json.loads(facts.read_bytes())["url"]), SCRIPT


def _environment(url: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "rehearsal",
        "AWS_SECRET_ACCESS_KEY": "rehearsal",
        "AWS_REGION": "us-east-1",
    }


def _need_provider() -> None:
    """Ask Terraform itself, with the settings that the workers will have."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(data=Path(folder))
        job = Job(0, RequestId("dev", "s3", "probe"), {"main.tf": _PROBE.encode()}, "local")
        try:
            with make_terraform(settings).session(job, Unleased(), lambda _text: None) as session:
                session.init()
        except TerraformAbsent as absent:
            raise StackError(str(absent)) from absent
        except TerraformFailed as failed:
            said = (failed.errors or failed.output).strip()
            raise StackError(f"the AWS provider cannot be had here. Terraform said:\n{said}") from failed
