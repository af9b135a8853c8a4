"""Documents that find no room yet: on the disk, in no memory, and each is read in its turn."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flows.ingest.direct import DIRECT_RUNNER
from flows.ingest.passes import work_run
from flows.runs.opening import RunRequest, open_run
from flows.runs.room import Place, Room
from models.stages import FetchResult
from tests.nights import Nights
from tests.site.behaviours import answer
from tests.site.server import Site

FEEDS = 5


class WatchedRoom(Room):
    """Room of one byte, that says when all feeds have asked for some."""

    def __init__(self) -> None:
        super().__init__(1)
        self.all_asked = asyncio.Event()
        self._asked = 0

    @asynccontextmanager
    async def taken(self, size_bytes: int) -> AsyncIterator[Place]:
        """Count who asks."""
        self._asked += 1
        if self._asked == FEEDS:
            self.all_asked.set()
        async with super().taken(size_bytes) as place:
            yield place


async def test_documents_wait_on_the_disk_and_are_read_in_turn(nights: Nights, site: Site) -> None:
    """However many feeds have answered, the memory holds those that are being read."""
    nights.feeds = [
        {"id": f"feed-{at}", "name": "Feed", "url": site.serve(f"/{at}", answer()), "relevance": "assume"}
        for at in range(FEEDS)
    ]
    async with open_run(nights.settings, RunRequest(), nights.world) as run:
        run.room = room = WatchedRoom()
        async with Room.taken(room, 1):
            night = asyncio.create_task(work_run(run, DIRECT_RUNNER))
            await room.all_asked.wait()
            assert [one for one in gc.get_objects() if isinstance(one, FetchResult) and one.body] == []
            assert not run.reports
        await night
    assert run.report is not None
    assert [(one.status, one.counts.seen) for one in run.report.feeds] == [("ok", 1)] * FEEDS
