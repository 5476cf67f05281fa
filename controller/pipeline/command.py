"""command: what somebody asked for in a comment is looked at, decided, done once, and answered."""

from contextlib import suppress

from controller.core.call import plan_pull
from controller.core.command import read_commands
from controller.core.comment import answer_comment
from controller.core.decision import Decision
from controller.core.pull import Remark
from controller.core.ruling import Ruling, Scene, answer, rule
from controller.core.wish import Answer
from controller.errors import GitHubNotFound, GitHubRefused, IllegalTransition
from controller.pipeline.authority import People, rules_for
from controller.pipeline.report import MANY
from controller.pipeline.resolve import fulfil
from controller.pipeline.reviewed import CLOCKS
from controller.pipeline.send import send
from controller.pipeline.unlock import holders
from controller.ports import Comment, Ports, RunQuery, RunView


def obey(ports: Ports, comment: int) -> None:
    """Do what a comment's commands say, as far as whoever wrote them may, and answer; the second time only answer."""
    answered = ports.views.answer(comment) or _hear(ports, comment)
    if answered is not None:
        _tell(ports, answered)


def _hear(ports: Ports, comment: int) -> Answer | None:
    try:
        remark = ports.github.remark(comment)
    except GitHubNotFound:  # deleted, which is a way to take it back
        return None
    commands = read_commands(remark.body)
    if not commands:
        return None
    _react(ports, comment, "eyes")
    scene = _look_at(ports, remark)
    ruling = rule(commands, scene)
    try:
        return _carry_out(ports, scene, ruling)
    except IllegalTransition as error:
        return _carry_out(ports, scene, Ruling(refusals=(str(error),)))


def _carry_out(ports: Ports, scene: Scene, ruling: Ruling) -> Answer | None:
    calls = (plan_pull(scene.pull.number),) if ruling.vouches else ()
    decision = Decision(calls=calls, wishes=ruling.wishes, answer=answer(ruling, scene))
    send(ports, fulfil(ports, decision, {run.id: run for run in scene.runs}))
    if ruling.takes_over:
        send(ports, ports.ledger.sweep())
    return ports.views.answer(scene.remark.id)


def _tell(ports: Ports, answered: Answer) -> None:
    _react(ports, answered.comment, "confused" if answered.refused else "rocket")
    if answered.words:
        text = answer_comment(answered, ports.templates["comment"], ports.links)
        ports.github.say(answered.pull, Comment(text.marker, text.body))


def _react(ports: Ports, comment: int, reaction: str) -> None:
    """What may not be reacted to, in a locked conversation for example, is obeyed and answered all the same."""
    with suppress(GitHubRefused):
        ports.github.react(comment, reaction)


def _look_at(ports: Ports, remark: Remark) -> Scene:
    pull, people = ports.github.pull(remark.pull), People(ports)
    proposal = ports.views.proposal(remark.pull)
    views = ports.views.runs(RunQuery(pull=remark.pull, limit=MANY))
    runs = tuple(view.run for view in views)
    tip = ports.views.reconciled() or pull.head
    environments = sorted({run.request.environment for run in runs})
    return Scene(
        remark,
        pull,
        proposal,
        runs,
        people.may_write(remark.author),
        ports.now(),
        {
            name: people.authority(remark.author, pull, rules_for(ports, name, pull, tip))
            for name in environments
        },
        holders(ports, sorted({run.request for run in runs})),
        frozenset(view.run.id for view in views if _is_newer(view, remark)),
    )


def _is_newer(view: RunView, remark: Remark) -> bool:
    """Whether a run's plan was made after a comment was written, which cannot have meant it; clocks differ a little."""
    made = view.ended or view.started
    return made is not None and made > remark.created + CLOCKS
