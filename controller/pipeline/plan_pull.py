"""plan_pull: what the merge of a pull would change, looked at, recorded, and planned."""

from dataclasses import replace

from controller.core.call import Call, report
from controller.core.change import Change, Destroy
from controller.core.decision import Decision, Register
from controller.core.environment import Mode
from controller.core.inspection import TOO_MUCH, blamed
from controller.core.outcome import Superseded
from controller.core.proposal import Planning, Proposal, Sides, planned, propose, rivals
from controller.core.pull import Pull, PullState
from controller.core.requests import read_requests
from controller.core.run import Opening, Operation, Run, Waiting
from controller.core.wanted import Wanted, changed_paths
from controller.core.workspace import Workspace
from controller.errors import GitHubNotFound
from controller.pipeline.authority import People
from controller.pipeline.look import catalogue_blobs, catalogue_of, look, mistakes_of
from controller.pipeline.send import send
from controller.pipeline.turn import single_flight
from controller.ports import Conflicts, Ports


def plan_pull(ports: Ports, number: int) -> None:
    """Look at a pull and open a plan for each request that it changes; a closed one is only noted."""
    single_flight(ports, f"pull {number}", lambda: _look_at(ports, number))


def _look_at(ports: Ports, number: int) -> None:
    pull = _pull(ports, number)
    if pull is None:
        return
    if pull.base != ports.github.default_branch():
        decision = _forget(ports, pull)
    elif pull.state is PullState.OPEN:
        ports.git.fetch(pull.head)
        decision = _decide(ports, pull)
        if decision is not None and _seems_merged(ports, decision):
            still_open = ports.github.pull(number).state is PullState.OPEN
            decision = decision if still_open else None
    else:
        decision = close(ports, pull)
    if decision is not None:
        send(ports, ports.ledger.commit(decision))


def _pull(ports: Ports, number: int) -> Pull | None:
    """The pull as it is now; one that GitHub does not show any more is closed to us."""
    try:
        return ports.github.pull(number)
    except GitHubNotFound:
        known = ports.views.proposal(number)
        return replace(known.pull, state=PullState.CLOSED) if known else None


def _seems_merged(ports: Ports, decision: Decision) -> bool:
    """Whether a pull that changed something now changes nothing: it may have been merged since GitHub was asked.

    What was reviewed must not be forgotten for that; whoever merged it wakes us again.
    """
    now = decision.proposal
    known = ports.views.proposal(now.pull.number) if now else None
    return bool(now and known and known.changes and not now.changes and known.pull.head == now.pull.head)


def _forget(ports: Ports, pull: Pull) -> Decision | None:
    """A pull on another base is none of ours; one that was sent there is closed to us."""
    if ports.views.proposal(pull.number) is None:
        return None
    return close(ports, replace(pull, state=PullState.CLOSED))


def close(ports: Ports, pull: Pull) -> Decision:
    """A pull that is no longer open: its waiting plans are of no use."""
    known = ports.views.proposal(pull.number)
    if known is None or known.pull.head != pull.head:  # nobody looked at what it came to
        known = Proposal(pull, pull.head)
    why = Superseded(f"the pull was {pull.state.value}")
    endings = {
        run.id: why
        for run in ports.ledger.register().open_runs
        if run.pull == pull.number and _is_idle_plan(run)
    }
    return Decision(endings=endings, proposal=replace(known, pull=pull), calls=_reports(ports, known))


def _decide(ports: Ports, pull: Pull) -> Decision | None:
    tip = ports.git.tip()
    if tip is None:
        return None
    tree = ports.git.merge(tip, pull.head)
    if isinstance(tree, Conflicts):
        proposal = Proposal(pull, tip, conflicts=tree.paths)
        return Decision(proposal=proposal, calls=_reports(ports, proposal))
    sides = _sides(ports, tip, tree)
    register, known = ports.ledger.register(), ports.views.proposal(pull.number)
    proposal = _admitted(ports, propose(pull, tip, sides, register.standing), known)
    wanted = proposal.changes if proposal.planning is Planning.YES else ()
    openings = tuple(_opening(ports, proposal, change, sides.tip, register) for change in wanted)
    workspaces = _workspaces(proposal, sides)
    endings = _outdated(register, pull, openings)
    return Decision(openings, workspaces, endings, proposal, calls=_reports(ports, proposal))


def _reports(ports: Ports, proposal: Proposal) -> tuple[Call, ...]:
    """The pull's report, and those of the pulls that name it, since they are about the same, from now on or no longer."""
    known, others = ports.views.proposal(proposal.pull.number), ports.views.proposals()
    concerned = {
        other.pull.number for mine in (proposal, known) if mine is not None for other in rivals(mine, others)
    }
    return tuple(map(report, (proposal.pull.number, *sorted(concerned))))


def _admitted(ports: Ports, proposal: Proposal, known: Proposal | None) -> Proposal:
    """The proposal with whether its changes are planned: asked of GitHub, since people come and go."""
    is_trusted = not proposal.changes or People(ports).may_write(proposal.pull.author)
    vouch = ports.views.vouch(proposal.pull.number)
    return planned(proposal, known, vouch=vouch, is_trusted=is_trusted)


def _sides(ports: Ports, tip: str, tree: str) -> Sides:
    trusted, proposed = catalogue_blobs(ports, tip), catalogue_blobs(ports, tree)
    catalogue = catalogue_of(trusted)
    before, merged = look(ports, tip, catalogue), look(ports, tree, catalogue)
    paths = changed_paths(before.blobs, merged.blobs)
    catalogue_paths = changed_paths(trusted, proposed)
    if not catalogue_paths:
        return Sides(before, merged, paths)
    paths |= catalogue_paths
    mistakes = blamed(mistakes_of(ports, trusted), mistakes_of(ports, proposed), paths)
    # What an inspection gave up on is not read here either.
    theirs = catalogue if TOO_MUCH in mistakes else catalogue_of(proposed)
    return Sides(before, merged, paths, read_requests(merged.blobs, theirs), mistakes)


def _opening(ports: Ports, proposal: Proposal, change: Change, tip: Wanted, register: Register) -> Opening:
    request = change.request.id
    last = register.last.get(request)
    return Opening(
        request,
        Operation.PLAN_DESTROY if isinstance(change, Destroy) else Operation.PLAN,
        change.digest,
        mode(ports, tip, request.environment),
        proposal.pull.head,
        proposal.pull.number,
        last.id if last else None,
    )


def mode(ports: Ports, wanted: Wanted, environment: str) -> Mode:
    """The mode of an environment; the controller's own `plan_only` overrides it."""
    known = wanted.catalogue.environments.get(environment)
    if ports.plan_only:
        return Mode.PLAN_ONLY
    return known.format.mode if known else Mode.APPLY


def _workspaces(proposal: Proposal, sides: Sides) -> tuple[Workspace, ...]:
    """The workspaces that the proposed runs name; a destroy's own may be in the ledger already."""
    both = {
        workspace.digest: workspace
        for side in (sides.tip, sides.merged)
        for workspace in side.workspaces.values()
    }
    return tuple(both[change.digest] for change in proposal.changes if change.digest in both)


def _outdated(register: Register, pull: Pull, openings: tuple[Opening, ...]) -> dict[int, Superseded]:
    """Waiting plans of this pull that it no longer wants."""
    wanted = {(opening.request, opening.operation, opening.digest) for opening in openings}
    why = Superseded(f"the pull is at {pull.head[:7]} now")
    return {
        run.id: why
        for run in register.open_runs
        if run.pull == pull.number
        and _is_idle_plan(run)
        and (run.request, run.operation, run.digest) not in wanted
    }


def _is_idle_plan(run: Run) -> bool:
    return run.operation.only_plans and isinstance(run.state, Waiting)
