"""Bytes that were no feed: named in the ledger, kept, and no left-over of anything."""

import os
from hashlib import sha256

import pytest
from sqlalchemy import Engine

from flows.upkeep.prune import prune
from tests.flows.ingest.one_feed import Feed
from tests.nights import Nights, rows
from tests.site.behaviours import answer
from tests.site.server import Site

PAGE = b"<!DOCTYPE html><html><head><title>Moved</title></head><body><p>We have moved.</p></body></html>"


@pytest.fixture
def feed(nights: Nights, site: Site, engine: Engine) -> Feed:
    """Give a feed in whose place stands a web page."""
    made = Feed(nights, site, engine)
    made.serve(answer(body=PAGE, headers={"Content-Type": "text/html"}))
    return made


async def test_a_page_in_a_feed_place_is_named_and_kept(feed: Feed, engine: Engine) -> None:
    """Its row of the ledger has its digest, also after housekeeping, and the store holds nothing without a name."""
    digest, home = sha256(PAGE).hexdigest(), feed.nights.home
    report = await feed.night()
    assert (report.status, report.error) == ("failed", "NotAFeed")
    assert [row["document_digest"] for row in rows(engine, "feed_runs")] == [digest]
    assert [row["digest"] for row in rows(engine, "raw_blobs")] == [digest]
    stored = home / "raw" / digest[:2] / f"{digest}.zst"
    os.utime(stored, (0, 0))
    assert prune(feed.nights.settings, feed.nights.clock()).documents == 0
    assert stored.is_file()
