"""One feed over the nights: what it is asked for, what is learnt of it, and when it is left alone."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from flows.runs.choice import failed_feeds
from flows.runs.opening import RunRequest
from flows.upkeep.telling.alerts import look
from models.queries.ledger.runs import LATEST
from models.reports import FeedStatus
from tests.databases import on_one
from tests.flows.ingest.one_feed import Feed
from tests.nights import HURRIED
from tests.site.behaviours import (
    FEED,
    answer,
    cached,
    framed,
    hang,
    in_turn,
    on_nights,
    raw,
    redirect,
)

DOWN = answer(503, b"")


async def test_a_feed_that_is_down_is_asked_five_times_at_most(feed: Feed) -> None:
    """Three tries, then twice more once all feeds are done; after three such nights the second pass is not worth it."""
    feed.serve(DOWN)
    asked = []
    for _ in range(4):
        row = await feed.night()
        assert (row.status, row.error) == (FeedStatus.FAILED, "TryLater")
        assert row.attempts == feed.asked()
        asked.append(feed.asked())
    assert asked == [5, 5, 5, 3]
    assert feed.row["failing_nights"] == 4


@on_one
async def test_a_feed_that_hangs_is_asked_four_times_at_most(feed: Feed) -> None:
    """A time-out is tried twice, then twice more."""
    feed.nights.fetch = replace(HURRIED, read_timeout_s=0.1)
    feed.serve(hang())
    row = await feed.night()
    assert (row.status, row.error, row.attempts, feed.asked()) == (FeedStatus.FAILED, "TimedOut", 4, 4)


async def test_the_second_pass_rescues_a_feed(feed: Feed) -> None:
    """A feed that fails three times and then answers is ok, in one row with four attempts."""
    feed.serve(in_turn(DOWN, DOWN, DOWN, answer()))
    row = await feed.night()
    assert (row.status, row.attempts, row.counts.new, row.reason) == (FeedStatus.OK, 4, 1, None)
    assert (feed.row["failing_nights"], feed.row["failure_points"]) == (0, 0.0)


@pytest.mark.parametrize(
    "wish", ["7200", "Thu, 19 Nov 2026 23:00:01 GMT"], ids=["two hours in seconds", "a moment in two hours"]
)
@on_one
async def test_a_long_retry_after_is_kept(feed: Feed, wish: str) -> None:
    """A feed that asks for more than half a minute is asked once, then left alone until then, by hand too."""
    feed.serve(on_nights(answer(429, b"", {"Retry-After": wish}), answer()))
    row = await feed.night(0)
    assert (row.status, row.attempts, feed.asked()) == (FeedStatus.FAILED, 1, 1)
    assert feed.row["next_attempt_at"] >= feed.nights.clock.now + timedelta(minutes=119)

    row = await feed.night(1 / 24)
    assert (row.status, feed.asked()) == (FeedStatus.SKIPPED, 0)
    assert row.reason is not None
    assert row.reason.startswith("Retry-After in effect: left alone until 2026-11-19 23:0")
    row = await feed.night(0, "feed")
    assert (row.status, feed.asked()) == (FeedStatus.SKIPPED, 0)

    row = await feed.night(1.1 / 24)
    assert (row.status, feed.asked()) == (FeedStatus.OK, 1)
    assert feed.row["next_attempt_at"] is None


@on_one
async def test_a_short_retry_after_is_waited_for(feed: Feed) -> None:
    """Up to half a minute the night itself waits."""
    feed.serve(in_turn(answer(503, b"", {"Retry-After": "20"}), answer()))
    began = feed.nights.clock.now
    row = await feed.night(0)
    assert (row.status, row.attempts) == (FeedStatus.OK, 2)
    assert feed.nights.clock.now - began >= timedelta(seconds=20)


@on_one
async def test_a_feed_that_fails_for_ten_nights_rests(feed: Feed) -> None:
    """It is asked once a week, at once by hand, and is itself again after the first answer; its stories stay."""
    feed.serve(on_nights(answer(), *[answer(404, b"")] * 13, answer()))
    assert (await feed.night()).counts.new == 1
    for _ in range(10):
        assert (await feed.night()).status is FeedStatus.FAILED
    assert (feed.row["state"], feed.row["state_reason"]) == ("dormant", "the server answered 404 Not Found")

    row = await feed.night(6)
    assert (row.status, feed.asked()) == (FeedStatus.SKIPPED, 0)
    assert row.reason is not None
    assert row.reason.startswith("dormant: left alone until ")
    assert (await feed.night(1)).status is FeedStatus.FAILED
    assert feed.asked() == 1

    assert (await feed.night(1)).status is FeedStatus.SKIPPED
    assert (await feed.night(0, "feed")).status is FeedStatus.UNCHANGED
    assert (feed.row["state"], feed.row["failing_nights"], feed.row["next_attempt_at"]) == ("active", 0, None)
    assert (await feed.night(1)).status is FeedStatus.UNCHANGED


@on_one
async def test_runs_by_hand_silence_no_feed(feed: Feed, engine: Engine) -> None:
    """However often it fails on one day it is asked the next night; its first morning tells what is wrong."""
    feed.serve(answer(404, b""))
    for _ in range(12):
        assert (await feed.night(0.001)).status is FeedStatus.FAILED
    assert (feed.row["state"], feed.row["failing_nights"]) == ("active", 1)
    found = [one for one in look(feed.nights.settings, engine, feed.nights.clock.now) if one.subject == "feed"]
    assert [one.state for one in found] == ["unread"]
    assert "404" in found[0].message


@on_one
async def test_a_rerun_of_what_failed_asks_dormant_feeds(feed: Feed) -> None:
    """A feed at rest gave nothing in the night, and a person wants it."""
    feed.serve(on_nights(*[answer(404, b"")] * 11, answer()))
    for _ in range(11):
        row = await feed.night()
    assert row.status is FeedStatus.SKIPPED
    request = failed_feeds(feed.nights.settings, RunRequest(), LATEST)
    assert (request.mode, request.feeds) == ("rerun", ("feed",))
    assert (await feed.night(0, *request.feeds)).status is FeedStatus.OK


@on_one
async def test_a_feed_that_is_gone_is_asked_by_hand_alone(feed: Feed) -> None:
    """410 is believed; its stories stay, and a person may find out that it has come back."""
    feed.serve(on_nights(answer(), answer(410, b""), answer()))
    await feed.night()
    row = await feed.night()
    assert (row.status, row.attempts) == (FeedStatus.GONE, 1)
    row = await feed.night(30)
    assert (row.status, row.reason, feed.asked()) == (
        FeedStatus.SKIPPED,
        "gone: it said 410 and is not asked again",
        0,
    )
    assert (await feed.night(0, "feed")).status is FeedStatus.UNCHANGED
    assert feed.row["state"] == "active"


@on_one
async def test_a_permanent_redirect_is_believed_after_three_nights(feed: Feed) -> None:
    """A 301 to something else than a feed moves nothing; one to the same feed moves the stored address, not the YAML's.

    Where the feed is not there any more, the address of feeds.yaml has the last word.
    """
    page = answer(200, b"<!DOCTYPE html><title>Sorry</title>", {"Content-Type": "text/html"})
    feed.site.serve("/new", on_nights(page, answer(), answer(), answer(), answer(), answer(410, b"")))
    feed.serve(on_nights(*[redirect(301, "/new")] * 5, answer()))
    old = feed.address
    assert (await feed.night()).error == "NotAFeed"
    for _ in range(3):
        assert feed.row["current_url"] == old
        await feed.night()
    assert (feed.row["url"], feed.row["current_url"]) == (old, feed.site.url("/new"))
    await feed.night()
    assert (feed.asked(), feed.asked("/new")) == (0, 1)
    assert (await feed.night()).status is FeedStatus.UNCHANGED
    assert (feed.asked(), feed.asked("/new"), feed.row["current_url"]) == (1, 1, old)

    feed.nights.feeds[0]["url"] = feed.site.serve("/third", answer())
    await feed.night()
    assert (feed.asked(), feed.asked("/third"), feed.row["current_url"]) == (0, 1, feed.site.url("/third"))


@on_one
async def test_a_redirect_to_another_feed_is_not_believed(feed: Feed) -> None:
    """Its stories must pass the gate, the report says so, and the old address is asked first the next night."""
    football = FEED.replace(b"tide-1", b"match-1").replace(b"Harbour town raises its sea wall", b"Two goals in May")
    football = football.replace(b"/wall", b"/match").replace(b"voted for another forty centimetres", b"lost the match")
    feed.site.serve("/general", answer(200, football))
    feed.serve(on_nights(answer(), *[redirect(301, "/general")] * 4, answer()))
    await feed.night()
    for run in range(4):
        row = await feed.night()
        assert (row.counts.new, row.counts.off_topic + row.counts.unchanged) == (0, 1)
        assert (feed.asked(), feed.asked("/general")) == (1, 1)
        assert run or "redirected for good" in row.warnings[0]
    assert (await feed.night()).counts.unchanged == 1
    assert feed.row["moved_to"] is None


@on_one
async def test_a_temporary_redirect_moves_nothing(feed: Feed) -> None:
    """The next night asks the old address again."""
    feed.site.serve("/new", answer())
    feed.serve(redirect(302, "/new"))
    await feed.night()
    await feed.night()
    assert (feed.asked(), feed.row["current_url"]) == (1, feed.address)


@on_one
async def test_validators_are_sent_six_nights_of_seven(feed: Feed) -> None:
    """Once a week a feed is asked without them, in case they lie."""
    feed.serve(cached(etag='"one"', last_modified="Thu, 19 Nov 2026 20:00:00 GMT"))
    rows_of_nights = [await feed.night() for _ in range(9)]
    headers = [seen.headers for seen in feed.site.visits("/feed")]
    sent = ["if-none-match" in one and "if-modified-since" in one for one in headers]
    assert sent == [False, *[True] * 6, False, True]
    assert [row.http_status for row in rows_of_nights] == [200, *[304] * 6, 200, 304]
    assert [row.status for row in rows_of_nights] == [FeedStatus.OK, *[FeedStatus.UNCHANGED] * 8]


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(framed(FEED, len(FEED) + 99), id="by its framing"),
        pytest.param(framed(FEED[:-17], len(FEED) - 17), id="in its XML"),
    ],
)
@on_one
async def test_a_document_that_is_cut_off_is_asked_for_again(feed: Feed, first: bytes) -> None:
    """Its entries are kept, its validators are not."""
    feed.serve(on_nights(raw(first.replace(b"\r\n\r\n", b'\r\nETag: "1"\r\n\r\n', 1)), answer()))
    row = await feed.night()
    assert (row.status, row.counts.new, feed.row["etag"]) == (FeedStatus.OK, 1, None)
    await feed.night()
    assert "if-none-match" not in feed.site.visits("/feed", 2)[0].headers
