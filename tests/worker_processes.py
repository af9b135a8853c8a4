"""Worker processes that nights of the tests share: starting one takes longer than most of them have work for."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from flows.workers.pool import JobPool

_KEPT = 3  # pools: for the topics of the installation with what pages need and without, and for those of a test


class SharedPools:
    """Pools of worker processes that stay when a night ends, for the next one that wants the same."""

    def __init__(self) -> None:
        self._pools: list[tuple[object, JobPool]] = []  # the one used last stands last

    @asynccontextmanager
    async def lend(self, *arguments: Any, **options: Any) -> AsyncIterator[JobPool]:
        """Stand in for `JobPool(...)`: the same processes, started by the first night that asks for them."""
        wanted = (arguments, options)
        found = next((pair for pair in self._pools if pair[0] == wanted), None)
        if found:
            self._pools.remove(found)
            pool = found[1]
        else:
            pool = await JobPool(*arguments, **{"processes": 1} | options).__aenter__()
        # A semaphore belongs to one loop, and each test has its own.
        pool._free, pool._turns = asyncio.Semaphore(pool._count), asyncio.Semaphore(pool._count)
        try:
            yield pool
        finally:
            await self._give_back(wanted, pool)

    async def _give_back(self, wanted: object, pool: JobPool) -> None:
        self._pools.append((wanted, pool))
        while len(self._pools) > _KEPT:
            await self._pools.pop(0)[1].__aexit__(None, None, None)

    def close(self) -> None:
        """End all processes."""
        for _, pool in self._pools:
            asyncio.run(pool.__aexit__(None, None, None))
        self._pools.clear()


@contextmanager
def shared_pools() -> Iterator[SharedPools]:
    """Keep pools for as long as the context lasts."""
    pools = SharedPools()
    try:
        yield pools
    finally:
        pools.close()
