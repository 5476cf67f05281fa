"""receive: whom a delivery concerns, and how they hear of it once it is recorded."""

from collections.abc import Sequence
from itertools import chain

from controller.core.call import Call
from controller.core.delivery import Delivery
from controller.core.event import Ignored, read_event, wake_up
from controller.pipeline.send import hand_over
from controller.ports import Ports


def concerned(delivery: Delivery) -> Call | Ignored:
    """Whom a delivery is to wake, or why it is ignored.

    Raises:
        MalformedDelivery: its payload lacks what its event always has.
    """
    event = read_event(delivery)
    if isinstance(event, Ignored):
        return event
    return wake_up(event) or Ignored("nobody is concerned")


def wake(ports: Ports, recorded: Sequence[tuple[Call, ...]]) -> Sequence[bool]:
    """Send the calls of several deliveries; for each whether the broker took them, else the sweep sends them."""
    is_taken = hand_over(ports, chain.from_iterable(recorded))
    return (is_taken,) * len(recorded)
