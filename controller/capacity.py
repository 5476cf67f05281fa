"""How many Terraforms this machine can bear at a time.

Measured with the AWS provider, on two cores: a plan takes 6 seconds, two at once 9, four 23, and 0.6 to 0.8 GB each. More
of them than cores end no sooner, and more than fit into memory end in none at all.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RUN_MEMORY = 1024**3
"""Bytes that one run may take."""

_CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Machine:
    """What this process may use: `cores`, which may be a part of one, and bytes of `memory`; None where it is not known."""

    cores: float | None
    memory: int | None


def runs_at_a_time(machine: Machine) -> int:
    """As many as there are whole cores, and memory for each; at least one."""
    known = [machine.cores, machine.memory and machine.memory / RUN_MEMORY]
    return max(1, int(min((one for one in known if one is not None), default=1)))


def read_machine(process: Path = Path("/proc/self"), cgroups: Path = _CGROUPS) -> Machine:
    """What the system gives this process: cores it may run on, installed memory, and the limits of its control groups.

    Containers and services are limited by their group or one above it
    (https://docs.kernel.org/admin-guide/cgroup-v2.html), and neither `os.cpu_count` nor the memory's size tells.
    """
    folders = tuple(_groups(process, cgroups))
    quotas = [quota for folder in folders if (quota := _quota(folder)) is not None]
    limits = [limit for folder in folders if (limit := _limit(folder)) is not None]
    return Machine(min([float(_cores()), *quotas]), min([_installed(), *limits]))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _installed() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _groups(process: Path, cgroups: Path) -> Iterator[Path]:
    """The folders of a process' groups and of all above them; a container may see its own as the root."""
    for line in _text(process / "cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        mounts = [cgroups / name for name in controllers.split(",")] if controllers else [cgroups]
        for mount in mounts:
            group = mount / path.lstrip("/")
            yield from (group, *(above for above in group.parents if above.is_relative_to(mount)))


def _quota(group: Path) -> float | None:
    """Cores that a group may use: `cpu.max` of version 2, `cpu.cfs_quota_us` of version 1."""
    words = _text(group / "cpu.max") or (
        _text(group / "cpu.cfs_quota_us") + _text(group / "cpu.cfs_period_us")
    )
    match words.split():
        case [quota, period] if quota.isdecimal() and period.isdecimal():
            return int(quota) / int(period)
    return None


def _limit(group: Path) -> int | None:
    """Bytes that a group may use: `memory.max` of version 2, `memory.limit_in_bytes` of version 1."""
    word = (_text(group / "memory.max") or _text(group / "memory.limit_in_bytes")).strip()
    return int(word) if word.isdecimal() else None


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except OSError:
        return ""
