"""Sending wake-up calls: the ledger has them already, so a broken broker loses nothing."""

from collections.abc import Iterable
from dataclasses import replace

from controller.core.call import Call
from controller.errors import QueueError
from controller.ports import Ports


def send(ports: Ports, calls: tuple[Call, ...]) -> bool:
    """Send the calls and note which the broker took; the sweep sends the others. Whether it took all."""
    taken: list[Call] = []
    try:
        for alike in _alike(calls):
            ports.queue.send(alike[0])
            taken.extend(alike)
    except QueueError:
        return False
    finally:
        if taken:
            ports.ledger.sent(tuple(taken))
    return True


def _alike(calls: Iterable[Call]) -> Iterable[list[Call]]:
    """Calls that say the same, together: all are recorded by now, so that whoever hears one sees what each was about."""
    found: dict[Call, list[Call]] = {}
    for call in calls:
        found.setdefault(replace(call, id=None), []).append(call)
    return found.values()
