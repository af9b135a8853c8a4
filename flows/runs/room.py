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
    async def taken(self, size_bytes: int) -> AsyncIterator[None]:
        """Wait for room, and hold it as long as the context lasts."""
        wanted = min(size_bytes, self._size_bytes)
        given = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, given))
        self._hand_out()
        try:
            await given
            yield
        finally:
            self._free_bytes += 0 if given.cancelled() else wanted
            self._hand_out()

    def _hand_out(self) -> None:
        while self._waiting and (self._waiting[0][1].done() or self._waiting[0][0] <= self._free_bytes):
            wanted, given = self._waiting.popleft()
            if not given.done():  # its task was not cancelled
                self._free_bytes -= wanted
                given.set_result(None)
