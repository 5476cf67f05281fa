"""Group commit: what waits while a batch is handled is the next batch."""

import asyncio
import threading

import pytest

from controller.web.together import Together


class Handler:
    """Handles batches of numbers, the first one only once it may; doubles them, and refuses 13."""

    def __init__(self):
        self.batches, self.may_end, self.begun = [], threading.Event(), threading.Event()

    def __call__(self, numbers):
        self.batches.append(list(numbers))
        self.begun.set()
        assert self.may_end.wait(10)
        if 13 in numbers:
            raise ValueError("thirteen")
        return [2 * number for number in numbers]


async def crowd(handler, *others):
    """One task that has the handler to itself, others that come meanwhile; what came of each."""
    together = Together(handler)
    first = asyncio.create_task(together(1))
    await asyncio.to_thread(handler.begun.wait, 10)
    rest = [asyncio.create_task(together(number)) for number in others]
    await asyncio.sleep(0)
    handler.may_end.set()
    return await asyncio.gather(first, *rest, return_exceptions=True)


def test_what_comes_within_the_pause_is_handled_together():
    batches = []

    def handle(numbers):
        batches.append(list(numbers))
        return numbers

    async def crowd_later():
        together = Together(handle, pause=0.2)
        first = asyncio.create_task(together(1))
        await asyncio.sleep(0.01)
        return await asyncio.gather(first, together(2), together(3))

    assert asyncio.run(crowd_later()) == [1, 2, 3]
    assert batches == [[1, 2, 3]]


def test_what_comes_while_a_batch_is_handled_is_handled_as_one():
    handler = Handler()
    assert asyncio.run(crowd(handler, 2, 3, 4)) == [2, 4, 6, 8]
    assert handler.batches == [[1], [2, 3, 4]]


def test_an_error_is_everybodys_of_its_batch_and_nobody_elses():
    first, *others = asyncio.run(crowd(Handler(), 13, 2))
    assert first == 2
    assert [str(error) for error in others] == ["thirteen", "thirteen"]


def test_whoever_went_away_keeps_nobody_else_from_an_answer():
    async def story():
        handler = Handler()
        together = Together(handler)
        gone = asyncio.create_task(together(1))
        await asyncio.to_thread(handler.begun.wait, 10)
        staying = asyncio.create_task(together(2))
        gone.cancel()
        handler.may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await staying

    assert asyncio.run(story()) == 4


def test_one_after_the_other_is_a_batch_each():
    async def story(handler):
        handler.may_end.set()
        together = Together(handler)
        return [await together(1), await together(2)]

    handler = Handler()
    assert asyncio.run(story(handler)) == [2, 4]
    assert handler.batches == [[1], [2]]
