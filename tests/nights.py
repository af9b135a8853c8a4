"""Nights of a test's own: settings for them, the world they run in, and what an archive holds after them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, func, select

from config.settings import PREFIX, FetchSettings, MeaningSettings, PageSettings, Secret, Settings
from flows.ingest.direct import DIRECT_RUNNER
from flows.ingest.passes import work_run
from flows.runs.opening import RunRequest, World, open_run
from models.queries.searching.search import SearchRequest, search
from models.reports import FeedReport, RunReport
from models.storage.database import create_database_engine, read_transaction
from models.tables.schema import METADATA

EVENING = datetime(2026, 11, 19, 21, 0, tzinfo=UTC)
# No pause for politeness: one small server plays all sites.
HURRIED = FetchSettings(host_interval_s=0, per_host=8, second_pass_delay_s=0)
# Loading the encoder takes every worker a second, which no night but its own test wants to spend.
UNREAD = MeaningSettings(second_reader=False, share=0)


class Clock(Struct):
    """A clock that moves when it is told to, and for pauses, which take no time."""

    now: datetime = EVENING

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Stand in for asyncio.sleep."""
        self.now += timedelta(seconds=seconds)

    def advance(self, **span: float) -> None:
        """Let time pass: days=1."""
        self.now += timedelta(**span)


class Nights(Struct):
    """Nights over some feeds into one archive."""

    home: Path
    database_url: str
    allow: str  # host:port of the site, or several with commas
    feeds: list[dict[str, object]] = field(default_factory=list)
    fetch: FetchSettings = HURRIED
    pages: PageSettings = field(default_factory=PageSettings)
    meaning: MeaningSettings = UNREAD
    clock: Clock = field(default_factory=Clock)

    @property
    def settings(self) -> Settings:
        """Return the settings, with feeds.yaml written as the feeds are now."""
        file = self.home / "feeds.yaml"
        self.home.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump({"feeds": self.feeds}, allow_unicode=True, sort_keys=False), encoding="utf-8")
        fetch = replace(self.fetch, allow_private=frozenset(self.allow.split(",")))
        return Settings(
            home=self.home,
            database_url=Secret(self.database_url),
            feeds_file=file,
            fetch=fetch,
            pages=self.pages,
            meaning=self.meaning,
        )

    @property
    def world(self) -> World:
        """Return the world of this clock."""
        return World(clock=self.clock, sleep=self.clock.sleep)

    async def run(self, *feeds: str, **request: Any) -> RunReport:
        """Run a night over all feeds or those named, and return its report."""
        async with open_run(self.settings, RunRequest(feeds=feeds, **request), self.world) as run:
            await work_run(run, DIRECT_RUNNER)
        assert run.report is not None
        return run.report

    async def after(self, days: float = 1, *feeds: str) -> RunReport:
        """Let days pass, then run a night."""
        self.clock.advance(days=days)
        return await self.run(*feeds)

    def environment(self) -> dict[str, str]:
        """Return these settings for a process of their own."""
        settings = self.settings
        given = {
            "HOME": settings.home,
            "DATABASE_URL": self.database_url,
            "FEEDS_FILE": settings.feeds_file,
            "FETCH__ALLOW_PRIVATE": self.allow,
            "FETCH__HOST_INTERVAL_S": self.fetch.host_interval_s,
            "FETCH__PER_HOST": self.fetch.per_host,
            "FETCH__READ_TIMEOUT_S": self.fetch.read_timeout_s,
            "FETCH__SECOND_PASS_DELAY_S": self.fetch.second_pass_delay_s,
            "MEANING__SECOND_READER": self.meaning.second_reader,
            "MEANING__SHARE": self.meaning.share,
        }
        return {PREFIX + name: str(value) for name, value in given.items()}

    def elsewhere(self, home: Path, database_url: str) -> "Nights":
        """Return the same feeds with another archive."""
        return replace(self, home=home, database_url=database_url, clock=Clock())


def row_of(report: RunReport, feed: str) -> FeedReport:
    """Return what one feed gave in a run."""
    return next(row for row in report.feeds if row.feed == feed)


def counts(engine: Engine) -> dict[str, int]:
    """Count the rows of every table."""
    with read_transaction(engine) as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in METADATA.sorted_tables
        }


def rows(engine: Engine, name: str) -> list[dict[str, Any]]:
    """Read a table, in the order of its key."""
    table = METADATA.tables[name]
    with read_transaction(engine) as connection:
        found = connection.execute(select(table).order_by(*table.primary_key.columns))
        return [dict(row._mapping) for row in found]


def stored_files(home: Path) -> dict[str, bytes]:
    """Read the raw store."""
    return {str(path.relative_to(home)): path.read_bytes() for path in (home / "raw").rglob("*") if path.is_file()}


def contents(database_url: str, queries: tuple[str, ...] = ()) -> Mapping[str, list[Any]]:
    """Return all that an archive holds of the news, without numbers, moments and runs: equal where archives are."""
    engine = create_database_engine(database_url)
    try:
        tables = {name: rows(engine, name) for name in _COMPARED}
        with read_transaction(engine) as connection:
            return {"hits": [_hits(connection, query) for query in queries]} | _picture(tables)
    finally:
        engine.dispose()


_COMPARED = (
    *("stories", "story_versions", "sightings", "story_keys", "classifications", "story_topics"),
    *("raw_blobs", "quarantine", "search_queue"),
)
_NUMBERS = ("id", "story_id", "run_id", "first_run_id", "relevant_run_id", "version_id", "classification_id")
_MOMENTS = (
    "first_seen_at",
    "created_at",
    "changed_at",
    "added_at",
    "queued_at",
    "sort_at",
    "page_due_at",
    "relevant_at",
)
_NOT_COMPARED = frozenset((*_NUMBERS, "cluster_id", *_MOMENTS))


def _picture(tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[Any]]:
    _name_all_givers(tables)
    uids = {row["id"]: row["uid"] for row in tables["stories"]}
    versions = {row["id"]: row["number"] for row in tables["story_versions"]}
    for story in tables["stories"]:
        story["is_relevant"] = story["relevant_at"] is not None
        story["version"] = versions.get(story["version_id"])
    current = {row["classification_id"] for row in tables["stories"]}
    tables["classifications"] = [row for row in tables["classifications"] if row["id"] in current]
    judged = {row["id"]: row["story_id"] for row in tables["classifications"]}
    for judgement in tables["classifications"]:
        judgement["version"] = versions[judgement["version_id"]]
    tables["story_topics"] = [
        topic | {"story_id": judged[topic["classification_id"]]}
        for topic in tables["story_topics"]
        if topic["classification_id"] in judged
    ]
    return {
        name: sorted(
            ({"story": uids.get(row.get("story_id"))} | _bare(row) for row in found),
            key=repr,
        )
        for name, found in tables.items()
    }


def _name_all_givers(tables: dict[str, list[dict[str, Any]]]) -> None:
    """Where several feeds gave a story the same text or address, name all of them for the one that came first.

    Which that was is chance: feeds are loaded as they come. The first one's spelling of the date and its entry's bytes
    are left out with it; the moment and the text are compared.
    """
    seen = tables["sightings"]
    told_by_several = set()
    for version in tables["story_versions"]:
        text = (version["story_id"], version["content_hash"])
        givers = sorted(one["feed_id"] for one in seen if (one["story_id"], one["content_hash"]) == text)
        if len(givers) > 1 and version["feed_id"] in givers:
            version |= {"feed_id": givers, "raw_entry": None}
            told_by_several.add(version["story_id"])
    for key in tables["story_keys"]:
        givers = sorted(
            one["feed_id"] for one in seen if (one["story_id"], one["url_key"]) == (key["story_id"], key["key"])
        )
        if len(givers) > 1 and key["feed_id"] in givers:
            key["feed_id"] = givers
    for story in tables["stories"]:
        if story["id"] in told_by_several:
            story["published_raw"] = None


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _NOT_COMPARED}


def _hits(connection: Connection, query: str) -> tuple[str, list[str]]:
    return query, sorted(found.uid for found in search(connection, SearchRequest(query=query, limit=100)))
