"""The command lines: each is a value made here and run elsewhere.

https://developer.hashicorp.com/terraform/cli/commands; no step asks anything, and none prints colours.
"""

from collections.abc import Mapping
from pathlib import Path


def init_argv(*, locked: bool, backend: Mapping[str, str]) -> tuple[str, ...]:
    """`terraform init`.

    Args:
        locked: the module came with a lock file, which is to be kept to and not to be changed.
        backend: settings of the backend that only this machine knows.
    """
    return (
        "init",
        "-input=false",
        "-no-color",
        *(("-lockfile=readonly",) if locked else ()),
        *(f"-backend-config={key}={value}" for key, value in backend.items()),
    )


def plan_argv(out: Path, *, destroy: bool, lock_timeout: float | None) -> tuple[str, ...]:
    """`terraform plan` into a file; `lock_timeout` in seconds, None to go without the state's lock."""
    return (
        "plan",
        "-json",
        "-input=false",
        f"-out={out}",
        *(("-destroy",) if destroy else ()),
        "-lock=false" if lock_timeout is None else f"-lock-timeout={lock_timeout:.0f}s",
    )


def show_argv(plan: Path) -> tuple[str, ...]:
    """`terraform show` of a saved plan; what it prints holds sensitive values in clear text."""
    return ("show", "-json", "-no-color", str(plan))


def apply_argv(plan: Path, *, lock_timeout: float) -> tuple[str, ...]:
    """`terraform apply` of a saved plan; `lock_timeout` in seconds."""
    return (
        "apply",
        "-json",
        "-input=false",
        "-auto-approve",
        f"-lock-timeout={lock_timeout:.0f}s",
        str(plan),
    )


def push_argv(state: Path, *, lock_timeout: float) -> tuple[str, ...]:
    """`terraform state push`: never forced, so that a newer or another state stays; `lock_timeout` in seconds."""
    return ("state", "push", "-no-color", f"-lock-timeout={lock_timeout:.0f}s", str(state))


def pull_argv() -> tuple[str, ...]:
    """`terraform state pull`; what it prints holds sensitive values in clear text."""
    return ("state", "pull")


def unlock_argv(lock: str) -> tuple[str, ...]:
    """`terraform force-unlock` of the lock with this id; `-force` asks nobody, and the id must still be the lock's."""
    return ("force-unlock", "-force", "-no-color", "--", lock)
