"""Deliveries that go astray on demand: lost, late, twice, or overtaken by the next one."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from controller.sandbox.faults import Fault
from controller.sandbox.nouns import Delivery, Hook
from controller.sandbox.webhooks.deliveries import Courier


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    hook: Hook
    delivery: Delivery
    overtaken: bool


class Astray:
    """What stands before the courier.

    Args:
        courier: Who sends what does not go astray.
    """

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._held: list[_Held] = []
        self._changed = threading.Condition()

    def send(self, hook: Hook, delivery: Delivery, fault: Fault | None = None) -> None:
        """Put a delivery on its way, or do to it what a fault of its event says; returns at once."""
        kind = fault.kind if fault else "none"
        if fault and kind in ("delay", "reorder"):
            self._hold(_Held(hook, delivery, overtaken=kind == "reorder"), fault.seconds)
            return
        for _ in range({"drop": 0, "double": 2}.get(kind, 1)):
            self._courier.send(hook, delivery)
        self._release(lambda held: held.overtaken and held.hook.id == hook.id)

    def settle(self, timeout: float) -> bool:
        """Wait until nothing is held or under way.

        Args:
            timeout: How long, in seconds.

        Returns:
            Whether that came to pass.
        """
        until = time.monotonic() + timeout
        with self._changed:
            if not self._changed.wait_for(lambda: not self._held, timeout):
                return False
        return self._courier.settle(until - time.monotonic())

    def stop(self, timeout: float) -> None:
        """Send what is under way, and what is held still, for at most `timeout` seconds."""
        self._release(lambda _: True)
        self._courier.stop(timeout)

    def _hold(self, held: _Held, seconds: float) -> None:
        with self._changed:
            self._held.append(held)
        timer = threading.Timer(seconds, self._release, [lambda one: one is held])
        timer.daemon = True
        timer.start()

    def _release(self, which: Callable[[_Held], bool]) -> None:
        with self._changed:
            for held in [one for one in self._held if which(one)]:
                self._held.remove(held)
                self._courier.send(held.hook, held.delivery)
            self._changed.notify_all()
