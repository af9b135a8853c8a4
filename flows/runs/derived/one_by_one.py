"""Work on many stories beside a run or at its end, in which what one of them does harm to costs that one alone."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from msgspec import Struct

from flows.runs.bugs import bug_problem
from flows.runs.context import RunContext
from models.errors import ArchiveError, RunEnded, StorageError

log = logging.getLogger(__name__)

Item = TypeVar("Item")
ENOUGH: Final = 3  # failures from the first one on, after which it is not the stories that fail


class Failed(Struct, Generic[Item], frozen=True, kw_only=True):
    """Something on which a work failed."""

    item: Item
    reason: str


async def one_by_one(items: Sequence[Item], work: Callable[[Sequence[Item]], Awaitable[None]]) -> list[Failed[Item]]:
    """Have work done on items, all together; where that fails, one by one. Return those on which it fails alone.

    Raise what the work raises where it fails on one after the other, or where the archive itself cannot go on.
    """
    if not items:
        return []
    try:
        await work(items)
    except Exception as error:  # noqa: BLE001 (a bug costs one story, not those beside it)
        reason = reason_of(error)
        if len(items) == 1:
            return [Failed(item=items[0], reason=reason)]
        return await _each(items, work, error)
    return []


async def attempted(run: RunContext, what: str, work: Callable[[RunContext], Awaitable[object]]) -> None:
    """Have work done at a run's end; where it fails, what the run brought is there, and the next one goes on."""
    try:
        await work(run)
    except Exception as error:  # noqa: BLE001 (the others are done, and the run says what was not)
        run.trouble(f"{what} did not come to its end, and the next run goes on: {reason_of(error)}")


async def in_step(run: RunContext, what: str, work: Callable[[RunContext], Awaitable[object]]) -> None:
    """Have a part of such work done while the run goes on; where it fails, its end does it, or says what it did not."""
    try:
        await work(run)
    except Exception as error:  # noqa: BLE001 (what is left undone waits for the run's end)
        log.warning("A part of %s failed, and the run's end tries it again: %s", what, reason_of(error))


def reason_of(error: Exception) -> str:
    """Return why a work failed, in one line. Raise it where it is no work's fault: the archive cannot go on."""
    if isinstance(error, (StorageError, RunEnded)):
        raise error
    log.debug("It failed", exc_info=error)
    return str(error) if isinstance(error, ArchiveError) else bug_problem(error).message


async def _each(
    items: Sequence[Item], work: Callable[[Sequence[Item]], Awaitable[None]], error: Exception
) -> list[Failed[Item]]:
    failed: list[Failed[Item]] = []
    for done, item in enumerate(items, start=1):
        failed += await one_by_one([item], work)
        if len(failed) == done == ENOUGH:
            raise error
    return failed
