import os

import pytest

from controller.capacity import Machine, read_machine, runs_at_a_time

GIB = 1024**3


@pytest.mark.parametrize(
    ("cores", "memory", "expected"),
    [
        (2, 8 * GIB, 2),
        (16, 8 * GIB, 8),
        (16, 8 * GIB - 1, 7),
        (2.5, 64 * GIB, 2),
        (0.5, 64 * GIB, 1),
        (8, GIB // 2, 1),
        (None, 3 * GIB, 3),
        (3, None, 3),
        (None, None, 1),
    ],
)
def test_runs_at_a_time_follow_cores_and_memory_and_are_never_none(cores, memory, expected):
    assert runs_at_a_time(Machine(cores, memory)) == expected


@pytest.fixture
def machine(tmp_path):
    """Read a machine whose control groups say this."""

    def read(cgroup, files):
        for path, text in files.items():
            file = tmp_path / "cgroups" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        (tmp_path / "cgroup").write_text(cgroup)
        return read_machine(tmp_path, tmp_path / "cgroups")

    return read


@pytest.mark.parametrize(
    ("cgroup", "files", "cores", "memory"),
    [
        ("0::/\n", {"cpu.max": "50000 100000\n", "memory.max": "1000\n"}, 0.5, 1000),
        ("0::/a/b\n", {"a/cpu.max": "25000 100000\n", "a/b/memory.max": "900\n", "memory.max": "800\n"}, 0.25, 800),
        ("0::/a\n", {"a/memory.max": "700\n", "other/memory.max": "1\n"}, None, 700),
        (
            "2:cpu,cpuacct:/docker/x\n1:memory:/docker/x\n",
            {
                "cpu/cpu.cfs_quota_us": "50000\n",
                "cpu/cpu.cfs_period_us": "100000\n",
                "memory/docker/x/memory.limit_in_bytes": "600\n",
            },
            0.5,
            600,
        ),
        ("0::/\n", {"cpu.max": "max 100000\n", "memory.max": "max\n"}, None, None),
        ("0::/\n", {"cpu.max": "nonsense\n", "memory.max": "\n"}, None, None),
        ("1:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None, None),
        ("", {}, None, None),
    ],
)  # fmt: skip
def test_the_narrowest_limit_of_all_groups_above_counts(machine, cgroup, files, cores, memory):
    whole = Machine(len(os.sched_getaffinity(0)), os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    assert machine(cgroup, files) == Machine(cores or whole.cores, memory or whole.memory)


def test_this_very_machine_can_be_read():
    machine = read_machine()
    assert machine.cores > 0 and machine.memory > 0
