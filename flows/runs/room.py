"""Room for work in memory: so many bytes at once, whoever comes first."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Room:
    """Hands out room in bytes, in the order in which it is asked for. What is larger than all of it has it alone."""

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = self._free_bytes = size_bytes
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def taken(self, size_bytes: int) -> AsyncIterator["Place"]:
        """Wait for room, and hold it as long as the context lasts."""
        place = Place(self, min(size_bytes, self._size_bytes))
        await place.take()
        try:
            yield place
        finally:
            place.leave()

    async def take(self, size_bytes: int) -> None:
        """Wait for so much of it."""
        given = asyncio.get_running_loop().create_future()
        self._waiting.append((size_bytes, given))
        self._hand_out()
        try:
            await given
        except asyncio.CancelledError:
            self.give_back(0 if given.cancelled() else size_bytes)
            raise

    def give_back(self, size_bytes: int) -> None:
        """Let others have it."""
        self._free_bytes += size_bytes
        self._hand_out()

    def _hand_out(self) -> None:
        while self._waiting and (self._waiting[0][1].done() or self._waiting[0][0] <= self._free_bytes):
            wanted, given = self._waiting.popleft()
            if not given.done():  # its task was not cancelled
                self._free_bytes -= wanted
                given.set_result(None)


class Place:
    """Room that somebody holds, or has given back for a while."""

    def __init__(self, room: Room, size_bytes: int) -> None:
        self._room = room
        self._size_bytes = size_bytes
        self._is_held = False

    async def take(self) -> None:
        """Wait for it."""
        await self._room.take(self._size_bytes)
        self._is_held = True

    def leave(self) -> None:
        """Give it back, where it is held."""
        if self._is_held:
            self._is_held = False
            self._room.give_back(self._size_bytes)

    @asynccontextmanager
    async def left(self) -> AsyncIterator[None]:
        """Let others have it as long as the context lasts, which waits for a network; then wait for it again."""
        self.leave()
        yield
        await self.take()
