"""What one thing does harm to costs that one; what fails on everything is not done on everything."""

from collections.abc import Sequence

import pytest

from flows.runs.derived.one_by_one import one_by_one
from models.errors import DiskFailed, WorkerKilled


class Work:
    """A work that fails on some numbers."""

    def __init__(self, *bad: int, error: Exception | None = None) -> None:
        self.bad = bad
        self.error = error or WorkerKilled("it ran over its 60 s")
        self.done: list[int] = []
        self.calls = 0

    async def __call__(self, items: Sequence[int]) -> None:
        """Do it, on all or none."""
        self.calls += 1
        if set(items) & set(self.bad):
            raise self.error
        self.done += items


async def test_together_where_nothing_fails() -> None:
    """In one call; of nothing in none."""
    work = Work()
    assert await one_by_one([1, 2, 3], work) == []
    assert await one_by_one([], work) == []
    assert (work.done, work.calls) == ([1, 2, 3], 1)


async def test_one_that_fails_costs_itself() -> None:
    """And says why."""
    work = Work(1, 4)
    failed = await one_by_one([1, 2, 3, 4, 5], work)
    assert [(one.item, one.reason) for one in failed] == [(1, "it ran over its 60 s"), (4, "it ran over its 60 s")]
    assert work.done == [2, 3, 5]


async def test_a_bug_is_told_in_one_line() -> None:
    """As one of a feed is."""
    (failed,) = await one_by_one([7], Work(7, error=KeyError("secret words\nof a story")))
    assert failed.reason == "bug: KeyError: 'secret words\\nof a story'"


async def test_what_fails_from_the_first_on_is_given_up() -> None:
    """After three: it is not their fault, and each may cost minutes."""
    work = Work(*range(100))
    with pytest.raises(WorkerKilled):
        await one_by_one(range(100), work)
    assert work.calls == 4


async def test_storage_that_cannot_serve_ends_all() -> None:
    """It would serve no other either."""
    work = Work(1, error=DiskFailed("The disk is full"))
    with pytest.raises(DiskFailed):
        await one_by_one([1, 2], work)
    assert work.calls == 1
