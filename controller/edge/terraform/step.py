"""One step of Terraform under the guard: start it, beat, follow it, and stop it where it must not go on."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from controller.core.stream import readable
from controller.edge.guarded import Ending, Guarded, Rule, Start, guarded
from controller.edge.terraform.disk import said_if_full
from controller.edge.terraform.folder import Folder, open_private
from controller.edge.terraform.narrator import Narrator
from controller.errors import TerraformFailed, TerraformKilled, TerraformStopped, TerraformTimedOut
from controller.ports import Pulse

LOOK = 0.3
"""Seconds between two looks at what a step has printed, at its deadline and at its pulse; its end wakes us at once."""

SIGNALLED = 128
"""A code above it is that of a program which a signal ended, as in a shell; Terraform's own are 0 to 2, and 11 for a crash."""


@dataclass(frozen=True)
class Step:
    """What is to be run.

    Attributes:
        name: what it is called in messages.
        argv: the whole command line.
        env: its environment.
        deadline: in seconds.
        secret: its output is no matter for logs and errors.
        sign: what it prints once an interrupt will not be lost on it; empty where it never is.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    deadline: float
    secret: bool = False
    sign: str = ""


@dataclass(frozen=True)
class Runner:
    """Runs steps in one folder, under one pulse."""

    folder: Folder
    pulse: Pulse
    rule: Rule
    log: Callable[[str], None]

    def run(self, step: Step) -> str:
        """Run a step; what it printed on standard output.

        Raises:
            TerraformFailed: it ended in an error of its own.
            TerraformTimedOut: it was interrupted at its deadline.
            TerraformStopped: it was interrupted, or not begun, since the pulse was lost or silent.
            TerraformKilled: somebody else ended it, or its guard.
        """
        if self.pulse.is_lost():
            raise TerraformStopped(step.name)
        with self._printed(step) as printed:
            ending, why = self._watch(step, printed)
            output, errors = (path.read_text("utf-8", errors="replace") for path in printed)
        if ending.code != 0:
            failed = why or _reason(ending)
            words = _words(ending) + said_if_full(
                self.folder.path
            )  # a plan that was cut off is not called that
            raise failed(step.name, "" if step.secret else output, errors + words)
        return output

    def tell(self, word: str) -> None:
        """Say something in the log, if it can be reached."""
        with contextlib.suppress(Exception):
            self.log(word)

    @contextlib.contextmanager
    def _printed(self, step: Step) -> Iterator[tuple[Path, Path]]:
        """The files for what it prints, which outlive this process, unlike a pipe; gone once they were read."""
        paths = tuple(self.folder.path / f"{step.name}.{stream}" for stream in ("output", "errors"))
        try:
            yield paths[0], paths[1]
        finally:
            for path in paths:
                path.unlink(missing_ok=True)

    def _watch(self, step: Step, printed: tuple[Path, Path]) -> tuple[Ending, type[TerraformFailed] | None]:
        """Follow a step to its end; how it ended, and why it was stopped, if it was stopped by us."""
        told = printed[1:] if step.secret else printed
        narrator = Narrator(self.log, readable)
        why = None
        until = time.monotonic() + step.deadline
        with self._started(step, printed) as child, self.pulse.listen(child.beat):
            while (ending := child.wait(LOOK)) is None:
                narrator.tell(*told)
                why = why or self._stop(child, until)
        narrator.tell(*told, last=True)
        return ending, why

    @contextlib.contextmanager
    def _started(self, step: Step, printed: tuple[Path, Path]) -> Iterator[Guarded]:
        with open_private(printed[0]) as output, open_private(printed[1]) as errors:
            start = Start(self.folder.root, step.env, output, errors, keep=(self.folder.lock,))
            with guarded(step.argv, start, replace(self.rule, sign=step.sign)) as child:
                yield child

    def _stop(self, child: Guarded, until: float) -> type[TerraformFailed] | None:
        """Stop a step that must not go on; the reason. It ends later, once Terraform has saved its state."""
        if self.pulse.is_lost():
            child.interrupt()
            return TerraformStopped
        if time.monotonic() >= until:
            child.interrupt()
            return TerraformTimedOut
        return None


def _words(ending: Ending) -> str:
    """What Terraform itself could not say of its end."""
    if ending.killed:
        return "Terraform did not end in time after its interrupt, and was killed: its state may lack what it did last.\n"
    if ending.code is not None and ending.code > SIGNALLED and not ending.interrupted:
        return f"Terraform was ended by signal {ending.code - SIGNALLED}, which was not the controller's.\n"
    if ending.code is None:
        return "Terraform's guard was killed. Terraform ran on alone and has ended; how, nobody knows.\n"
    return ""


def _reason(ending: Ending) -> type[TerraformFailed]:
    if ending.interrupted:
        return TerraformStopped
    return TerraformKilled if ending.code is None or ending.code > SIGNALLED else TerraformFailed
