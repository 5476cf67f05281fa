"""What an init leaves behind, kept for the next workspace that would get the same.

    <data>/ready/<key>.json

With the AWS provider an init reads 700 MB once or twice to compute its checksum, and so does each plan, show and apply
after it. What was verified once, and has not changed since by the file system's own account, is not read again.

The key is everything that an init depends on (`key`); what cannot be part of it is looked at again (`holds`). Anything
doubtful is a real init.
"""

import hashlib
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from controller.core.workspace import LOCK_FILE, TFVARS
from controller.edge.terraform.disk import replace_file
from controller.edge.terraform.engine import Engine
from controller.edge.terraform.mirror import Origin
from controller.edge.terraform.store import names, packages, providers_of
from controller.ports import Job

BACKEND_FILE = ".terraform/terraform.tfstate"
MANIFEST = ".terraform/modules/modules.json"
BELIEVED = 3600.0
"""Seconds that a registry's answer to "which version is the newest" is believed where no lock file says it."""

_HASHES = re.compile(r"\n  hashes = \[\n.*?\n  \]", re.DOTALL)


@dataclass(frozen=True)
class Ready:
    """An initialised workspace, but for its own files.

    Attributes:
        links: packages, by their path in the workspace: where they are.
        files: what Terraform wrote, by path: its text.
        seen: the packages' files, and which versions there were to choose from, when they were verified.
        made: when, in seconds since the epoch.
    """

    links: Mapping[str, str]
    files: Mapping[str, str]
    seen: Mapping[str, Any]
    made: float

    def put(self, root: Path, state: Path) -> None:
        """Initialise a workspace; `state` is the file of the `local` backend."""
        for path, target in self.links.items():
            _parent(root / path).symlink_to(target, target_is_directory=True)
        for path, text in self.files.items():
            _parent(root / path).write_text(_with_state(text, state) if path == BACKEND_FILE else text)


def key(job: Job, engine: Engine, configuration: str) -> str | None:
    """What an init of this job depends on, as a digest; None where that cannot be known: a script may be any Terraform.

    A requester's values are read by no init. Backends apart from `local` are initialised anew each time, so their block
    is no matter.
    """
    program = Path(engine.argv[-1])
    if not _is_binary(program):
        return None
    status = program.stat()
    skipped = {TFVARS} if job.backend == "local" else {TFVARS, "backend.tf"}
    title = f"# {job.request}\n".encode()
    files = {
        path: hashlib.sha256(blob.removeprefix(title)).hexdigest()
        for path, blob in job.files.items()
        if path not in skipped
    }
    facts = [
        engine.argv,
        status.st_size,
        status.st_mtime_ns,
        status.st_ino,
        configuration,
        job.backend,
        files,
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _is_binary(program: Path) -> bool:
    try:
        with program.open("rb") as file:
            return file.read(2) != b"#!"
    except OSError:  # its step will say so
        return False


def take(root: Path, job: Job, origin: Origin) -> Ready | None:
    """What an init made of a workspace; None where it made more than can be kept: copies of packages, remote modules."""
    local = {BACKEND_FILE} if job.backend == "local" else set()
    made = set(_made(root))
    if made - {BACKEND_FILE, MANIFEST}:
        return None
    kept = {MANIFEST, *local} & made | {path for path in (LOCK_FILE,) if (root / path).is_file()}
    links = {str(path.relative_to(root)): str(path.readlink()) for path in packages(providers_of(root))}
    files = {path: (root / path).read_text("utf-8") for path in sorted(kept)}
    return Ready(links, files, _seen(links, origin), time.time())


def without_hashes(root: Path) -> None:
    """Leave a workspace's lock file its versions alone.

    Its init has verified the packages; with the checksums in it each later step would read them whole once more.
    """
    lock = root / LOCK_FILE
    if lock.is_file():
        lock.write_text(_HASHES.sub("", lock.read_text("utf-8")), "utf-8")


def find(shelf: Path, key: str, job: Job, origin: Origin) -> Ready | None:
    """What was kept under a key and still holds."""
    try:
        ready = Ready(**json.loads((shelf / f"{key}.json").read_text("utf-8")))
        return ready if _holds(ready, job, origin) else None
    except (OSError, ValueError, TypeError):  # not there, gone as we look, or of another version of ours
        return None


def keep(shelf: Path, key: str, ready: Ready) -> None:
    """Keep it for the next; whole or not at all."""
    shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(shelf / f"{key}.json", json.dumps(asdict(ready)))


def _holds(ready: Ready, job: Job, origin: Origin) -> bool:
    asked = {_provider(path) for path in ready.links} - set(origin.held()) if origin.direct else set()
    young = 0 <= time.time() - ready.made < BELIEVED
    return (not asked or LOCK_FILE in job.files or young) and ready.seen == _seen(ready.links, origin)


def _seen(links: Mapping[str, str], origin: Origin) -> Mapping[str, Any]:
    return {
        "packages": {target: _statuses(Path(target)) for target in links.values()},
        "choice": {
            provider: [names(mirror / provider) for mirror in _holding(origin, provider)]
            for provider in map(_provider, links)
        },
    }


def _statuses(package: Path) -> Mapping[str, list[int]]:
    """What tells a file that was changed or replaced; nobody can set its ctime."""
    statuses = {path.name: path.stat() for path in package.iterdir()}
    return {
        name: [one.st_size, one.st_mtime_ns, one.st_ctime_ns, one.st_ino] for name, one in statuses.items()
    }


def _holding(origin: Origin, provider: str) -> Iterator[Path]:
    return (mirror for mirror in origin.mirrors if (mirror / provider).is_dir())


def _provider(link: str) -> str:
    """`host/namespace/type` of a package's path."""
    return "/".join(Path(link).parts[-5:-2])


def _made(root: Path) -> Iterator[str]:
    """The files of a workspace's `.terraform`, links not followed."""
    for folder, _, files in os.walk(root / ".terraform"):
        yield from (str(Path(folder, name).relative_to(root)) for name in files)


def _with_state(text: str, state: Path) -> str:
    """Which state is the only thing in it that differs between workspaces of one backend block."""
    record = json.loads(text)
    record["backend"]["config"]["path"] = str(state)
    return json.dumps(record)


def _parent(path: Path) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
