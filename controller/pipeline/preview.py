"""preview: a plan for somebody who has no controller at hand: no lease, no ledger, and no state but a file's."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from controller.core.environment import StateBackend
from controller.core.outcome import Cause, Failed, Planned, failure
from controller.core.plan import read_plan
from controller.core.stream import read_stream
from controller.core.verdict import judge
from controller.core.workspace import Workspace, render
from controller.errors import TerraformAbsent, TerraformFailed, TerraformTimedOut
from controller.ports import Job, Terraform

_OF_THE_MACHINE = frozenset({Cause.PERMISSION, Cause.NETWORK})


@dataclass(frozen=True)
class NotPlanned:
    """No plan can be made on this machine: why, and Terraform's own words."""

    why: str
    detail: str = ""


def by_itself(workspace: Workspace, skeletons: Mapping[str, str]) -> Workspace:
    """The workspace with its state in a file, so that no backend of the environment's is asked."""
    local = workspace.environment.format.model_copy(update={"state": StateBackend()})
    environment = replace(workspace.environment, format=local)
    return render(workspace.request, workspace.kind, environment, skeletons)


def plan_by_itself(
    terraform: Terraform, workspace: Workspace, secret: Callable[[int], str]
) -> Planned | Failed | NotPlanned:
    """Plan a workspace whose state is a file, with this machine's Terraform, providers and credentials."""
    try:
        with terraform.session(_job(workspace, secret), Unleased(), lambda _: None) as session:
            session.init()
            shown, printed = session.plan(destroy=False, lock=False)
    except TerraformAbsent as absent:
        return NotPlanned(str(absent))
    except TerraformFailed as failed:
        return _failure(failed, workspace)
    kind, warnings = workspace.kind, read_stream(printed).warnings
    plan = read_plan(shown, kind.format.shown, secret(32).encode(), kind.format.disposable)
    return Planned(plan, judge(plan, kind), tuple(warning.summary for warning in warnings))


def _failure(failed: TerraformFailed, workspace: Workspace) -> Failed | NotPlanned:
    """What an init lacks, or a plan that may not ask, this machine lacks; the request may be all right."""
    timed_out = isinstance(failed, TerraformTimedOut)
    stream, advices = read_stream(failed.output), workspace.kind.format.errors
    outcome = failure(failed.step, stream, failed.errors, advices=advices, timed_out=timed_out)
    if failed.step != "init" and outcome.cause not in _OF_THE_MACHINE:
        return outcome
    needs = f"`{workspace.id.kind}` needs Terraform's provider `{workspace.kind.format.provider}` and credentials for it"
    return NotPlanned(f"{needs}; `terraform {failed.step}` failed: {outcome.summary}", outcome.detail)


def _job(workspace: Workspace, secret: Callable[[int], str]) -> Job:
    """What a run's plan would get, with the credentials that the environment has for plans."""
    credentials = workspace.environment.format.credentials
    return Job(
        run=0,
        request=workspace.id,
        files=workspace.files,
        backend="local",
        pass_env=credentials.pass_env,
        env=credentials.plan_env,
        secrets={name: secret(one.length) for name, one in workspace.kind.format.secrets.items()},
    )


class Unleased:
    """The pulse of something that holds no lease, and so can lose none."""

    @contextmanager
    def listen(self, beat: Callable[[], None]) -> Iterator[None]:
        """Beat once: whoever waits for beats has been told not to."""
        beat()
        yield

    def is_lost(self) -> bool:
        """Never."""
        return False
