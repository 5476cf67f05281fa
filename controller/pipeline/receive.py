"""receive: a delivery recorded before anybody is told that it arrived."""

from controller.core.delivery import Delivery
from controller.core.event import Ignored, read_event, wake_up
from controller.pipeline.send import send
from controller.ports import Ports


def receive(ports: Ports, delivery: Delivery) -> Ignored | None:
    """Record a delivery and wake whom it concerns; None where it was recorded, else why it is ignored.

    Raises:
        MalformedDelivery: its payload lacks what its event always has.
        LedgerError: it cannot be recorded now.
    """
    event = read_event(delivery)
    call = wake_up(event)
    if isinstance(event, Ignored) or call is None:
        return event if isinstance(event, Ignored) else Ignored("nobody is concerned")
    send(ports, ports.ledger.record(delivery, call))
    return None
