"""What ten workspaces of a bucket cost, initialised at once with the AWS provider, and what the provider costs after it.

    python benchmarks/workspaces.py

Takes the provider from INFRAUTOMATER_PROVIDER_MIRROR, or from a mirror on this machine. Prints seconds, CPU seconds, disk
and the largest Terraform's memory; exits 1 where ten workspaces take 10 MB or more.
"""

import contextlib
import math
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from controller.core.catalogue import read_catalogue
from controller.core.request import Blob, Request, read_request
from controller.core.workspace import Workspace, render
from controller.edge.guarded import Rule
from controller.edge.templates import read_templates
from controller.edge.terraform import TerraformCli, find_engine
from controller.edge.terraform.mirror import find_origin
from controller.edge.terraform.session import Session
from controller.ports import Job
from controller.settings import read_settings

ROOT = Path(__file__).parents[1]
MANY = 10
LIMIT = 10_000_000


class Steady:
    """A pulse that is never lost."""

    def is_lost(self) -> bool:
        return False

    @contextlib.contextmanager
    def listen(self, beat: Callable[[], None]) -> Iterator[None]:
        beat()
        yield


def main() -> int:
    if not holds_aws():
        print("no mirror with the AWS provider is on this machine: nothing to measure")
        return 0
    workspaces = [workspace(number) for number in range(MANY)]
    with tempfile.TemporaryDirectory() as folder:
        cli = TerraformCli(Path(folder), find_engine(), rule=Rule(silence=math.inf))
        first = initialised(cli, Path(folder), workspaces, "ten at once, the first ever")
        again = initialised(cli, Path(folder), workspaces, "ten at once, again")
    return 0 if max(first, again) < LIMIT else 1


def holds_aws() -> bool:
    origin = find_origin(read_settings().provider_mirror, os.environ)
    return "registry.terraform.io/hashicorp/aws" in origin.held()


def workspace(number: int) -> Workspace:
    files = (
        path for path in (ROOT / "terraform").rglob("*") if path.is_file() and ".terraform" not in path.parts
    )
    catalogue = read_catalogue({path.relative_to(ROOT).as_posix(): path.read_bytes() for path in files})
    text = f"kind: s3\nname: bucket-{number}\nenvironment: dev\nparameters: {{}}\n".encode()
    request = read_request(f"requests/team/{number}.yaml", Blob("100644", "0" * 40, text), catalogue)
    if not isinstance(request, Request):
        raise SystemExit(f"the bucket is rejected: {request}")
    skeletons = read_templates()["workspace"]
    return render(request, catalogue.kinds["s3"], catalogue.environments["dev"], skeletons)


def initialised(cli: TerraformCli, data: Path, workspaces: list[Workspace], title: str) -> int:
    """Initialise all of them at once and print what it took; bytes on disk."""
    with contextlib.ExitStack() as open_, ThreadPoolExecutor(MANY) as pool:
        sessions = [
            open_.enter_context(cli.session(job(one), Steady(), lambda _: None)) for one in workspaces
        ]
        began, spent = time.perf_counter(), cpu()
        list(pool.map(Session.init, sessions))
        wall, used = time.perf_counter() - began, cpu() - spent
        size = disk(data)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{title}: {wall:.2f} s, {used:.2f} CPU s, {size / 1e6:.2f} MB on disk, largest process {peak:.0f} MB"
    )
    return size


def job(one: Workspace) -> Job:
    return Job(1, one.id, one.files, one.environment.format.state.type)


def cpu() -> float:
    """CPU seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def disk(folder: Path) -> int:
    """Bytes that a folder takes on disk, links not followed."""
    return sum(path.lstat().st_blocks * 512 for path in (folder, *folder.rglob("*")))


if __name__ == "__main__":
    sys.exit(main())
