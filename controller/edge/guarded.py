"""Start a program under the guard, and hear of its end: the worker's side of `controller.edge.guard`.

    with guarded(["valkey-server"], Start(folder), Rule(signal.SIGTERM, silence=math.inf)) as child:
        ...

Whatever happens to this process, the program is stopped in good order: at the end of the block, at its crash, its freeze
(where `silence` is finite and `beat` is called) and its SIGKILL.
"""

import contextlib
import json
import math
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

GUARD = Path(__file__).with_name("guard.py")
LOOK = 1.0
"""Seconds between two looks whether a program that is to end must be killed in place of a guard that is gone."""


@dataclass(frozen=True)
class Rule:
    """How a program is stopped.

    Attributes:
        signal: sent once, to its pid.
        silence: seconds without a heartbeat after which it is stopped; `math.inf` where only this process' end counts.
        grace: seconds from that signal to SIGKILL for its whole process group.
        sign: what the program prints once the signal will not be lost on it; its output is then a file that can be read.
        patience: seconds for which the signal is held back at most, waiting for that.
    """

    signal: int = signal.SIGINT
    silence: float = 20.0
    grace: float = 600.0
    sign: str = ""
    patience: float = 30.0


SERVICE = Rule(signal.SIGTERM, silence=math.inf, grace=10.0)
"""For a server that is to live as long as this process."""


@dataclass(frozen=True)
class Start:
    """What a program starts with; None is what this process has, for the streams `/dev/null`.

    `keep` are descriptors that guard and program inherit.
    """

    folder: Path
    env: Mapping[str, str] | None = field(default=None, repr=False)
    output: IO[bytes] | None = None
    errors: IO[bytes] | None = None
    keep: tuple[int, ...] = ()


@dataclass(frozen=True)
class Ending:
    """How a program ended.

    Attributes:
        code: its exit code, 128 + n for signal n, 127 where it could not be started; None where the guard was killed
            from outside, so that nobody knows.
        interrupted: why the guard stopped it: `hangup` (we said so, or died), `silence`, or empty: it ended by itself.
        killed: it did not end within the grace.
    """

    code: int | None
    interrupted: str = ""
    killed: bool = False


class Guarded:
    """A program under the guard. All methods may be called from any thread."""

    def __init__(self, program: Sequence[str], start: Start, rule: Rule) -> None:
        heard, beats = os.pipe()
        self._result, result = os.pipe()
        os.set_blocking(beats, False)
        os.set_blocking(self._result, False)
        self._beats: int | None = beats
        self._lock = threading.Lock()
        self._said = b""
        self._rule = rule
        self._until = math.inf
        self._killed = False
        try:
            self._guard = _popen(guard_argv(program, rule, (heard, result)), start, (heard, result))
        except BaseException:
            os.close(beats)
            os.close(self._result)
            raise
        finally:
            os.close(heard)
            os.close(result)

    @property
    def pid(self) -> int | None:
        """The program's, None as long as it is not started, or where it could not be."""
        return next((line["pid"] for line in self._lines() if "pid" in line), None)

    def beat(self) -> None:
        """Tell the guard that all is well; never blocks, and does nothing once the program was stopped."""
        with self._lock, contextlib.suppress(BlockingIOError, BrokenPipeError):
            if self._beats is not None:
                os.write(self._beats, b".")

    def interrupt(self) -> None:
        """Have the program stopped; the second call and all later ones do nothing."""
        with self._lock:
            if self._beats is None:
                return
            os.close(self._beats)
            self._beats = None
            patience = self._rule.patience if self._rule.sign else 0.0
            self._until = time.monotonic() + patience + self._rule.grace
        if self._guard.poll() is not None:
            self._interrupt_orphan()

    def wait(self, seconds: float = math.inf) -> Ending | None:
        """Wait for the program's end, at most so long; None where it runs on."""
        until = time.monotonic() + seconds
        while (ending := self._ending()) is None:
            self._kill_orphan()
            left = until - time.monotonic()
            if not self._listen(max(0.0, min(left, LOOK))) and left <= LOOK:
                return None
        return ending

    def close(self) -> None:
        """Stop the program, wait for its end, and give back what it took here."""
        self.interrupt()
        self.wait()
        self._guard.wait()
        with self._lock:
            os.close(self._result)

    def _interrupt_orphan(self) -> None:
        """Interrupt a program whose guard was killed: nobody else will.

        It lives, or it would not hold the result pipe open.
        """
        if self.wait(0) is None and self.pid is not None:
            self._until = time.monotonic() + self._rule.grace
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, self._rule.signal)

    def _kill_orphan(self) -> None:
        """Kill a program whose guard was killed, with its whole group, once its grace is over: nobody else will.

        Its lease is renewed as long as we wait for it. A guard that lives does this itself, and more exactly.
        """
        if time.monotonic() < self._until or self._guard.poll() is None:
            return
        self._listen(0)  # the guard may have told of its end before its own
        if self._ending() is None and self.pid is not None:
            self._until, self._killed = math.inf, True
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def _listen(self, seconds: float) -> bool:
        poll = select.poll()  # unlike select() it takes descriptors of any number
        poll.register(self._result, select.POLLIN)
        ready = poll.poll(seconds * 1000)
        with self._lock, contextlib.suppress(BlockingIOError):  # another thread may have heard it first
            if ready:
                self._said += os.read(self._result, 4096) or self._unknown()
        return bool(ready)

    def _unknown(self) -> bytes:
        """What a guard that was killed did not say."""
        return json.dumps({"code": None, "killed": self._killed}).encode() + b"\n"

    def _ending(self) -> Ending | None:
        endings = (line for line in self._lines() if "code" in line)
        return next((Ending(**line) for line in endings), None)

    def _lines(self) -> Iterator[Mapping[str, Any]]:
        return (json.loads(line) for line in self._said.splitlines(keepends=True) if line.endswith(b"\n"))


@contextlib.contextmanager
def guarded(program: Sequence[str], start: Start, rule: Rule) -> Iterator[Guarded]:
    """Run a program for the length of a block; at its end it is stopped, and waited for."""
    child = Guarded(program, start, rule)
    try:
        yield child
    finally:
        child.close()


def guard_argv(program: Sequence[str], rule: Rule, pipes: tuple[int, int]) -> tuple[str, ...]:
    """The guard's command line; `pipes` are the descriptors it reads beats from, and tells the result to."""
    order = (*pipes, int(rule.signal), rule.silence, rule.grace, rule.sign, rule.patience)
    return (sys.executable, "-I", "-S", str(GUARD), *map(str, order), *program)


def _popen(argv: Sequence[str], start: Start, pipes: tuple[int, ...]) -> "subprocess.Popen[bytes]":
    """Start the guard in a session of its own, where no terminal's signal reaches it."""
    return subprocess.Popen(
        argv,
        cwd=start.folder,
        env=None if start.env is None else dict(start.env),
        stdin=subprocess.DEVNULL,
        stdout=start.output or subprocess.DEVNULL,
        stderr=start.errors or subprocess.DEVNULL,
        pass_fds=(*pipes, *start.keep),
        start_new_session=True,
    )
