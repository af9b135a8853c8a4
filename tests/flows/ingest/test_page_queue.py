"""The page queue over the nights: how many pages are asked for, when again, and what becomes of those that fail."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, select

from flows.ingest.direct import DIRECT_RUNNER
from flows.ingest.passes import work_run
from flows.runs.context import RunContext
from flows.runs.opening import RunRequest, fetch_limits, open_run
from flows.steps.fetch import Fetcher
from models.errors import DiskFailed
from models.reports import PageCounts, RunStatus
from models.stages import FetchResult
from models.tables.stories import Story
from tests.databases import on_one
from tests.nights import Nights, rows
from tests.site.behaviours import answer, cached, in_turn, on_nights
from tests.site.server import Conversation, Handler, Site

HTML = {"Content-Type": "text/html; charset=utf-8"}
SENTENCE = "The sea level rises, and climate change drives {} of the coast towards a new sea wall. "


def page(title: str, word: str = "the towns") -> bytes:
    """Write an article page of some 500 characters."""
    text = "".join(f"<p>{SENTENCE.format(word) * 2}</p>" for _ in range(3))
    return f"<!DOCTYPE html><title>{title}</title><article><h1>{title}</h1>{text}</article>".encode()


class Coast:
    """A feed of the site with stories whose pages are asked for."""

    def __init__(self, nights: Nights, site: Site, engine: Engine) -> None:
        self.nights, self.site, self._engine = nights, site, engine

    def serve(self, *handlers: Handler) -> None:
        """Let the feed hold a story for each handler of a page."""
        for number, handler in enumerate(handlers):
            self.site.serve(f"/{number}", handler)
        items = "".join(_item(number, self.site.url(f"/{number}")) for number in range(len(handlers)))
        document = f'<rss version="2.0"><channel><title>Coast</title>{items}</channel></rss>'
        url = self.site.serve("/feed", cached(document.encode(), etag='"1"'))
        self.nights.feeds = [{"id": "coast", "name": "Coast", "url": url, "relevance": "assume", "full_text": True}]

    async def night(self, days: float = 1) -> PageCounts:
        """Let days pass and run the next night of the site; return its page sums, which add up."""
        pages = (await self.nights.after(days)).pages
        self.site.night += 1
        parts = (pages.completed, pages.unchanged, pages.revised, pages.refused, pages.gone, pages.failed, pages.left)
        assert pages.due == sum(parts)
        return pages

    def asked(self, number: int = 0) -> int:
        """Count the requests for a page in the night that has just passed."""
        return len(self.site.visits(f"/{number}", self.site.night - 1))

    @property
    def stories(self) -> list[dict[str, Any]]:
        """Read the stories, in the order of their addresses."""
        return sorted(rows(self._engine, "stories"), key=lambda story: str(story["url"]))

    @property
    def reasons(self) -> list[str]:
        """Read why there are versions, in the order in which they were written."""
        return [version["reason"] for version in rows(self._engine, "story_versions")]


def title_of(number: int) -> str:
    """Return the title of a story."""
    return f"Harbour {number} raises its sea wall"


def _item(number: int, url: str) -> str:
    date = f"Thu, 19 Nov 2026 0{number}:00:00 GMT"
    return f"<item><title>{title_of(number)}</title><link>{url}</link><pubDate>{date}</pubDate></item>"


@pytest.fixture
def coast(nights: Nights, site: Site, engine: Engine) -> Coast:
    """Give a feed that is not served yet."""
    return Coast(nights, site, engine)


async def test_a_night_asks_for_so_many_pages_of_a_host(coast: Coast) -> None:
    """The newest stories come first; what is over the limit is counted as left and comes in the next nights."""
    coast.nights.pages = replace(coast.nights.pages, per_host=2)
    coast.serve(*(answer(200, page(title_of(number)), HTML) for number in range(5)))
    assert await coast.night(0) == PageCounts(due=5, completed=2, left=3)
    assert [story["page_state"] for story in coast.stories] == ["due"] * 3 + ["accepted"] * 2
    assert await coast.night(0.1) == PageCounts(due=3, completed=2, left=1)
    assert await coast.night(0.1) == PageCounts(due=1, completed=1)
    assert await coast.night(0.1) == PageCounts()
    assert coast.reasons == ["first"] * 5 + ["completed"] * 5


@on_one
async def test_pages_are_checked_again_after_1_3_7_and_30_days(coast: Coast) -> None:
    """Each check is counted from the one before; a page that its ETag still names costs a 304, and then it is left."""
    coast.serve(cached(page(title_of(0)), etag='"1"'))
    assert (await coast.night(0)).completed == 1
    for days in (1, 3, 7, 30):
        assert (await coast.night(days - 0.6)).due == 0
        assert await coast.night(0.6) == PageCounts(due=1, unchanged=1)
        (visit,) = coast.site.visits("/0", coast.site.night - 1)
        assert visit.headers["if-none-match"] == '"1"'
    assert (await coast.night(400)).due == 0
    assert (coast.stories[0]["page_state"], coast.stories[0]["page_due_at"]) == ("accepted", None)
    assert coast.reasons == ["first", "completed"]


async def test_a_page_that_changed_is_a_revision(coast: Coast) -> None:
    """The next check of a page with another text writes a version; one with the same text writes none."""
    coast.serve(on_nights(*(answer(200, page(title_of(0), word), HTML) for word in ("towns", "towns", "ports"))))
    assert (await coast.night(0)).completed == 1
    assert await coast.night(1) == PageCounts(due=1, unchanged=1)
    assert await coast.night(3) == PageCounts(due=1, revised=1)
    assert coast.reasons == ["first", "completed", "revised"]
    assert coast.stories[0]["revisions"] == 1


@on_one
async def test_a_page_is_tried_on_five_nights(coast: Coast) -> None:
    """A page that fails is asked for again the next night, three tries each, and after five nights no more."""
    coast.serve(answer(500, b"", HTML))
    for _ in range(5):
        assert await coast.night(1) == PageCounts(due=1, failed=1)
        assert coast.asked() == 3
    assert await coast.night(1) == PageCounts()
    (story,) = coast.stories
    assert (story["page_state"], story["page_attempts"]) == ("failed", 5)
    assert story["page_reason"] == "the server answered 500 Internal Server Error"
    assert story["relevant_at"] is not None


async def test_what_a_site_forbids_is_refused(coast: Coast) -> None:
    """robots.txt is obeyed, and the story says why it has no more than its feed's text; 404 is recorded likewise."""
    coast.site.serve("/robots.txt", answer(200, b"User-agent: *\nDisallow: /1\n", {"Content-Type": "text/plain"}))
    coast.serve(answer(200, page(title_of(0)), HTML), answer(200, page(title_of(1)), HTML), answer(404, b"", HTML))
    assert await coast.night(0) == PageCounts(due=3, completed=1, refused=1, gone=1)
    assert coast.asked(1) == 0
    _, forbidden, missing = coast.stories
    assert "robots.txt" in forbidden["page_reason"]
    assert (missing["page_state"], missing["page_reason"]) == ("gone", "the site says 404")
    requests = rows(coast._engine, "fetches")
    assert [row["url"] for row in requests if row["error"] == "RobotsDenied"] == []


@on_one
async def test_a_long_retry_after_of_a_page_is_kept(coast: Coast) -> None:
    """A page that asks for two days is left alone for two days."""
    wish = answer(503, b"", {"Retry-After": str(2 * 86_400)})
    coast.serve(on_nights(wish, answer(200, page(title_of(0)), HTML)))
    assert await coast.night(0) == PageCounts(due=1, failed=1)
    assert coast.asked() == 1
    assert coast.stories[0]["page_due_at"] - coast.nights.clock.now >= timedelta(days=2) - timedelta(minutes=1)
    assert (await coast.night(1.9)).due == 0
    assert (await coast.night(0.2)).completed == 1


@on_one
async def test_pages_of_other_feeds_wait_when_feeds_are_named(coast: Coast) -> None:
    """A run by hand over one feed works the pages of that feed alone."""
    coast.serve(in_turn(answer(500, b"", HTML)))
    await coast.night(0)
    other = coast.site.serve("/other", answer())
    coast.nights.feeds.append({"id": "other", "name": "Other", "url": other, "relevance": "assume"})
    coast.nights.clock.advance(days=1)
    assert (await coast.nights.run("other")).pages.due == 0
    assert (await coast.nights.run("coast")).pages.due == 1


@on_one
async def test_a_host_that_asks_for_patience_keeps_its_pages_waiting(coast: Coast) -> None:
    """What was not asked waits and uses up no attempt, nor does what was told to wait: in some nights all are read."""
    pages = [answer(200, page(title_of(number)), HTML) for number in range(6)]
    later = answer(429, b"", HTML | {"Retry-After": "3600"})
    # A page a night: the newest in the first, then the others, while all are refused from the second request on.
    coast.nights.fetch = replace(coast.nights.fetch, per_host=1)
    coast.serve(*(_after_one_of_the_night(coast.site, one, later) for one in pages))
    for run in range(6):
        sums = await coast.night(1)
        assert sums.due >= 6 - run
        assert not any(story["page_attempts"] for story in coast.stories)
        assert sum(len(coast.site.visits(f"/{number}", run + 1)) for number in range(6)) <= 2
    assert coast.reasons == ["first"] * 6 + ["completed"] * 6


def _after_one_of_the_night(site: Site, first: Handler, others: Handler) -> Handler:
    """Serve a page if it is the first that is asked for in a night."""

    async def handle(talk: Conversation) -> None:
        before = [seen for seen in site.log if seen.night == site.night and seen.path[1:].isdigit()]
        await (first if len(before) == 1 else others)(talk)

    return handle


class Unplugged(Fetcher):
    """A fetcher whose night ends while it waits for the last page, once the other one is in the archive."""

    run: RunContext

    async def fetch_page(self, url: str, *, etag: str | None = None) -> FetchResult:
        """Wait for the other page, then let the disk fail."""
        if url.endswith("/1"):
            return await super().fetch_page(url, etag=etag)
        while not await self.run.session.read(_is_one_accepted):  # meanwhile the other page goes on
            pass
        raise DiskFailed("the disk is full")


def _is_one_accepted(connection: Connection) -> bool:
    return connection.scalar(select(Story.id).where(Story.page_state == "accepted")) is not None


async def _end_early(coast: Coast) -> None:
    limits = fetch_limits(coast.nights.settings.fetch)
    async with (
        open_run(coast.nights.settings, RunRequest(), coast.nights.world) as run,
        Unplugged(limits, clock=coast.nights.clock, sleep=coast.nights.clock.sleep) as fetcher,
    ):
        run.fetcher, fetcher.run = fetcher, run
        await work_run(run, DIRECT_RUNNER)


@on_one
async def test_the_sums_of_a_night_that_ends_early_are_true(coast: Coast, engine: Engine) -> None:
    """What was read before is counted, what was not is left."""
    coast.serve(*(answer(200, page(title_of(number)), HTML) for number in range(2)))
    with pytest.raises(DiskFailed):
        await _end_early(coast)
    (run,) = rows(engine, "runs")
    assert (run["status"], PageCounts(**run["pages"])) == ("failed", PageCounts(due=2, completed=1, left=1))


class Stumbling(Fetcher):
    """A fetcher whose pages hold what the code did not foresee: in one nothing at all, in another an odd status."""

    async def fetch_page(self, url: str, *, etag: str | None = None) -> FetchResult:
        """Fail before there is an answer, or give one that cannot be written down."""
        if url.endswith("/0"):
            raise ZeroDivisionError("nobody thought of this")
        result = await super().fetch_page(url, etag=etag)
        return replace(result, final_url=object()) if url.endswith("/1") else result


async def test_a_bug_costs_one_page(coast: Coast, engine: Engine) -> None:
    """Wherever it shows, on the way to the page or when it is written, the other pages are loaded."""
    coast.serve(*(answer(200, page(title_of(number)), HTML) for number in range(3)))
    limits = fetch_limits(coast.nights.settings.fetch)
    async with (
        open_run(coast.nights.settings, RunRequest(), coast.nights.world) as run,
        Stumbling(limits, clock=coast.nights.clock, sleep=coast.nights.clock.sleep) as fetcher,
    ):
        run.fetcher = fetcher
        await work_run(run, DIRECT_RUNNER)
    assert run.report is not None
    assert run.report.pages == PageCounts(due=3, completed=1, failed=2)
    assert run.report.status is RunStatus.COMPLETED
    first, second, third = coast.stories
    assert first["page_reason"] == "bug: ZeroDivisionError: nobody thought of this"
    assert second["page_reason"].startswith("bug: ")
    assert third["page_state"] == "accepted"
    [kept] = rows(engine, "quarantine")
    assert "Traceback" in kept["traceback"]
    assert kept["digest"] in {row["digest"] for row in rows(engine, "raw_blobs")}
