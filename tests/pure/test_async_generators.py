"""Generators that were left suspended end one after another, and nothing is logged of it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from oauthclient_operator.async_generators import AsyncGenerators

PACKAGE = __name__.partition(".")[0]


class Stream:
    """A generator that holds something open whose own end takes several turns of the loop, as a watch does."""

    def __init__(self) -> None:
        self.ends: list[str] = []

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Hold something open."""
        try:
            yield
        finally:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            self.ends.append("what it holds")

    async def items(self) -> AsyncIterator[int]:
        """Give items without end."""
        try:
            async with self.opened():
                while True:
                    yield 0
        finally:
            self.ends.append("the stream")


async def cancelled_between_two_items(stream: Stream) -> AsyncIterator[int]:
    """Cancel a task that works on an item, and return the generator that it read from."""
    at_work = asyncio.Event()
    items = stream.items()

    async def read() -> None:
        async for _ in items:
            at_work.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(read())
    await at_work.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return items


def logged(
    stream: Stream,
    make: Callable[[], AsyncGenerators | None],
    caplog: pytest.LogCaptureFixture,
    *,
    still_referred_to: bool = True,
) -> list[str]:
    """Run a loop in which a stream is left, and return what asyncio logs of its end."""
    kept = []

    async def run() -> None:
        generators = make()
        items = await cancelled_between_two_items(stream)
        if still_referred_to:
            kept.append(items)
        del items
        if generators is not None:
            await generators.close()

    with caplog.at_level(logging.ERROR, "asyncio"):
        asyncio.run(run())
    return [record.getMessage() for record in caplog.records if record.name == "asyncio"]


def test_left_to_asyncio_they_end_at_the_same_time_and_an_error_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert "error occurred during closing of asynchronous generator" in "".join(logged(Stream(), lambda: None, caplog))


def test_ended_in_the_order_of_their_beginning_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    stream = Stream()
    assert logged(stream, lambda: AsyncGenerators(PACKAGE), caplog) == []
    assert stream.ends == ["what it holds", "the stream"]


def test_those_of_other_packages_are_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    found = logged(Stream(), lambda: AsyncGenerators("elsewhere"), caplog)
    assert "error occurred during closing of asynchronous generator" in "".join(found)


def test_one_that_nobody_refers_to_has_ended_too(caplog: pytest.LogCaptureFixture) -> None:
    stream = Stream()
    assert logged(stream, lambda: AsyncGenerators(PACKAGE), caplog, still_referred_to=False) == []
    assert stream.ends == ["what it holds", "the stream"]


async def test_asyncio_goes_on_knowing_of_them() -> None:
    generators = AsyncGenerators(PACKAGE)
    stream = Stream()
    items = await cancelled_between_two_items(stream)
    await asyncio.get_running_loop().shutdown_asyncgens()
    await generators.close()
    assert "what it holds" in stream.ends
    assert [item async for item in items] == []


async def test_what_has_ended_is_forgotten() -> None:
    generators = AsyncGenerators(PACKAGE)
    stream = Stream()
    async for _ in stream.items():
        break
    await generators.close()
    ended = list(stream.ends)
    await generators.close()
    assert stream.ends == ended == ["what it holds", "the stream"]


async def failing(ends: list[str], name: str) -> AsyncIterator[int]:
    try:
        yield 0
    finally:
        ends.append(name)
        raise OSError("what was answered")


@pytest.mark.parametrize("still_referred_to", [True, False])
async def test_one_that_fails_stops_no_other_and_says_nothing_of_what_it_quotes(
    caplog: pytest.LogCaptureFixture, *, still_referred_to: bool
) -> None:
    generators, ends = AsyncGenerators(PACKAGE), list[str]()
    left = [failing(ends, "first"), failing(ends, "second")]
    for generator in left:
        await anext(generator)
    del generator
    if not still_referred_to:
        left.clear()
    await generators.close()
    assert sorted(ends) == ["first", "second"]
    assert [record.getMessage() for record in caplog.records] == ["a generator did not end in order"] * 2
    assert "what was answered" not in caplog.text
