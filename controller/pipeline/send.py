"""Sending wake-up calls: the ledger has them already, so a broken broker loses nothing."""

from controller.core.call import Call
from controller.errors import QueueError
from controller.ports import Ports


def send(ports: Ports, calls: tuple[Call, ...]) -> bool:
    """Send the calls and note which the broker took; the sweep sends the others. Whether it took all."""
    taken = []
    try:
        for call in calls:
            ports.queue.send(call)
            taken.append(call)
    except QueueError:
        return False
    finally:
        if taken:
            ports.ledger.sent(tuple(taken))
    return True
