"""Workers that the tests call."""

import builtins

import pytest

from flows.workers.pool import JobPool

COUNT_STARTS = "import sys; sys.starts = getattr(sys, 'starts', 0) + 1; sys.topics = {0!r}"


@pytest.fixture
async def workers():
    """One process that was told two topics."""
    async with JobPool(builtins.exec, COUNT_STARTS.format("coal, wind"), processes=1) as pool:
        yield pool
