"""Small writes that come in within a moment of each other, done in one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from sqlalchemy import Connection

from flows.runs.session import ArchiveSession

_GATHER_S: Final = 0.05  # longer than the feeds of an unchanged night stand apart, shorter than anybody notices

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class GatheredWrites(Generic[_Item, _Result]):
    """Items of one kind on their way into the archive. What has not been written has not happened."""

    def __init__(
        self, session: ArchiveSession, work: Callable[[Connection, Sequence[_Item]], Sequence[_Result]]
    ) -> None:
        self._session = session
        self._work = work
        self._open: tuple[list[_Item], asyncio.Task[Sequence[_Result]]] | None = None

    async def write(self, item: _Item) -> _Result:
        """Write an item, together with those that come in before and after it; return its result when it is there.

        What the work raises is raised for each of them, and none of them is written.
        """
        if self._open is None:
            items: list[_Item] = []
            self._open = (items, asyncio.create_task(self._write_soon(items)))
            self._open[1].add_done_callback(_heard)
        items, writing = self._open
        items.append(item)
        at = len(items) - 1
        return (await asyncio.shield(writing))[at]

    async def _write_soon(self, items: list[_Item]) -> Sequence[_Result]:
        await asyncio.sleep(_GATHER_S)
        self._open = None
        return await self._session.write(self._work, items)


def _heard(writing: asyncio.Task[Sequence[_Result]]) -> None:
    """Take note of an error for which nobody waits any more: all that did were cancelled."""
    if not writing.cancelled():
        writing.exception()
