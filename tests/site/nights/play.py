"""Plays the nights: every case on loopback addresses of its own, through the real code, into an archive."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import select

from config.settings import FetchSettings, Secret, Settings
from flows.ingest.direct import DIRECT_RUNNER
from flows.ingest.passes import work_run
from flows.runs.opening import RunRequest, World, open_run
from flows.steps.fetch import Fetcher, FetchLimits
from models.reports import FeedReport, FeedStatus, RunReport
from models.storage.database import create_database_engine, read_transaction
from models.tables.runs import Fetch
from tests.nights import UNREAD
from tests.site.nights.case import FEED_MAX_BYTES, Expected, NightCase
from tests.site.server import Site, self_signed

ADDRESSES = tuple(f"127.0.0.{last}" for last in range(2, 10))
PATIENT_ADDRESSES = tuple(f"127.0.0.{last}" for last in range(10, 20))  # a 429 quiets its whole host
CANARY_ADDRESS = "127.0.0.99"
CLOSED_PORT = 1  # tcpmux: nobody has listened there for decades
# Time-outs are long: no feed of these is slow, and a busy machine is.
LIMITS = FetchLimits(
    feed_max_bytes=FEED_MAX_BYTES,
    host_interval_s=0.02,
    backoff_s=(0.02, 0.04),
    contact="https://archive.example/about",
)

# For those that say nothing, which are few; and for those that answer in the end, though the machine be busy.
HASTY = replace(LIMITS, total_timeout_s=1.2, connect_timeout_s=1.0, read_timeout_s=0.6)
LESS_HASTY = replace(LIMITS, read_timeout_s=4.0)


class Calendar(Struct):
    """The machine's clock, some days on."""

    days: int = 0

    def __call__(self) -> datetime:
        """Tell the time of the night that is played."""
        return datetime.now(UTC) + timedelta(days=self.days)


class Play(Struct, kw_only=True):
    """The sites of all cases, and the archive that reads them."""

    cases: tuple[NightCase, ...]
    home: Path
    database_url: str
    limits: FetchLimits = LIMITS
    sites: dict[str, Site] = field(default_factory=dict)  # by address
    calendar: Calendar = field(default_factory=Calendar)
    canary: Site = field(default_factory=lambda: Site(CANARY_ADDRESS))
    tls: Site = field(default_factory=lambda: Site("127.0.0.97", tls=self_signed()))
    garbage_port: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Play"]:
        """Open the sites; they close at the end of the context."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.canary)
            await stack.enter_async_context(self.tls)
            garbage = await stack.enter_async_context(await asyncio.start_server(_talk_garbage, self.tls.host))
            self.garbage_port = garbage.sockets[0].getsockname()[1]
            for address in (*ADDRESSES, *PATIENT_ADDRESSES):
                site = await stack.enter_async_context(Site(address))
                site.clock, site.canary_port = self.calendar, self.canary.port
                self.sites[address] = site
            for position, case in enumerate(self.cases):
                if case.play is not None:
                    self.site_of(case, position).serve(f"/{case.id}", case.play(case.id))
            yield self

    def site_of(self, case: NightCase, position: int) -> Site:
        """Return the site that plays a case."""
        addresses = PATIENT_ADDRESSES if case.kind == "retry" else ADDRESSES
        return self.sites[addresses[position % len(addresses)]]

    async def night(self, number: int) -> RunReport:
        """Play one night and return the run's report."""
        self.calendar.days = number - 1
        for site in self.sites.values():
            site.night = number
        limits = replace(self.limits, allow_private=self._allowed())
        async with (
            open_run(self.settings(), RunRequest(), World(clock=self.calendar)) as night,
            Fetcher(limits, clock=self.calendar, getaddrinfo=_names) as fetcher,
        ):
            night.fetcher = fetcher
            await work_run(night, DIRECT_RUNNER)
        assert night.report is not None
        return night.report

    def settings(self) -> Settings:
        """Write feeds.yaml and return the settings."""
        self.home.mkdir(parents=True, exist_ok=True)
        file = self.home / "feeds.yaml"
        feeds = [self._block(case, position) for position, case in enumerate(self.cases)]
        file.write_text(yaml.safe_dump({"feeds": feeds}), encoding="utf-8")
        fetch = FetchSettings(second_pass_delay_s=0, allow_private=self._allowed())
        return Settings(
            home=self.home, database_url=Secret(self.database_url), feeds_file=file, fetch=fetch, meaning=UNREAD
        )

    def differences(self, report: RunReport, number: int) -> Iterator[str]:
        """Say where the first or second night came to something else than its case expects."""
        rows = {row.feed: row for row in report.feeds}
        for position, case in enumerate(self.cases):
            requests = len(self.site_of(case, position).visits(f"/{case.id}", number))
            wrong = list(_wrong(rows[case.id], case.nights[number - 1], requests))
            if wrong:
                said = self._troubles(report.run_id, case)
                yield f"night {number}, {case.kind}: {case.name}: {'; '.join(wrong)}; its requests: {said}"

    def _troubles(self, run_id: int, case: NightCase) -> list[str]:
        """List what came of a feed's requests, which tells a busy machine from a mistake."""
        engine = create_database_engine(self.database_url)
        asked = select(Fetch.status, Fetch.message, Fetch.elapsed_ms)
        with read_transaction(engine) as connection:
            rows = connection.execute(asked.where(Fetch.run_id == run_id, Fetch.feed_id == case.id)).all()
        engine.dispose()
        return [f"{row.status} {row.message or ''} {row.elapsed_ms} ms" for row in rows]

    def _block(self, case: NightCase, position: int) -> dict[str, Any]:
        site = self.site_of(case, position)
        ports = {
            "canary": self.canary.port,
            "closed": CLOSED_PORT,
            "tls": self.tls.port,
            "garbage": self.garbage_port,
            "site": site.address,
        }
        url = case.url.format_map(ports) if case.url else site.url(f"/{case.id}")
        return {"id": case.id, "name": case.name, "url": url, "relevance": "assume"}

    def _allowed(self) -> frozenset[str]:
        return frozenset(
            (
                *(site.address for site in (*self.sites.values(), self.tls)),
                f"{self.tls.host}:{self.garbage_port}",
                f"127.0.0.98:{CLOSED_PORT}",
            )
        )


async def _talk_garbage(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 no TLS is spoken here\r\n")
    writer.close()


def _wrong(row: FeedReport, expected: Expected, requests: int) -> Iterator[str]:
    if row.status is not expected.status:
        yield f"it is {row.status} ({row.error}: {row.reason}), not {expected.status}"
    elif row.error != expected.error:
        yield f"the error is {row.error} ({row.reason}), not {expected.error}"
    if row.counts != expected.counts:
        yield f"it counts {row.counts}, not {expected.counts}"
    if expected.says not in (row.reason or ""):
        yield f"the reason is {row.reason!r}, without {expected.says!r}"
    if expected.requests is not None and requests != expected.requests:
        yield f"{requests} requests, not {expected.requests}"
    if row.status is FeedStatus.FAILED and not row.reason:
        yield "no reason"


def _names(host: str, port: int, **options: Any) -> list[tuple[Any, ...]]:
    """Stand in for socket.getaddrinfo, with names of our own."""
    if host == "private.example":
        host = CANARY_ADDRESS
    elif host == "later.example":
        raise socket.gaierror(socket.EAI_AGAIN, "try again")
    elif host.endswith(".example") and len(host) < 64:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")
    return socket.getaddrinfo(host, port, **options)
