"""execute: one run carried out under its lease: init, plan, covered?, apply or hold."""

from collections.abc import Mapping
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

from controller.core.environment import Mode
from controller.core.hold import missing
from controller.core.kind import Kind
from controller.core.outcome import (
    Applied,
    Cause,
    Destroyed,
    Failed,
    Interrupted,
    Planned,
    failure,
    leaves_state,
)
from controller.core.plan import Plan, read_plan
from controller.core.run import Ended, Held, Run
from controller.core.stream import Stream, read_stream
from controller.core.verdict import judge
from controller.errors import (
    FenceLost,
    LedgerError,
    TerraformAbsent,
    TerraformFailed,
    TerraformKilled,
    TerraformStopped,
    TerraformTimedOut,
)
from controller.pipeline.catch_up import catch_up
from controller.pipeline.spool import record
from controller.pipeline.unlock import explained, release_left
from controller.ports import Claimed, GivenBack, Job, Ports, Pulse, TerraformSession

NOT_HERE = (
    "The environment keeps its state on one machine (`local`), and this controller may have several: name a remote backend "
    "in the environment's `state`, or set INFRAUTOMATER_SINGLE_MACHINE=true where there is only one."
)
STOPPED = "the worker was told to end, or could not renew its lease"
KILLED = "Terraform was killed from outside"

State = Held | Ended | GivenBack


def execute(ports: Ports, run: int) -> None:
    """Carry a run out, if it is still to be had.

    Whatever comes of it is in the ledger afterwards, or kept on this machine until the ledger is back.

    Raises:
        LedgerError: the ledger is away, and the run still waits there.
        SpoolError: the ledger went away meanwhile, and the disk takes nothing: the lease ends by itself.
        GitError: nobody looked at the default branch for long, and it cannot be fetched: the run waits on.
        GitHubError: likewise, and GitHub cannot be asked.
    """
    claimed = ports.ledger.claim(run, ports.me) if _is_current(ports, run) else None
    if claimed is None:
        return
    with ExitStack() as beats:
        try:
            state = _carry_out(ports, claimed, beats.enter_context(ports.pulse(claimed.lease)))
        except FenceLost:
            return
        except Exception as error:  # whatever it is, nobody should wait for the lease's end to hear of it
            fault = Interrupted("run", f"the worker failed: {_safely(error)}")
            _end(ports, claimed, Ended(fault), beats)
            raise
        _end(ports, claimed, state, beats)


def _is_current(ports: Ports, run: int) -> bool:
    """Whether the run is of what the default branch wants, as far as anybody knows who looked lately."""
    view = ports.views.run(run)
    return view is not None and (view.run.operation.only_plans or catch_up(ports))


def _safely(error: Exception) -> str:
    """What is known to hold no value of anybody's: the system's own words, or the error's kind alone."""
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def _end(ports: Ports, claimed: Claimed, state: State, beats: ExitStack) -> None:
    """End the lease, if it is still ours; its heartbeat goes on while this machine is looked at."""
    state = _unless_ailing(ports, state)
    with suppress(FenceLost):
        beats.close()
        record(ports, claimed.lease, state)


def _unless_ailing(ports: Ports, state: State) -> State:
    """What came of a run, unless it is this machine's own ailment: then the run is for another, or for later.

    It may take longer than a lease to find that out: it is asked while the pulse beats.
    """
    ailment = ports.checkup(afresh=True) if _may_be_given_back(state) else ""
    return GivenBack(f"worker {ports.me} takes no runs: {ailment}") if ailment else state


def _may_be_given_back(state: State) -> bool:
    """Whether a run left nothing behind, so that it may begin once more under its own number.

    A Terraform that was killed may have left its lock, which the next attempt can only tell for a dead run's if it is
    another run; and a state that is kept on this machine is missing on every other one.
    """
    match state:
        case Ended(Failed() as failed):
            return failed.step != "apply" and not failed.left_state
        case Ended(Interrupted(step=step, why=why)):
            return step != "apply" and why != KILLED
    return False


def _carry_out(ports: Ports, claimed: Claimed, pulse: Pulse) -> State:
    if claimed.workspace.environment.format.state.type == "local" and not ports.local_state:
        return Ended(Failed("init", Cause.MISTAKE, NOT_HERE))
    try:
        with ports.terraform.session(
            _job(ports, claimed), pulse, partial(ports.ledger.log, claimed.lease)
        ) as session:
            return _steps(ports, claimed, session)
    except TerraformAbsent as absent:
        return Ended(Failed("init", Cause.ABSENT, str(absent)))
    except TerraformStopped as stopped:
        return Ended(_stopped(ports, claimed, stopped))
    except TerraformFailed as failed:
        return Ended(_explained(ports, claimed, _failure(failed, claimed.workspace.kind)))
    except LedgerError:  # no step is begun that the ledger does not know of
        return GivenBack("the ledger could not be reached before a step, so it was not begun")


def _stopped(ports: Ports, claimed: Claimed, stopped: TerraformStopped) -> Failed | Interrupted:
    """How a run ended that was stopped: as a failure where its state is on this machine only.

    The next attempt at an interrupted run is begun at once, on any machine, and would make everything a second time.
    """
    if claimed.run.operation.only_plans or not leaves_state(stopped.errors):
        return _interruption(stopped)
    return _explained(ports, claimed, _failure(stopped, claimed.workspace.kind))


def _interruption(stopped: TerraformStopped) -> Interrupted:
    """How far a step came that was stopped."""
    came = read_stream(stopped.output)
    why = KILLED if isinstance(stopped, TerraformKilled) else STOPPED
    return Interrupted(stopped.step, why, came.completed, came.unfinished)


def _explained(ports: Ports, claimed: Claimed, failed: Failed) -> Failed:
    """A failure that says who holds the lock it met, as far as the ledger can be asked."""
    try:
        return explained(ports, claimed, failed)
    except LedgerError:
        return failed


def _failure(failed: TerraformFailed, kind: Kind) -> Failed:
    return failure(
        failed.step,
        read_stream(failed.output),
        failed.errors,
        advices=kind.format.errors,
        timed_out=isinstance(failed, TerraformTimedOut),
    )


def _steps(ports: Ports, claimed: Claimed, session: TerraformSession) -> Held | Ended:
    run, workspace = claimed.run, claimed.workspace
    ports.ledger.step(claimed.lease, "init")
    session.init()
    ports.ledger.step(claimed.lease, "plan")
    shown, printed = _plan(ports, claimed, session)
    offered = workspace.kind.format
    plan = read_plan(shown, offered.shown, ports.plan_key, offered.disposable)
    if run.operation.only_plans or run.mode is Mode.PLAN_ONLY or ports.plan_only:
        return Ended(_planned(plan, workspace.kind, read_stream(printed)))
    reasons = missing(run.conditions, run.reviewed, plan)
    if reasons:
        return Held(reasons, plan)
    ports.ledger.step(claimed.lease, "apply", plan)
    return Ended(_done(run, workspace.kind, plan, read_stream(session.apply())))


def _plan(ports: Ports, claimed: Claimed, session: TerraformSession) -> tuple[Mapping[str, Any], str]:
    """Make a plan; where a dead run left the state locked, once more after that lock was released."""
    run = claimed.run
    lock = not run.operation.only_plans
    try:
        return session.plan(destroy=run.operation.destroys, lock=lock)
    except TerraformFailed as failed:
        left = _failure(failed, claimed.workspace.kind).lock
        if left is None or not lock or not release_left(ports, claimed, session, left):
            raise
    return session.plan(destroy=run.operation.destroys, lock=lock)


def _planned(plan: Plan, kind: Kind, stream: Stream) -> Planned:
    return Planned(plan, judge(plan, kind), tuple(warning.summary for warning in stream.warnings))


def _done(run: Run, kind: Kind, plan: Plan, stream: Stream) -> Applied | Destroyed:
    if run.operation.destroys:
        return Destroyed(len(plan.resources))
    return Applied(_public(kind, stream.outputs or {}), len(plan.resources))


def _public(kind: Kind, outputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Outputs that the kind shows, by value; the others by name alone."""
    offered = kind.format.outputs
    return {
        name: outputs.get(name) if output.show else None
        for name, output in offered.items()
        if name in outputs
    }


def _job(ports: Ports, claimed: Claimed) -> Job:
    workspace = claimed.workspace
    credentials = workspace.environment.format.credentials
    plans = claimed.run.operation.only_plans
    return Job(
        run=claimed.run.id,
        request=workspace.id,
        files=workspace.files,
        backend=workspace.environment.format.state.type,
        pass_env=credentials.pass_env,
        env=credentials.plan_env if plans else {},
        secrets={name: ports.secret(secret.length) for name, secret in workspace.kind.format.secrets.items()},
    )
