"""The guard, with real processes: what it does to a child, and what it never does."""

import contextlib
import math
import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest

import controller
from controller.edge.guarded import Ending, Rule, Start, guarded

pytestmark = pytest.mark.edge

REPOSITORY = Path(controller.__file__).parents[1]

LISTENER = """
import pathlib, signal, sys, time

folder = pathlib.Path(sys.argv[1])
linger = float(sys.argv[2])
heard = []

def hear(number, frame):
    heard.append(time.monotonic())
    with (folder / "heard").open("a") as file:
        print(signal.Signals(number).name, file=file)

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, hear)
(folder / "ready").write_text(str(__import__("os").getpid()))
while not heard or time.monotonic() < heard[0] + linger:
    time.sleep(0.01)
sys.exit(3)
"""
"""A child that writes down every signal, and ends so long after the first one."""

WORKER = """
import pathlib, signal, sys, time
from controller.edge.guarded import Rule, Start, guarded

silence, program = float(sys.argv[1]), sys.argv[2:]
with guarded(program, Start(pathlib.Path.cwd()), Rule(signal.SIGINT, silence, 10)) as child:
    print("started", flush=True)
    while child.wait(0.05) is None:
        child.beat()
"""
"""A worker to be killed or frozen."""


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)
    return answer


def python(code, *arguments):
    return (sys.executable, "-I", "-S", "-c", textwrap.dedent(code), *map(str, arguments))


def is_alive(pid):
    """A zombie that nobody reaps is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def heard(tmp_path):
    """The signals that the listener has got so far."""

    def read():
        file = tmp_path / "heard"
        return file.read_text().split() if file.exists() else []

    return read


@pytest.fixture
def listener(tmp_path):
    def program(linger=0.3):
        return python(LISTENER, tmp_path, linger)

    return program


@pytest.fixture
def ready(tmp_path):
    """Wait until the listener listens; its pid."""

    def wait():
        file = tmp_path / "ready"
        return int(until(lambda: file.exists() and file.read_text()))

    return wait


@pytest.fixture
def worker(tmp_path):
    """Start a worker that guards a program."""
    with contextlib.ExitStack() as stack:

        def start(silence, program):
            process = subprocess.Popen(
                [sys.executable, "-c", WORKER, str(silence), *program],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
                stdout=subprocess.PIPE,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            assert process.stdout.readline() == b"started\n"
            return process

        yield start


def run(program, folder, rule=None, **more):
    with guarded(program, Start(folder, **more), rule or Rule()) as child:
        return child.wait(20)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("", 0),
        ("import sys; sys.exit(2)", 2),
        ("import os; os.kill(os.getpid(), 15)", 128 + 15),
        ("import os; os.kill(os.getpid(), 9)", 128 + 9),
    ],
)
def test_a_child_s_exit_code_is_passed_on(tmp_path, code, expected):
    assert run(python(code), tmp_path) == Ending(expected)


def test_the_guard_s_own_exit_code_is_the_child_s(tmp_path):
    with guarded(python("import sys; sys.exit(7)"), Start(tmp_path), Rule()) as child:
        child.wait(20)
        assert child._guard.wait() == 7


def test_a_program_that_cannot_be_started_is_127_and_says_why(tmp_path):
    with (tmp_path / "errors").open("wb") as errors:
        assert run(["./absent"], tmp_path, errors=errors) == Ending(127)
    assert (tmp_path / "errors").read_text() == "./absent: No such file or directory\n"


def test_the_child_has_a_session_and_a_group_that_are_not_ours(tmp_path):
    code = "import os; print(os.getsid(0), os.getpgid(0) == os.getpid())"
    with (tmp_path / "output").open("wb") as output:
        run(python(code), tmp_path, output=output)
    session, leads = (tmp_path / "output").read_text().split()
    assert int(session) != os.getsid(0) and leads == "True"


def test_the_child_gets_the_environment_that_was_given_and_no_other(tmp_path):
    with (tmp_path / "output").open("wb") as output:
        run(["/usr/bin/env"], tmp_path, env={"ONLY": "this", "LANG": "C.UTF-8"}, output=output)
    assert (tmp_path / "output").read_text() == "ONLY=this\nLANG=C.UTF-8\n"


def test_a_heartbeat_keeps_the_child_alive(tmp_path, listener, ready, heard):
    with guarded(listener(), Start(tmp_path), Rule(silence=1)) as child:
        ready()
        for _ in range(14):
            child.beat()
            assert child.wait(0.1) is None
        assert heard() == []


def test_silence_interrupts_the_child_once(tmp_path, listener, ready, heard):
    with guarded(listener(linger=1), Start(tmp_path), Rule(silence=0.4)) as child:
        ready()
        assert child.wait(20) == Ending(3, "silence")
    assert heard() == ["SIGINT"]


def test_the_end_of_the_block_interrupts_the_child_once_and_waits_for_it(tmp_path, listener, ready, heard):
    with guarded(listener(linger=0.6), Start(tmp_path), Rule(silence=0.2)) as child:
        pid = ready()
        child.interrupt()
        child.interrupt()
        child.beat()
    assert heard() == ["SIGINT"]
    assert child.wait(0) == Ending(3, "hangup")
    assert not is_alive(pid)


def test_silence_after_the_hangup_and_a_hangup_after_silence_send_no_second_signal(
    tmp_path, listener, ready, heard
):
    with guarded(listener(linger=0.8), Start(tmp_path), Rule(silence=0.2)) as child:
        ready()
        until(heard)
        child.interrupt()
        assert child.wait(20).interrupted == "silence"
    assert heard() == ["SIGINT"]


def test_only_the_child_is_interrupted_and_not_what_it_started(tmp_path, listener, ready, heard):
    """Terraform's providers have to live until it has saved what they made."""
    script = 'trap "sleep 0.3; exit 3" INT; "$@" & wait'
    with guarded(["/bin/sh", "-c", script, "sh", *listener()], Start(tmp_path), Rule()) as child:
        ready()
        child.interrupt()
        assert child.wait(20) == Ending(3, "hangup")
    assert heard() == []


def test_a_child_that_does_not_end_within_the_grace_is_killed_with_its_whole_group(tmp_path):
    code = f"""
        import os, pathlib, signal, subprocess, sys, time
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        below = subprocess.Popen([{sys.executable!r}, "-c", "import time; time.sleep(60)"])
        pathlib.Path("below").write_text(str(below.pid))
        time.sleep(60)
    """
    with guarded(python(code), Start(tmp_path), Rule(grace=0.3)) as child:
        below = int(until(lambda: (tmp_path / "below").exists() and (tmp_path / "below").read_text()))
        child.interrupt()
        assert child.wait(20) == Ending(128 + signal.SIGKILL, "hangup", killed=True)
    until(lambda: not is_alive(below))


def test_what_a_child_leaves_in_its_group_is_ended_with_it(tmp_path):
    run(["/bin/sh", "-c", "sleep 60 & echo $! > below"], tmp_path)
    until(lambda: not is_alive(int((tmp_path / "below").read_text())))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_terminal_s_signals_move_neither_the_guard_nor_the_child(tmp_path, listener, ready, heard, number):
    with guarded(listener(), Start(tmp_path), Rule()) as child:
        ready()
        child._guard.send_signal(number)
        os.killpg(os.getpgid(child._guard.pid), number)
        assert child.wait(0.2) is None
        assert child._guard.poll() is None and heard() == []


def test_a_service_is_ended_with_sigterm_and_by_no_silence(tmp_path, listener, ready, heard):
    with guarded(listener(0), Start(tmp_path), Rule(signal.SIGTERM, math.inf, 10)) as child:
        ready()
        assert child.wait(0.5) is None
    assert heard() == ["SIGTERM"]


def test_a_killed_worker_s_child_is_interrupted_once(listener, ready, heard, worker):
    process = worker(20, listener(linger=0.4))
    pid = ready()
    process.kill()
    until(lambda: not is_alive(pid))
    assert heard() == ["SIGINT"]


def test_a_killed_worker_s_service_is_ended_too(tmp_path, listener, ready, heard, worker):
    process = worker(math.inf, listener())
    pid = ready()
    process.kill()
    until(lambda: not is_alive(pid))


def test_a_frozen_worker_s_child_is_interrupted_once_also_after_the_thaw(listener, ready, heard, worker):
    process = worker(0.5, listener(linger=1))
    pid = ready()
    process.send_signal(signal.SIGSTOP)
    until(heard)
    process.send_signal(signal.SIGCONT)
    until(lambda: not is_alive(pid))
    assert process.wait(10) == 0
    assert heard() == ["SIGINT"]


def test_a_child_whose_guard_was_killed_runs_on_and_its_end_is_still_seen(tmp_path, listener, ready, heard):
    with guarded(listener(), Start(tmp_path), Rule(silence=0.3)) as child:
        pid = ready()
        assert child.pid is None or child.pid == pid
        child._guard.kill()
        assert child.wait(0.8) is None
        os.kill(pid, signal.SIGHUP)
        assert child.wait(20) == Ending(None)
    assert heard() == ["SIGHUP"]


def test_a_child_whose_guard_was_killed_is_interrupted_by_the_worker_once(tmp_path, listener, ready, heard):
    with guarded(listener(), Start(tmp_path), Rule()) as child:
        ready()
        child._guard.kill()
        child._guard.wait()
        child.interrupt()
        child.interrupt()
        assert child.wait(20) == Ending(None)
    assert heard() == ["SIGINT"]


@pytest.mark.parametrize("kill_first", [True, False])
def test_a_child_whose_guard_was_killed_and_that_ignores_its_interrupt_is_killed_after_the_grace(
    tmp_path, kill_first
):
    code = f"""
        import pathlib, signal, subprocess, sys, time
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        below = subprocess.Popen([{sys.executable!r}, "-c", "import time; time.sleep(60)"])
        pathlib.Path("below").write_text(str(below.pid))
        time.sleep(60)
    """
    with guarded(python(code), Start(tmp_path), Rule(grace=1.0)) as child:
        below = int(until(lambda: (tmp_path / "below").exists() and (tmp_path / "below").read_text()))
        until(lambda: child.wait(0.01) or child.pid)
        if not kill_first:
            child.interrupt()
        child._guard.kill()
        child._guard.wait()
        began = time.monotonic()
        child.interrupt()
        assert child.wait(0.4) is None
        assert child.wait(20) == Ending(None, killed=True)
        assert time.monotonic() - began < 5
    until(lambda: not is_alive(below))


@pytest.fixture
def crowded():
    """Have more descriptors open than select() takes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    many = 1200
    if hard != resource.RLIM_INFINITY and hard < many:
        pytest.skip(f"no process may open more than {hard} files here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, many), hard))
    with contextlib.ExitStack() as opened:
        opened.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for _ in range(1100):
            opened.enter_context(Path(os.devnull).open("rb"))
        yield


@pytest.mark.usefixtures("crowded")
def test_a_worker_with_thousands_of_open_files_loses_no_child(tmp_path, listener, ready, heard):
    with guarded(listener(), Start(tmp_path), Rule(silence=1)) as child:
        ready()
        for _ in range(14):
            child.beat()
            assert child.wait(0.1) is None
        assert child._result > 1024 and heard() == []
        child.interrupt()
        assert child.wait(20) == Ending(3, "hangup")


def test_an_ended_child_s_pid_is_never_signalled(tmp_path, monkeypatch):
    with guarded(["/bin/sleep", "0.3"], Start(tmp_path), Rule()) as child:
        until(lambda: child.wait(0.01) or child.pid)
        child._guard.wait()
        monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("a signal to who knows whom"))
        child.interrupt()
        assert child.wait(20) == Ending(0)


def test_a_beat_never_blocks_and_never_fails(tmp_path):
    with guarded(python("import time; time.sleep(0.5)"), Start(tmp_path), Rule()) as child:
        child._guard.send_signal(signal.SIGSTOP)
        for _ in range(70_000):  # a pipe holds 65,536 bytes
            child.beat()
        child._guard.send_signal(signal.SIGCONT)
        assert child.wait(20) == Ending(0)
        child.beat()
    child.beat()


def test_a_hangup_while_the_child_ends_hangs_nobody(tmp_path):
    for delay in (0, 0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.1):
        with guarded(["/bin/sh", "-c", "exit 5"], Start(tmp_path), Rule(grace=5)) as child:
            time.sleep(delay)
        assert child.wait(0).code in {5, 128 + signal.SIGINT}


def test_signals_work_in_the_child_of_a_worker_that_ignores_and_blocks_them(tmp_path):
    code = """
        import signal
        print([signal.getsignal(number) == signal.SIG_DFL for number in (signal.SIGTERM, signal.SIGHUP)])
        print(signal.pthread_sigmask(signal.SIG_BLOCK, []))
    """
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD, signal.SIGINT])
    try:
        with (tmp_path / "output").open("wb") as output:
            assert run(python(code), tmp_path, output=output) == Ending(0)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGTERM, before)
    assert (tmp_path / "output").read_text() == "[True, True]\nset()\n"


def test_a_broken_pipe_ends_the_child_although_python_ignores_it(tmp_path):
    assert run(["/bin/sh", "-c", "kill -PIPE $$"], tmp_path) == Ending(128 + signal.SIGPIPE)


def test_a_worker_s_other_children_do_not_hold_the_beats_open(tmp_path, listener, ready, heard):
    with guarded(listener(), Start(tmp_path), Rule()) as child:
        ready()
        with subprocess.Popen(["/bin/sleep", "60"]) as other:
            child.interrupt()
            assert child.wait(20) == Ending(3, "hangup")
            other.kill()


def test_two_guards_do_not_hold_each_other_s_beats_open(tmp_path, listener, ready):
    with (
        guarded(listener(), Start(tmp_path), Rule()) as first,
        guarded(python("import time; time.sleep(60)"), Start(tmp_path), Rule()),
    ):
        ready()
        first.interrupt()
        assert first.wait(20) == Ending(3, "hangup")


SIGN = Rule(silence=0.3, sign="it has begun", patience=20)


@pytest.fixture
def silent(tmp_path):
    """A child that says only when it is told to, to a file, that it has begun; it writes down every signal."""
    speak = """
        import pathlib, signal, sys, time
        heard, go = pathlib.Path("heard"), pathlib.Path("go")
        signal.signal(signal.SIGINT, lambda *_: heard.open("a").write("SIGINT\\n"))
        pathlib.Path("ready").write_text(str(__import__("os").getpid()))
        while not go.exists():
            time.sleep(0.01)
        print("it has ", end="", flush=True)
        time.sleep(0.1)
        print("begun", flush=True)
        while not heard.exists():
            time.sleep(0.01)
        time.sleep(0.3)
        sys.exit(3)
    """
    with (tmp_path / "output").open("w+b") as output:
        yield lambda rule: guarded(python(speak), Start(tmp_path, output=output), rule)


def test_the_signal_is_held_back_until_the_child_prints_its_sign_and_is_sent_once(
    tmp_path, silent, ready, heard
):
    with silent(SIGN) as child:
        ready()
        assert child.wait(0.8) is None and heard() == []  # the silence was over long ago
        child.interrupt()
        assert child.wait(0.3) is None and heard() == []
        (tmp_path / "go").touch()
        assert child.wait(20) == Ending(3, "silence")
    assert heard() == ["SIGINT"]


def test_a_sign_that_was_printed_before_holds_nothing_back(tmp_path, silent, ready, heard):
    with silent(replace(SIGN, silence=20)) as child:
        (tmp_path / "go").touch()
        until(lambda: b"it has begun" in (tmp_path / "output").read_bytes())
        child.interrupt()
        assert child.wait(20) == Ending(3, "hangup")
    assert heard() == ["SIGINT"]


def test_a_sign_that_never_comes_is_waited_for_no_longer_than_the_patience(tmp_path, silent, ready, heard):
    with silent(replace(SIGN, patience=0.3, grace=0.5)) as child:
        ready()
        assert child.wait(20) == Ending(128 + signal.SIGKILL, "silence", killed=True)
    assert heard() == ["SIGINT"]


def test_a_sign_in_an_output_that_nobody_can_read_is_not_waited_for(tmp_path, listener, ready, heard):
    with (
        (tmp_path / "output").open("wb") as output,
        guarded(listener(), Start(tmp_path, output=output), SIGN) as child,
    ):
        ready()
        assert child.wait(10) == Ending(3, "silence")
    assert heard() == ["SIGINT"]


def test_a_child_that_ends_while_its_signal_is_held_back_was_interrupted_by_nobody(tmp_path):
    with (tmp_path / "output").open("w+b") as output:
        begun = guarded(python("import time; time.sleep(0.5)"), Start(tmp_path, output=output), SIGN)
        with begun as child:
            child.interrupt()
            assert child.wait(20) == Ending(0)


def test_nothing_is_left_open(tmp_path):
    before = set(Path("/proc/self/fd").iterdir())
    for _ in range(3):
        run(python(""), tmp_path)
    with pytest.raises(FileNotFoundError):
        run(python(""), tmp_path / "absent")
    assert set(Path("/proc/self/fd").iterdir()) == before
