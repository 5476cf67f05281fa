"""execute: one run carried out under its lease: init, plan, covered?, apply or hold."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from controller.core.environment import Mode
from controller.core.hold import missing
from controller.core.kind import Kind
from controller.core.outcome import Applied, Cause, Destroyed, Failed, Interrupted, Planned, failure
from controller.core.plan import Plan, read_plan
from controller.core.run import Ended, Held, Run
from controller.core.stream import Stream, read_stream
from controller.core.verdict import judge
from controller.errors import (
    FenceLost,
    InfrautomaterError,
    TerraformAbsent,
    TerraformFailed,
    TerraformStopped,
    TerraformTimedOut,
)
from controller.pipeline.send import send
from controller.ports import Claimed, Job, Ports, Pulse, TerraformSession

NOT_HERE = (
    "The environment keeps its state on one machine (`local`), and this controller may have several: name a remote backend "
    "in the environment's `state`, or set INFRAUTOMATER_SINGLE_MACHINE=true where there is only one."
)


def execute(ports: Ports, run: int) -> None:
    """Carry a run out, if it is still to be had; whatever comes of it is in the ledger afterwards."""
    claimed = ports.ledger.claim(run, ports.me)
    if claimed is None:
        return
    try:
        with ports.pulse(claimed.lease) as pulse:
            state = _carry_out(ports, claimed, pulse)
        _settle(ports, claimed, state)
    except FenceLost:
        return
    except InfrautomaterError:  # the ledger is away: the lease ends by itself, and the next attempt goes on
        raise
    except Exception as error:  # whatever it is, nobody should wait for the lease's end to hear of it
        _settle(ports, claimed, Ended(Interrupted("run", f"the worker failed: {_safely(error)}")))
        raise


def _safely(error: Exception) -> str:
    """What is known to hold no value of anybody's: the system's own words, or the error's kind alone."""
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def _settle(ports: Ports, claimed: Claimed, state: Held | Ended) -> None:
    send(ports, ports.ledger.settle(claimed.lease, state))


def _carry_out(ports: Ports, claimed: Claimed, pulse: Pulse) -> Held | Ended:
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
        return Ended(Interrupted(stopped.step, "the worker was told to end, or lost its lease"))
    except TerraformFailed as failed:
        return Ended(_failure(failed, claimed.workspace.kind))


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
    shown, printed = session.plan(destroy=run.operation.destroys, lock=not run.operation.only_plans)
    offered = workspace.kind.format
    plan = read_plan(shown, offered.shown, ports.plan_key, offered.disposable)
    if run.operation.only_plans or run.mode is Mode.PLAN_ONLY or ports.plan_only:
        return Ended(_planned(plan, workspace.kind, read_stream(printed)))
    reasons = missing(run.conditions, run.reviewed, plan)
    if reasons:
        return Held(reasons, plan)
    ports.ledger.step(claimed.lease, "apply")
    return Ended(_done(run, workspace.kind, plan, read_stream(session.apply())))


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
