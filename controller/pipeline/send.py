"""Sending wake-up calls: the ledger has them already, so a broken broker loses nothing."""

from collections.abc import Iterable
from dataclasses import replace

from controller.core.call import Call
from controller.errors import QueueError
from controller.ports import Ports


def send(ports: Ports, calls: tuple[Call, ...]) -> bool:
    """Send the calls and note that the broker took them, else the sweep sends them. Whether it took them."""
    if not calls:
        return True
    is_taken = hand_over(ports, calls)
    if is_taken:
        ports.ledger.sent(calls)
    return is_taken


def hand_over(ports: Ports, calls: Iterable[Call]) -> bool:
    """Send the calls, whoever notes it; whether the broker took them.

    Those that say the same are sent as one: all are recorded by now, so whoever hears it sees what each was about.
    """
    try:
        ports.queue.send(*dict.fromkeys(replace(call, id=None) for call in calls))
    except QueueError:
        return False
    return True
