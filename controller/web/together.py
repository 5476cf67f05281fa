"""Group commit: what arrives while one batch is handled makes up the next one.

A transaction costs an fsync and a change of threads, however many deliveries it records, so under load they share it; the
databases do the same among their own clients (https://www.postgresql.org/docs/current/runtime-config-wal.html, `commit_delay`).
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

Item = TypeVar("Item")
Result = TypeVar("Result")


class Together(Generic[Item, Result]):
    """A function of many items, called with one by each of many tasks.

    Args:
        handle: called in a thread, by one batch at a time; one result for each item. Its error is every item's.
        pause: seconds for which items gather until the next batch is begun.
    """

    def __init__(self, handle: Callable[[Sequence[Item]], Sequence[Result]], pause: float = 0.0) -> None:
        self._handle, self._pause = handle, pause
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._work: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Result:
        """What came of the item, once a batch with it was handled."""
        promise: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, promise))
        if self._work is None:
            self._work = asyncio.create_task(self._until_nothing_waits())
        return await promise

    async def _until_nothing_waits(self) -> None:
        try:
            while self._waiting:
                if self._pause:
                    await asyncio.sleep(self._pause)
                batch, self._waiting = self._waiting, []
                await self._settle(batch)
        finally:
            self._work = None

    async def _settle(self, batch: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await run_in_threadpool(self._handle, [item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 -- raised again for each who waits for it
            for promise in (promise for _, promise in batch if not promise.done()):
                promise.set_exception(error)
        else:
            for (_, promise), result in zip(batch, results, strict=True):
                if not promise.done():  # whoever waited for it may have gone
                    promise.set_result(result)
