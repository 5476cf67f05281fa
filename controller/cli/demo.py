"""`demo`: the whole product played on this machine, with nothing but what is installed."""

import json as jsonlib
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel
from rich.table import Table

from controller.cli.opened import stop_at_signal
from controller.cli.play import Play, SceneFailed, Script, Seen
from controller.cli.stack import Stack, running_stack

REHEARSAL = Script(
    first="kind: sandbox\nname: orders\nenvironment: dev\nparameters:\n  size: small\n  message: Hello from payments\n",
    second="kind: sandbox\nname: orders\nenvironment: dev\nparameters:\n  size: medium\n  message: Hello from payments\n",
    wrong="kind: sandbox\nname: orders\nenvironment: dev\nparameters:\n  size: gigantic\n  mesage: Hello from payments\n",
    third="kind: sandbox\nname: orders\nenvironment: dev\nparameters:\n  size: large\n  message: Hello from payments\n",
    ends="destroys orders (sandbox)",
)


@dataclass(frozen=True)
class Step:
    """One line of the closing table; `seconds` is how long it took."""

    step: str
    happened: str
    seconds: float
    ok: bool


def run(
    json: Annotated[
        bool, typer.Option("--json", help="Print the closing table as one line of JSON.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave everything running afterwards, until ^C.")
    ] = False,
    cloud: Annotated[
        str, typer.Option(help="`aws`: play it with a bucket, on moto and the real AWS provider.")
    ] = "",
) -> None:
    """Play four pull requests from opening to infrastructure; exit 0 only if each step was seen on GitHub in a box."""
    # In scripts standard output is for the data.
    console = Console(stderr=json)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    steps: list[Step] = []
    try:
        with ExitStack() as parts:
            started = time.monotonic()
            stack, script = _start(parts, cloud)
            steps.append(
                _told(
                    console, Step("start everything", stack.controller, time.monotonic() - started, ok=True)
                )
            )
            complete = _play(console, Play(stack, script), steps)
            _close(console, steps, json=json)
            if keep and complete:
                _keep(console, stack)
    except KeyboardInterrupt:
        console.print("stopped")
        raise typer.Exit(130) from None
    raise typer.Exit(0 if complete else 1)


def _start(parts: ExitStack, cloud: str) -> tuple[Stack, Script]:
    folder = parts.enter_context(
        tempfile.TemporaryDirectory(prefix="infrautomater-demo-", ignore_cleanup_errors=True)
    )
    if cloud:
        from controller.cli.cloud import aws_in_a_box  # noqa: PLC0415 -- moto is an extra, and slow to load

        extra, script = parts.enter_context(aws_in_a_box(Path(folder)))
        return parts.enter_context(running_stack(Path(folder), extra)), script
    return parts.enter_context(running_stack(Path(folder))), REHEARSAL


def _play(console: Console, play: Play, steps: list[Step]) -> bool:
    """Play scene after scene; the first that does not show what it must ends the play."""
    for name, scene in play.scenes():
        step, seen = _scene(console, name, scene)
        steps.append(_told(console, step))
        if seen is None:
            return False
        if seen.comment:
            console.print(Panel(Markdown(_visible(seen.comment)), title="controller", title_align="left"))
    return True


def _scene(console: Console, name: str, scene: Callable[[], Seen]) -> tuple[Step, Seen | None]:
    started = time.monotonic()
    with console.status(name):
        try:
            seen = scene()
        except SceneFailed as failed:
            return Step(name, str(failed), time.monotonic() - started, ok=False), None
    return Step(seen.step, seen.happened, time.monotonic() - started, ok=True), seen


def _told(console: Console, step: Step) -> Step:
    mark = "[green]✓[/]" if step.ok else "[red]✗[/]"
    console.print(
        mark, f"{step.step}:", step.happened, f"({step.seconds:.1f} s)", highlight=False, markup=True
    )
    return step


def _visible(comment: str) -> str:
    return "\n".join(line for line in comment.splitlines() if not line.startswith("<!--"))


def _close(console: Console, steps: list[Step], *, json: bool) -> None:
    if json:
        table = [asdict(step) | {"seconds": round(step.seconds, 2)} for step in steps]
        total = round(sum(step.seconds for step in steps), 2)
        ok = all(step.ok for step in steps)
        sys.stdout.write(
            jsonlib.dumps({"ok": ok, "seconds": total, "steps": table}, ensure_ascii=False) + "\n"
        )
        sys.stdout.flush()
        return
    table_shown = Table("Step", "What happened", "Seconds")
    for step in steps:
        table_shown.add_row(step.step, step.happened, f"{step.seconds:.1f}")
    console.print(table_shown)
    if all(step.ok for step in steps):
        console.print(
            "All of it was seen on GitHub in a box. `infrautomater sandbox` leaves one running, to be clicked through."
        )


def _keep(console: Console, stack: Stack) -> None:
    console.print(
        f"Left running: {stack.github}/{stack.repository}/pulls and {stack.controller}. ^C ends everything."
    )
    stop_at_signal().wait()
