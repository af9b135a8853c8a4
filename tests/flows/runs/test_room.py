"""Room in memory: so many bytes at once, in turn, and given back whatever happens."""

import asyncio

import pytest

from flows.runs.room import Room


class Works:
    """Works that hold room until they are told to end, by their names."""

    def __init__(self, size_bytes: int) -> None:
        self.inside: list[str] = []
        self._room = Room(size_bytes)
        self._ends: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def begin(self, name: str, size_bytes: int) -> None:
        """Have one ask for room; return when it has it or waits."""
        self._ends[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(self._work(name, size_bytes))
        await _others_first()

    async def end(self, name: str) -> None:
        """Have one give its room back."""
        self._ends[name].set()
        await self._tasks[name]
        await _others_first()

    async def cancel(self, name: str) -> None:
        """Cancel one, wherever it is."""
        self._tasks[name].cancel()
        with pytest.raises(asyncio.CancelledError):
            await self._tasks[name]
        await _others_first()

    async def _work(self, name: str, size_bytes: int) -> None:
        async with self._room.taken(size_bytes):
            self.inside.append(name)
            try:
                await self._ends[name].wait()
            finally:
                self.inside.remove(name)


async def _others_first() -> None:
    for _ in range(5):  # steps of a task from one wait to the next
        await asyncio.sleep(0)


async def test_what_finds_no_room_waits_for_it_in_turn() -> None:
    """A small one that would find room does not overtake: a large one would wait for ever."""
    works = Works(10)
    await works.begin("first", 6)
    await works.begin("large", 8)
    await works.begin("small", 1)
    assert works.inside == ["first"]
    await works.end("first")
    assert works.inside == ["large", "small"]


async def test_what_is_larger_than_all_room_has_it_alone() -> None:
    """It waits until nobody else is there, and nobody else comes in."""
    works = Works(10)
    await works.begin("first", 1)
    await works.begin("giant", 1000)
    assert works.inside == ["first"]
    await works.end("first")
    await works.begin("next", 1)
    assert works.inside == ["giant"]
    await works.end("giant")
    assert works.inside == ["next"]


async def test_who_waits_for_a_network_lets_others_in() -> None:
    """And waits for room again behind them; cancelled there, it holds none."""
    room, answered = Room(10), asyncio.Event()
    steps: list[str] = []

    async def ask() -> None:
        async with room.taken(10) as place:
            async with place.left():
                await answered.wait()
            steps.append("asked")

    asking = asyncio.create_task(ask())
    await _others_first()
    async with room.taken(10):
        steps.append("other")
        answered.set()
        await _others_first()
        assert steps == ["other"]
    await asking
    assert steps == ["other", "asked"]
    again = asyncio.create_task(ask())
    async with room.taken(10):
        await _others_first()
        again.cancel()
        with pytest.raises(asyncio.CancelledError):
            await again
    async with asyncio.timeout(60), room.taken(10):
        steps.append("free")


@pytest.mark.parametrize("cancelled", ["holder", "waiting"])
async def test_what_is_cancelled_leaves_its_room_to_others(cancelled: str) -> None:
    """Whether it had it or waited for it."""
    works = Works(10)
    await works.begin("holder", 10)
    await works.begin("waiting", 10)
    await works.begin("next", 10)
    await works.cancel(cancelled)
    left = ({"holder", "waiting"} - {cancelled}).pop()
    assert works.inside == [left]
    await works.end(left)
    assert works.inside == ["next"]
