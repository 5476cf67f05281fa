"""The worker: one process that takes runs and stories off the broker's queues, until it is told to stop."""

from controller.worker.work import work

__all__ = ["work"]
