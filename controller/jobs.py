"""The worker's actors: ids in, one story each; in three groups of threads, so that no plan waits behind an apply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import dramatiq
from dramatiq.errors import Retry

from controller.core.call import Actor
from controller.edge.consumer import WakingBroker
from controller.edge.patience import LONGEST_PAUSE, Patience, is_for_later, is_worth_another
from controller.edge.queue import DramatiqQueue, make_broker
from controller.errors import FenceLost
from controller.pipeline.check_branch import check_branch
from controller.pipeline.check_queue import check_queue
from controller.pipeline.command import obey
from controller.pipeline.execute import execute
from controller.pipeline.plan_pull import plan_pull
from controller.pipeline.reconcile import reconcile
from controller.pipeline.report import report, report_commit
from controller.ports import Ports

STORIES = "stories"
"""The group that only looks, decides and reports; the others are `plan` and `apply`."""

STORY_THREADS = 2

IDLE = 250
"""Milliseconds that a thread without work waits for some before it looks whether it is to end; work wakes it at once."""

AILING = 5_000
"""Milliseconds until a run that this machine cannot carry out just now is offered again, to whoever can."""


@dataclass(frozen=True)
class Group:
    """Threads with queues of their own: a broker object and, once it is started, its worker."""

    name: str
    broker: WakingBroker
    threads: int

    def worker(self, environments: tuple[str, ...]) -> dramatiq.Worker:
        """A worker for the group's queues; of plan and apply only those of the environments, if any are named."""
        queues = {f"{self.name}.{environment}" for environment in environments}
        worker = dramatiq.Worker(
            self.broker,
            queues=None if self.name == STORIES else queues or None,
            worker_timeout=IDLE,
            worker_threads=self.threads,
        )
        # No more messages than there are threads, over all queues: another worker could take them meanwhile.
        worker.queue_prefetch = self.threads
        return worker


def make_groups(url: str, threads: int) -> tuple[Group, ...]:
    """The three groups of a worker on one broker."""
    sizes = {STORIES: STORY_THREADS, "plan": threads, "apply": threads}
    return tuple(Group(name, make_broker(url), size) for name, size in sizes.items())


def make_queue(groups: tuple[Group, ...]) -> DramatiqQueue:
    """A queue that sends through the group that will consume."""
    brokers = {group.name: group.broker for group in groups}
    return DramatiqQueue(lambda queue: brokers.get(queue.split(".")[0], brokers[STORIES]))


def declare_actors(groups: tuple[Group, ...], ports: Ports) -> None:
    """Give each group its actors.

    Stories are told again when they fail. A run is offered again only as long as it was not given out: from then on the
    ledger looks after it.
    """
    stories: dict[Actor, tuple[str, Callable[..., None]]] = {
        Actor.PLAN_PULL: ("pull", lambda number: plan_pull(ports, number)),
        Actor.RECONCILE: ("reconcile", lambda: reconcile(ports)),
        Actor.REPORT: ("report", lambda number: report(ports, number)),
        Actor.REPORT_COMMIT: ("report", lambda run: report_commit(ports, run)),
        Actor.COMMAND: ("report", lambda comment: obey(ports, comment)),
        Actor.CHECK_QUEUE: ("pull", lambda: check_queue(ports)),
        Actor.CHECK_BRANCH: ("report", lambda: check_branch(ports)),
    }
    patience = Patience()
    again = {"retry_when": is_worth_another, "max_backoff": LONGEST_PAUSE}
    for group in groups:
        if group.name == STORIES:
            for actor, (queue, story) in stories.items():
                _declare(group, actor, queue, patience(actor.value, story), again)
        else:
            later = {"retry_when": is_for_later, "max_backoff": LONGEST_PAUSE}
            _declare(group, Actor.EXECUTE, group.name, partial(_carry_out, ports), later)


def _carry_out(ports: Ports, run: int) -> None:
    """Execute the run, unless this machine could not: then it is for another worker, or for later."""
    ailment = ports.checkup()
    if ailment:
        raise Retry(ailment, delay=AILING)
    execute(ports, run)


def _declare(
    group: Group, actor: Actor, queue: str, story: Callable[..., None], options: Mapping[str, Any]
) -> None:
    declare = dramatiq.actor(
        actor_name=actor.value, queue_name=queue, broker=group.broker, throws=FenceLost, **options
    )
    declare(story)
