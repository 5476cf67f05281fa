"""Ruling: what comes of a command, going by who gave it, and where its pull is."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import UnionType

from controller.core.change import Destroy
from controller.core.command import PREFIX, Command, Misspelt, Verb
from controller.core.environment import DestroyRule
from controller.core.hold import DestroyToConfirm, settles
from controller.core.identity import RequestId
from controller.core.outcome import Failed, Interrupted, Planned, Withdrawn
from controller.core.proposal import Planning, Proposal
from controller.core.pull import Pull, PullState, Remark
from controller.core.run import Ended, Held, Run
from controller.core.tenure import Free, Holder, LeftLock, Silent
from controller.core.wish import Acceptance, Answer, Confirmation, Retry, Wish

HELP = (
    f"`{PREFIX} plan` plans this pull again, also one that was not planned by itself; it needs write access.",
    f"`{PREFIX} apply` accepts what is held after the merge: the plan that the result comment shows is then the reviewed one. It needs an approver of the environment.",
    f"`{PREFIX} confirm-destroy NAME` confirms that a request is destroyed, or made anew, before or after the merge. It needs an approver of the environment.",
    f"`{PREFIX} retry` tries again what failed; it needs write access.",
    f"`{PREFIX} unlock` says who is at work on this pull's requests, and takes over what only the dead hold; it needs write access.",
    "Each is a line of its own in a new comment; edited comments are not read.",
)
LATE = timedelta(minutes=10)
"""What vouches for a stranger's commit must be heard soon: nobody knows when another was pushed."""

EDITED = "the comment was edited, so nobody knows who wrote what: write a new one"


@dataclass(frozen=True)
class Authority:
    """What somebody may decide in one environment.

    `granted` is None where GitHub does not show the controller who is meant; `wanted` are those who may.
    """

    granted: bool | None
    wanted: tuple[str, ...]
    rule: DestroyRule = DestroyRule.CONFIRM


@dataclass(frozen=True)
class Scene:
    """All that a ruling goes by.

    Attributes:
        remark: the comment.
        pull: its pull as it is now.
        proposal: what the pull would change, or would have changed.
        runs: the pull's, newest first.
        may_write: whether whoever commented may write to the repository.
        now: the time.
        authority: theirs, by environment.
        holders: who has the state of the pull's requests in hands.
        unseen: the runs whose plans were made after the comment was written.
    """

    remark: Remark
    pull: Pull
    proposal: Proposal | None
    runs: tuple[Run, ...]
    may_write: bool
    now: datetime
    authority: Mapping[str, Authority] = field(default_factory=dict)
    holders: Mapping[RequestId, Holder] = field(default_factory=dict)
    unseen: frozenset[int] = frozenset()

    @property
    def is_open(self) -> bool:
        return self.pull.state is PullState.OPEN

    @property
    def latest(self) -> tuple[Run, ...]:
        """The newest run of each request that counts: its plan on an open pull, its apply or destroy afterwards."""
        newest: dict[RequestId, Run] = {}
        for run in self.runs:
            if run.operation.only_plans is self.is_open and self._counts(run):
                newest.setdefault(run.request, run)
        return tuple(newest[identity] for identity in sorted(newest))

    @property
    def requests(self) -> tuple[RequestId, ...]:
        """Every request that the pull is about."""
        proposed = self.proposal.requests if self.proposal else frozenset()
        return tuple(sorted(proposed | {run.request for run in self.runs}))

    def _counts(self, run: Run) -> bool:
        """A plan counts as long as it is of what the pull would change now."""
        wanted = self.proposal.changes if self.proposal else ()
        work = (run.request, run.digest, run.operation.destroys)
        return not self.is_open or any(
            (change.request.id, change.digest, isinstance(change, Destroy)) == work for change in wanted
        )


@dataclass(frozen=True)
class Ruling:
    """What is done, what is said, and what is refused.

    `vouches` lets the pull's head be planned; `takes_over` has the leases looked after that nobody renews.
    """

    wishes: tuple[tuple[int, Wish], ...] = ()
    words: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    vouches: bool = False
    takes_over: bool = False


def rule(commands: Iterable[Command | Misspelt], scene: Scene) -> Ruling:
    """What comes of all commands of one comment."""
    if scene.remark.edited:
        return Ruling(refusals=(EDITED,))
    rulings = [_rule(command, scene) for command in commands]
    wishes = {(run, type(wish)): (run, wish) for each in rulings for run, wish in each.wishes}
    return Ruling(
        tuple(wishes.values()),
        tuple(dict.fromkeys(word for each in rulings for word in each.words)),
        tuple(dict.fromkeys(word for each in rulings for word in each.refusals)),
        any(each.vouches for each in rulings),
        any(each.takes_over for each in rulings),
    )


def answer(ruling: Ruling, scene: Scene) -> Answer:
    """What the comment is answered."""
    remark, said = scene.remark, (*ruling.refusals, *ruling.words)
    vouches = scene.pull.head if ruling.vouches else ""
    return Answer(remark.id, remark.pull, remark.author, bool(ruling.refusals), said, vouches)


def _rule(command: Command | Misspelt, scene: Scene) -> Ruling:
    if isinstance(command, Misspelt):
        return _refused(f"`{command.line}` is no command. {command.way_out}")
    if command.verb in _WRITERS and not scene.may_write:
        return _refused(f"`{command}` needs write access to this repository")
    return _RULES[command.verb](command, scene)


def _help(_command: Command, _scene: Scene) -> Ruling:
    return Ruling(words=HELP)


def _unlock(_command: Command, scene: Scene) -> Ruling:
    """What only the dead hold is taken over; what somebody living or unknown holds is left to them."""
    held = {identity: each for identity, each in scene.holders.items() if not isinstance(each, Free)}
    if not held:
        return Ruling(words=("Nobody is at work on this pull's requests, and no lock is known.",))
    told = {identity: f"`{identity}` is {each.told(scene.now)}" for identity, each in held.items()}
    return Ruling(
        tuple(
            (run.id, Retry(scene.remark.author))
            for run in scene.latest
            if isinstance(held.get(run.request), LeftLock)
        ),
        tuple(f"{told[identity]}." for identity, each in held.items() if each.is_safe),
        tuple(told[identity] for identity, each in held.items() if not each.is_safe),
        takes_over=any(isinstance(each, Silent) for each in held.values()),
    )


def _plan(_command: Command, scene: Scene) -> Ruling:
    if not scene.is_open:
        return _refused(f"the pull is {scene.pull.state.value}: only open ones are planned")
    proposal = scene.proposal
    if proposal is None or proposal.pull.state is not PullState.OPEN:
        return _refused(
            "this pull is not one of those that are planned: it is on another branch, or not looked at yet"
        )
    if proposal.planning is Planning.STRANGER and proposal.pull.head != scene.pull.head:
        return _refused("the pull has another commit by now: look at that one, and ask again")
    if proposal.planning is Planning.STRANGER and scene.now - scene.remark.created > LATE:
        return _refused("the comment was heard late, and nobody knows which commit it meant: ask again")
    by = scene.remark.author
    made = Planned | Failed | Interrupted | Withdrawn
    wishes = tuple((run.id, Retry(by)) for run in scene.latest if _came_to(run, made) or run.postponed)
    return Ruling(wishes, vouches=True)


def _retry(_command: Command, scene: Scene) -> Ruling:
    failed = tuple(
        (run.id, Retry(scene.remark.author))
        for run in scene.latest
        if _came_to(run, Failed | Interrupted) or run.postponed
    )
    return Ruling(failed) if failed else _refused("nothing of this pull failed, so there is nothing to retry")


def _came_to(run: Run, outcomes: type | UnionType) -> bool:
    return isinstance(run.state, Ended) and isinstance(run.state.outcome, outcomes)


def _apply(_command: Command, scene: Scene) -> Ruling:
    if scene.is_open:
        return _refused("nothing is merged yet: merging is what applies it")
    held = [run for run in scene.latest if isinstance(run.state, Held)]
    if not held:
        return _refused("nothing of this pull is held")
    wish = Acceptance(scene.remark.author, f"{PREFIX} apply on #{scene.pull.number}")
    return _settled(held, wish, scene)


def _confirm(command: Command, scene: Scene) -> Ruling:
    found = [
        identity
        for identity in scene.requests
        if command.name in {identity.name, str(identity), identity.key}
    ]
    if len(found) != 1:
        return _refused(_unclear(command.name, found, scene.requests))
    run = next((run for run in scene.latest if run.request == found[0]), None)
    wish = Confirmation(scene.remark.author, f"{command} on #{scene.pull.number}")
    if run is None or not _awaits_confirmation(run, scene):
        return _refused(_nothing_to_confirm(found[0], run, scene))
    return _settled([run], wish, scene)


def _awaits_confirmation(run: Run, scene: Scene) -> bool:
    rule = _authority(run, scene).rule
    match run.state:
        case Held(reasons):
            return any(isinstance(reason, DestroyToConfirm) for reason in reasons)
        case Ended(Planned(plan=plan)):
            return scene.is_open and plan.ends_something and rule is not DestroyRule.ALLOW
        case _:
            return False


def _settled(runs: Iterable[Run], wish: Acceptance | Confirmation, scene: Scene) -> Ruling:
    granted, refusals = [], []
    for run in runs:
        refusal = next(_objections(run, wish, scene), None)
        if refusal is None:
            granted.append((run.id, wish))
        else:
            refusals.append(refusal)
    return Ruling(tuple(granted), refusals=tuple(refusals))


def _objections(run: Run, wish: Acceptance | Confirmation, scene: Scene) -> Iterator[str]:
    authority, name = _authority(run, scene), run.request.name
    if run.id in scene.unseen:
        yield f"the plan of `{name}` was made after this comment was written: look at it, and say so again"
    environment, wanted = run.request.environment, ", ".join(f"`{each}`" for each in authority.wanted)
    if authority.granted is None:
        yield f"GitHub does not show {wanted} to the controller, so nobody can be told to be one of them: the platform team lets it read the organisation's members"
    if not authority.granted:
        own = " other than the pull's author" if scene.remark.author == scene.pull.author else ""
        yield f"`{name}` is for one of {wanted}{own} to decide, since it lives in `{environment}`"
    settled = isinstance(run.state, Held) and any(settles(wish, reason) for reason in run.state.reasons)
    if not settled and authority.rule is DestroyRule.REFUSE:
        yield f"`{environment}` refuses to destroy or replace: the platform team says `destroy: confirm` in `terraform/environments/{environment}.yaml` first"
    if isinstance(run.state, Held) and not settled:
        yield f"`{name}` is held until somebody comments `{PREFIX} confirm-destroy {name}`"


def _authority(run: Run, scene: Scene) -> Authority:
    return scene.authority.get(run.request.environment, Authority(granted=False, wanted=("admin",)))


def _unclear(name: str, found: list[RequestId], known: tuple[RequestId, ...]) -> str:
    choices = ", ".join(f"`{identity}`" for identity in found or known)
    if found:
        return f"`{name}` may be any of {choices}: write the whole of it"
    return f"`{name}` is no request of this pull; it has {choices or 'none'}"


def _nothing_to_confirm(identity: RequestId, run: Run | None, scene: Scene) -> str:
    if scene.is_open and (run is None or not isinstance(run.state, Ended)):
        return f"the plan of `{identity.name}` is not made yet: wait for it, and look at it first"
    return f"there is nothing of `{identity.name}` to confirm"


def _refused(words: str) -> Ruling:
    return Ruling(refusals=(words,))


_WRITERS = frozenset({Verb.PLAN, Verb.RETRY, Verb.UNLOCK})
_RULES: Mapping[Verb, Callable[[Command, Scene], Ruling]] = {
    Verb.HELP: _help,
    Verb.PLAN: _plan,
    Verb.APPLY: _apply,
    Verb.RETRY: _retry,
    Verb.CONFIRM_DESTROY: _confirm,
    Verb.UNLOCK: _unlock,
}
