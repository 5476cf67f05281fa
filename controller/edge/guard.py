"""The guard: a small process that outlives its worker, and stops a child in good order when the worker falls silent.

    python -I -S guard.py BEATS RESULT SIGNAL SILENCE GRACE SIGN PATIENCE PROGRAM [ARGUMENT …]

It is a program of its own, started by `controller.edge.guarded` and by nobody else: standard library only, nothing of
ours, so that it is up in a few hundredths of a second. BEATS and RESULT are numbers of inherited descriptors, SIGNAL is
a number, SILENCE, GRACE and PATIENCE are seconds, `inf` for never.

- PROGRAM runs in a process group of its own, with the guard's directory, environment and streams (where no locale is
  set Python adds LC_CTYPE to an environment: https://peps.python.org/pep-0538/).
- Every byte read from BEATS is a heartbeat. At end of file (the worker closed it, or died), or after SILENCE without a
  byte (the worker is frozen, or its lease is not renewed), the child's pid gets SIGNAL, exactly once, and nothing else
  of ours: a second SIGINT makes Terraform drop what it has not saved, and SIGTERM to its group ends the providers first,
  so that a cloud object exists that is in no state. GRACE later the whole group gets SIGKILL.
- Where SIGN is a text, the signal is held back until PROGRAM has printed it, for PATIENCE at most: Terraform takes a SIGINT
  that comes before its apply has begun to walk, and then applies everything all the same (run: 1.11). What it prints goes
  to a file then, which is open for reading too.
- RESULT tells, as lines of JSON, first `{"pid": 4711}`, last `{"code": 1, "interrupted": "silence", "killed": false}`;
  `interrupted` is `silence`, `hangup` or empty. The child holds RESULT open too: an end of file without a last line says
  that the guard was killed *and* that nothing of the child lives any more.
- The guard ends with the child's exit code, 128 + n where signal n ended it, 127 where it could not be started.

Signals meant for a terminal's or a service's processes (SIGINT, SIGTERM, SIGHUP) do nothing to the guard: all stops come
through BEATS. Only SIGKILL ends it before its child. Then the child runs on as an orphan, and finishes alone; nobody
interrupts it unless the worker still lives and does; the worker then kills it, too, where it has not ended after GRACE.
"""

import _signal as signal  # what `signal` adds is enumerations, which take a quarter of this program's start
import os
import select
import sys
import time

UNSTARTABLE = 127
"""The exit code of a program that could not be started, as in a shell."""

OUTPUT = 1
LOOK = 0.05
"""Seconds between two looks for the sign, while the signal is held back."""


class Order:
    """What the guard was asked to do: `beats` and `result` are descriptors; `silence`, `grace`, `patience` seconds."""

    def __init__(self, arguments: list[str]) -> None:
        beats, result, number, silence, grace, self.sign, patience, *self.program = arguments
        self.beats, self.result, self.signal = int(beats), int(result), int(number)
        self.silence, self.grace, self.patience = float(silence), float(grace), float(patience)


class Sign:
    """A text that the child prints on standard output, which is looked through without moving where it writes."""

    def __init__(self, text: str) -> None:
        self._text = os.fsencode(text)
        self._seen = b""
        self._read = 0

    def is_printed(self) -> bool:
        """Whether it is there; where nobody can tell it is not waited for."""
        while self._text not in self._seen:
            try:
                news = os.pread(OUTPUT, 65536, self._read)
            except OSError:
                return True
            if not news:
                return False
            self._read += len(news)
            self._seen = self._seen[-len(self._text) :] + news
        return True


class Watch:
    """One child, from its start to its end."""

    def __init__(self, order: Order, pid: int, alarm: int) -> None:
        self._order = order
        self._pid = pid
        self._alarm = alarm
        self._until = time.monotonic() + order.silence
        self._sign = Sign(order.sign)
        self._why = ""
        self._patience = float("inf")
        self.interrupted = ""
        self.killed = False

    def run(self) -> int:
        """Watch until the child has ended; its exit code, 128 + n for signal n.

        The child's pid cannot be somebody else's when it is signalled: it is free only once this process, its parent,
        has reaped it.
        """
        while (code := self._reap()) is None:
            self._listen()
        return code

    def _reap(self) -> int | None:
        pid, status = os.waitpid(self._pid, os.WNOHANG)
        if not pid:
            return None
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code

    def _listen(self) -> None:
        """Sleep until something happens, and answer it.

        Once it is to be stopped the beats are not listened to any more, so that end of file after silence is no second
        signal.
        """
        ready = _readable([self._alarm] if self._why else [self._alarm, self._order.beats], self._until)
        if self._alarm in ready:
            os.read(self._alarm, 4096)  # the child may have ended; that comes before everything else
        elif self._order.beats in ready:
            self._hear()
        elif time.monotonic() >= self._until:
            self._run_out()

    def _hear(self) -> None:
        if os.read(self._order.beats, 4096):
            self._until = time.monotonic() + self._order.silence
        else:
            self._stop("hangup")

    def _run_out(self) -> None:
        if self.interrupted:
            self._kill()
        elif not self._why:
            self._stop("silence")
        elif time.monotonic() >= self._patience or self._sign.is_printed():
            self._interrupt()
        else:
            self._until = time.monotonic() + LOOK

    def _stop(self, why: str) -> None:
        """Have the child stopped, as soon as it may be."""
        self._why = why
        self._until = time.monotonic()
        self._patience = self._until + self._order.patience

    def _interrupt(self) -> None:
        self.interrupted = self._why
        self._until = time.monotonic() + self._order.grace
        os.kill(self._pid, self._order.signal)

    def _kill(self) -> None:
        self.killed = True
        self._until = float("inf")
        os.kill(self._pid, signal.SIGKILL)
        _end_group(self._pid)


def _readable(sources: list[int], until: float) -> list[int]:
    pause = None if until == float("inf") else max(0.0, until - time.monotonic())
    poll = select.poll()  # unlike select() it takes descriptors of any number: a worker may have thousands
    for source in sources:
        poll.register(source, select.POLLIN)
    return [source for source, _ in poll.poll(None if pause is None else pause * 1000)]


def _end_group(group: int) -> None:
    """SIGKILL what is left in a process group; nothing where it is empty."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        return


def _ignore(number: int, frame: object) -> None:
    """Do nothing; unlike SIG_IGN a handler is not inherited by the child."""


def _alarm() -> int:
    """A descriptor that is readable after SIGCHLD; the signals that are not for us are swallowed.

    The worker's thread that started us may have blocked signals, and a mask is inherited.
    """
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    readable, writable = os.pipe()
    os.set_blocking(readable, False)
    os.set_blocking(writable, False)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ignore)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    return readable


def _start(program: list[str]) -> int:
    """Start the child in a group of its own; the signals that Python ignores work in it as usual."""
    return os.posix_spawnp(
        program[0],
        program,
        os.environ,
        setpgroup=0,
        setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
    )


def _tell(result: int, line: str) -> None:
    """Say something to the worker, who may be gone."""
    try:
        os.write(result, line.encode() + b"\n")
    except BrokenPipeError:
        return


def _guard(order: Order) -> int:
    os.set_inheritable(order.beats, False)  # RESULT stays inheritable: see above
    alarm = _alarm()
    try:
        pid = _start(order.program)
    except OSError as error:
        os.write(2, f"{order.program[0]}: {error.strerror}\n".encode())
        _tell(order.result, f'{{"code": {UNSTARTABLE}, "interrupted": "", "killed": false}}')
        return UNSTARTABLE
    _tell(order.result, f'{{"pid": {pid}}}')
    watch = Watch(order, pid, alarm)
    code = watch.run()
    _end_group(pid)  # what the child left in its group; the number cannot be somebody else's that soon
    killed = "true" if watch.killed else "false"
    _tell(order.result, f'{{"code": {code}, "interrupted": "{watch.interrupted}", "killed": {killed}}}')
    return code


if __name__ == "__main__":
    # Nothing is left to flush or to close, and an interpreter's own end takes longer than this whole program's start.
    os._exit(_guard(Order(sys.argv[1:])))
