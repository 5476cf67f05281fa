"""States that Terraform could not write to their backend: kept by request until the backend has them.

    <data>/rescued/<request>.<run>.errored.tfstate

No part of a request's key has a dot in it, so none of these names can be another request's.
"""

import json
import os
import re
import uuid
from pathlib import Path

from controller.edge.terraform.disk import replace_file

ERRORED = "errored.tfstate"
"""https://developer.hashicorp.com/terraform/cli/commands/state/push: where Terraform leaves a state it cannot write."""

_NO_LINEAGE = re.compile(r'^(  "lineage": )""', re.MULTILINE)


def rescue(root: Path, rescued: Path, owner: str) -> Path | None:
    """Move the state that Terraform left in a workspace, where there is one; where it is now.

    It is moved, so that it takes no room on a disk that may be full, and never over another one.
    """
    errored = root / ERRORED
    if not errored.exists():
        return None
    names = (f"{owner}.{ERRORED}", *(f"{owner}-{number}.{ERRORED}" for number in range(2, 1000)))
    target = next(rescued / name for name in names if not (rescued / name).exists())
    errored.chmod(0o600)
    _sync(errored)
    errored.rename(target)
    _sync(rescued)
    return target


def waiting(rescued: Path, request: str) -> tuple[Path, ...]:
    """A request's states that no backend has yet, the oldest first."""
    return tuple(sorted(rescued.glob(f"{request}.*.{ERRORED}"), key=lambda path: path.stat().st_mtime_ns))


def name_lineage(kept: Path) -> None:
    """Give a state that was never written anywhere the lineage that its backend would have given it.

    A first apply's has none, and Terraform pushes one without lineage over whatever is there
    (`CheckValidImport` in Terraform's `internal/states/statemgr/migrate.go`); with one it goes over an empty state only.
    """
    text = kept.read_text("utf-8")
    named = _NO_LINEAGE.sub(rf'\1"{uuid.uuid4()}"', text, count=1)
    if named != text:
        replace_file(kept, named)


def holds_same(pulled: str, kept: Path) -> bool:
    """Whether a backend's state has all that a kept one has, and nothing else: it was pushed, by us or by a person.

    A backend may give a first state a lineage of its own (`State.PersistState` in Terraform's
    `internal/states/remote/state.go`), so that the same push is refused when it is made again.
    """
    try:
        theirs, ours = json.loads(pulled), json.loads(kept.read_text("utf-8"))
    except ValueError:
        return False
    return all(theirs.get(part) == ours.get(part) for part in ("outputs", "resources"))


def mend(state: Path) -> bool:
    """Bring a `local` backend's file back that a full disk cut off; whether there was one to bring back.

    Terraform writes it in place, after a copy of what was there before
    (`Filesystem.writeState` in Terraform's `internal/states/statemgr/filesystem.go`). What it wrote last is a rescued state.
    """
    backup = state.with_name(f"{state.name}.backup")
    if not state.exists() or not is_cut(state) or not backup.exists() or is_cut(backup):
        return False
    backup.rename(state)
    _sync(state.parent)
    return True


def is_cut(state: Path) -> bool:
    """Whether a state's file ends before its end; an empty one is none at all to Terraform."""
    content = state.read_bytes()
    try:
        return bool(content) and not json.loads(content)
    except ValueError:
        return True


def _sync(path: Path) -> None:
    """What was moved or written here is to outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
