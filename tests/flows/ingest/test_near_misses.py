"""An entry that comes near the gate is judged by its page, in the night that meets it."""

from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from models.queries.filters import StoryFilter
from models.queries.ledger.checks import audit
from models.queries.searching.search import SearchRequest, search
from models.reports import Counts
from models.storage.database import read_transaction
from tests.databases import on_one
from tests.nights import Nights, row_of, rows
from tests.site.behaviours import answer
from tests.site.server import Site

HTML = {"Content-Type": "text/html; charset=utf-8"}
TITLE = "Council votes on solar roofs"
TEASER = "The council said on Tuesday that police closed the street, and the club won the football game."
CLIMATE = "The council cut emissions, for climate change drives the sea level up and floods the coast every winter. "
OTHER = (
    "The keeper scored a goal in the football match, and the festival's film star won the chess prize at the trial. "
)


def _serve(site: Site, nights: Nights, *texts: str, **feed: Any) -> None:
    items = ""
    for number, text in enumerate(texts):
        title = f"{TITLE} in ward {number}" if number else TITLE
        body = f"<!DOCTYPE html><title>{title}</title><article><h1>{title}</h1>{f'<p>{text * 3}</p>' * 3}</article>"
        url = site.serve(f"/{number}", answer(200, body.encode(), HTML))
        items += f"<item><title>{title}</title><link>{url}</link><description>{TEASER}</description></item>"
    document = f'<rss version="2.0"><channel><title>Town</title>{items}</channel></rss>'
    url = site.serve("/feed", answer(200, document.encode(), {"Content-Type": "application/rss+xml"}))
    nights.feeds = [{"id": "town", "name": "Town", "url": url, "relevance": "gate", "full_text": True, **feed}]


def _near(engine: Engine) -> list[str]:
    with read_transaction(engine) as connection:
        return [story.title for story in search(connection, SearchRequest(filter=StoryFilter(near_misses=True)))]


async def test_a_page_about_climate_admits_its_story(nights: Nights, site: Site, engine: Engine) -> None:
    """It is new in the ledger, shown, and found by its page's words; the next night changes nothing."""
    _serve(site, nights, CLIMATE)
    report = await nights.after(0)
    assert row_of(report, "town").counts == Counts(seen=1, new=1)
    assert (report.pages.due, report.pages.completed) == (1, 1)
    (story,) = rows(engine, "stories")
    assert (story["relevant_run_id"], story["text_source"]) == (report.run_id, "page")
    with read_transaction(engine) as connection:
        assert [found.id for found in search(connection, SearchRequest(query="flood emission"))] == [1]
    assert _near(engine) == []
    again = row_of(await nights.after(1), "town").counts
    assert (again.new, again.off_topic) == (0, 0)
    with read_transaction(engine) as connection:
        assert audit(connection).findings == ()


@on_one
@pytest.mark.parametrize(
    ("feed", "most"),
    [
        pytest.param({}, 50, id="its page says no"),
        pytest.param({"full_text": False}, 50, id="the feed's own text is enough"),
        pytest.param({}, 0, id="none may be read"),
    ],
)
async def test_others_are_turned_away(
    nights: Nights, site: Site, engine: Engine, feed: dict[str, Any], most: int
) -> None:
    """The page is asked for once at most, and never again; a near miss is listed as one unless its page was far off."""
    asked = int(most > 0 and not feed)
    nights.pages = replace(nights.pages, near_misses=most)
    _serve(site, nights, OTHER, **feed)
    assert row_of(await nights.after(0), "town").counts == Counts(seen=1, off_topic=1)
    await nights.after(2)
    assert len(site.visits("/0")) == asked
    assert _near(engine) == ([] if asked else [TITLE])
    with read_transaction(engine) as connection:
        assert audit(connection).findings == ()


@on_one
async def test_a_night_reads_so_many(nights: Nights, site: Site, engine: Engine) -> None:
    """What is over the number is turned away unread, and is no page that is left."""
    nights.pages = replace(nights.pages, near_misses=1)
    _serve(site, nights, CLIMATE, CLIMATE)
    report = await nights.after(0)
    assert row_of(report, "town").counts == Counts(seen=2, new=1, off_topic=1)
    assert (report.pages.due, report.pages.left) == (1, 0)
    assert len(_near(engine)) == 1
