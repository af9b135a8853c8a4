"""What a fetch brings home: documents, validators, the way it went, and the record of every request."""

import asyncio
import tracemalloc
from datetime import UTC, timedelta
from email.utils import format_datetime
from hashlib import sha256

import pytest
from msgspec.structs import replace

from flows.steps.fetch import Fetcher
from tests.site.behaviours import FEED, answer, cached, encoded, gzip_bomb, in_turn, on_nights, redirect
from tests.site.server import Conversation, Site
from tests.site.visitor import PATIENT, STARTED_AT, Pauses, allowing, visitor

MARCH = "Sun, 01 Mar 2026 04:00:00 GMT"


async def test_a_document_comes_with_its_digest_and_validators(site: Site, fetcher: Fetcher) -> None:
    """A feed that is there gives its bytes, their digest, its type and both validators."""
    url = site.serve("/feed", answer(headers={"ETag": '"one"', "Last-Modified": MARCH}))
    result = await fetcher.fetch_feed(url)
    assert (result.url, result.final_url, result.moved_to) == (url, url, None)
    assert (result.body, result.digest) == (FEED, sha256(FEED).hexdigest())
    assert (result.etag, result.last_modified) == ('"one"', MARCH)
    assert result.content_type == "application/rss+xml; charset=utf-8"
    assert (result.is_complete, result.problem, result.attempts) == (True, None, 1)


@pytest.mark.parametrize(
    ("validators", "sent"),
    [
        pytest.param({"etag": '"one"'}, {"ETag": '"one"'}, id="a strong ETag"),
        pytest.param({"etag": 'W/"one"'}, {"ETag": 'W/"one"'}, id="a weak ETag"),
        pytest.param({"last_modified": MARCH}, {"Last_Modified": MARCH}, id="Last-Modified"),
        pytest.param({"etag": '"1"', "last_modified": MARCH}, {"ETag": '"1"', "Last_Modified": MARCH}, id="both"),
    ],
)
async def test_a_known_document_is_not_sent_again(validators, sent, site: Site, fetcher: Fetcher) -> None:
    """Validators brought back earn a 304, which is no problem, has no body and keeps the validators."""
    url = site.serve("/feed", cached(**{name.lower(): value for name, value in sent.items()}))
    first = await fetcher.fetch_feed(url)
    second = await fetcher.fetch_feed(url, etag=first.etag, last_modified=first.last_modified)
    assert {"etag": first.etag, "last_modified": first.last_modified} == {
        "etag": None,
        "last_modified": None,
    } | validators
    assert second.is_not_modified
    assert (second.body, second.digest) == (None, None)
    assert (second.etag, second.last_modified) == (first.etag, first.last_modified)


async def test_a_304_without_headers_keeps_the_validators_that_were_sent(site: Site, fetcher: Fetcher) -> None:
    """A bare 304 says that what was asked with still holds."""
    result = await fetcher.fetch_feed(site.serve("/feed", answer(304, b"")), etag='"a"', last_modified=MARCH)
    assert result.is_not_modified
    assert (result.etag, result.last_modified) == ('"a"', MARCH)


@pytest.mark.parametrize(
    "etag", [pytest.param('"\xe9"', id="not ASCII"), pytest.param('"' + "e" * 1001 + '"', id="too long")]
)
async def test_a_validator_that_cannot_be_sent_back_is_dropped(etag: str, site: Site, fetcher: Fetcher) -> None:
    """An ETag that a request header cannot carry is not kept."""
    result = await fetcher.fetch_feed(site.serve("/feed", answer(headers={"ETag": etag})))
    assert (result.body, result.etag) == (FEED, None)


async def test_requests_name_us_and_keep_no_cookies(site: Site, fetcher: Fetcher) -> None:
    """Every request carries the named User-Agent and asks for gzip and deflate only; cookies are never returned."""
    url = site.serve("/feed", answer(headers={"Set-Cookie": "reader=42"}))
    await fetcher.fetch_feed(url)
    result = await fetcher.fetch_feed(url)
    headers = site.log[-1].headers
    assert headers["user-agent"].startswith("climate-archive/")
    assert headers["user-agent"].endswith(" (+https://archive.example/about)")
    assert headers["accept-encoding"] == "gzip, deflate"
    assert "cookie" not in headers
    assert "Set-Cookie" not in dict(result.requests[0].headers)


async def test_every_request_is_recorded(site: Site, fetcher: Fetcher) -> None:
    """Hops and failed tries stand in the record with number, status, size, digest and problem."""
    site.serve("/b", in_turn(answer(500), answer()))
    result = await fetcher.fetch_feed(site.serve("/a", redirect(302, "/b#part")))
    rows = [(r.url, r.attempt, r.status, r.size_bytes, r.problem.error if r.problem else None) for r in result.requests]
    assert rows == [
        (site.url("/a"), 1, 302, 0, None),
        (site.url("/b"), 1, 500, 0, "TryLater"),
        (site.url("/a"), 2, 302, 0, None),
        (site.url("/b"), 2, 200, len(FEED), None),
    ]
    assert result.requests[-1].digest == result.digest
    assert all(request.started_at.tzinfo is UTC for request in result.requests)
    assert ("Location", "/b#part") in result.requests[0].headers
    assert (result.final_url, result.attempts) == (site.url("/b"), 2)


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        pytest.param([301], "/1", id="one permanent hop"),
        pytest.param([301, 308], "/2", id="a chain of permanent hops"),
        pytest.param([301, 302], "/1", id="permanent, then temporary"),
        pytest.param([302, 301], None, id="temporary, then permanent"),
        pytest.param([301, 307, 301], "/1", id="a permanent hop after a temporary one does not count"),
        pytest.param([303], None, id="one temporary hop"),
    ],
)
async def test_moved_to_follows_permanent_redirects_alone(statuses, moved_to, site: Site, fetcher: Fetcher) -> None:
    """Only the unbroken chain of 301 and 308 at the start says where the feed has moved."""
    for number, status in enumerate(statuses):
        site.serve(f"/{number}", redirect(status, f"/{number + 1}"))
    end = site.serve(f"/{len(statuses)}", answer())
    result = await fetcher.fetch_feed(site.url("/0"))
    assert result.body == FEED
    assert result.final_url == end
    assert result.moved_to == (site.url(moved_to) if moved_to else None)


async def test_a_location_in_raw_bytes_is_followed(site: Site, fetcher: Fetcher) -> None:
    """A Location with bytes outside ASCII leads to the percent-encoded path of the same bytes."""
    site.serve("/caf%C3%A9", answer())
    result = await fetcher.fetch_feed(site.serve("/feed", redirect(302, " /caf\xc3\xa9 ")))
    assert result.body == FEED


@pytest.mark.parametrize(
    ("retry_after", "pauses_s"),
    [
        pytest.param("7", [7.0], id="seconds"),
        pytest.param("6.25", [6.25], id="with a fraction"),
        pytest.param("30", [30.0], id="as long as is waited for"),
        pytest.param(format_datetime(STARTED_AT + timedelta(seconds=9), usegmt=True), [9.0], id="a date"),
        pytest.param("0", [0.5], id="at once: the backoff holds"),
        pytest.param(MARCH, [0.5], id="a date gone by: the backoff holds"),
        pytest.param("soon", [0.5], id="nonsense: the backoff holds"),
        pytest.param("", [0.5], id="empty: the backoff holds"),
    ],
)
async def test_retry_after_is_waited_for(retry_after, pauses_s, site: Site, fetcher: Fetcher, pauses: Pauses) -> None:
    """A server that names its moment is asked again then, never sooner."""
    url = site.serve("/feed", in_turn(answer(503, headers={"Retry-After": retry_after}), answer()))
    result = await fetcher.fetch_feed(url)
    assert result.body == FEED
    assert pauses.seconds == pauses_s


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        pytest.param("31", timedelta(seconds=31), id="just too long to wait for"),
        pytest.param("86400", timedelta(days=1), id="a day"),
        pytest.param("3600.0", timedelta(hours=1), id="an hour, with a fraction"),
        pytest.param(format_datetime(STARTED_AT + timedelta(hours=3), usegmt=True), timedelta(hours=3), id="a date"),
        pytest.param("Sun, 01 Mar 2026 06:15:00 -0000", timedelta(hours=2), id="a date of unknown zone is UTC"),
        pytest.param("9" * 40, timedelta(days=7), id="for ever is a week"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(days=7), id="the year 9999 is a week"),
    ],
)
async def test_a_long_retry_after_is_left_alone(
    retry_after, wait, site: Site, fetcher: Fetcher, pauses: Pauses
) -> None:
    """A moment too far away is handed on as retry_at, after one request."""
    result = await fetcher.fetch_feed(site.serve("/feed", answer(429, headers={"Retry-After": retry_after})))
    assert result.problem is not None
    assert result.problem.retry_at == STARTED_AT + wait
    assert (len(site.log), pauses.seconds) == (1, [])


async def test_backoff_grows_and_jitter_lengthens_it(site: Site, pauses: Pauses) -> None:
    """The pauses between tries are 0.5, 1, 2 and 2 seconds, up to half as much longer by jitter."""
    limits = replace(PATIENT, allow_private=allowing(site), tries=5)
    async with visitor(pauses, limits, jitter=lambda: 1.0) as fetcher:
        await fetcher.fetch_feed(site.serve("/feed", answer(500)))
    assert pauses.seconds == [0.75, 1.5, 3.0, 3.0]


async def test_max_tries_lowers_the_tries(site: Site, fetcher: Fetcher) -> None:
    """A second pass asks once."""
    result = await fetcher.fetch_feed(site.serve("/feed", answer(500)), max_tries=1)
    assert (result.attempts, len(site.log)) == (1, 1)


async def test_the_deadline_of_a_feed_counts_its_pauses(site: Site, pauses: Pauses) -> None:
    """Where the next pause would pass the deadline of the feed, its tries end."""
    limits = replace(PATIENT, allow_private=allowing(site), feed_deadline_s=35.0)
    async with visitor(pauses, limits) as fetcher:
        result = await fetcher.fetch_feed(site.serve("/feed", answer(503, headers={"Retry-After": "20"})))
    assert (result.attempts, pauses.seconds) == (2, [20.0])
    assert result.problem is not None
    assert result.problem.retry_at == STARTED_AT + timedelta(seconds=40)


async def test_hops_share_the_deadline_of_their_try(site: Site, pauses: Pauses) -> None:
    """Redirects that each answer just in time together run into the deadline of one try."""
    limits = replace(PATIENT, allow_private=allowing(site), total_timeout_s=0.25, read_timeout_s=5.0, tries=1)

    async def dawdle(talk: Conversation) -> None:
        await talk.wait(0.1)
        await talk.send(302, b"", {"Location": f"?{talk.seen.visit}"})

    async with visitor(pauses, limits) as fetcher:
        result = await fetcher.fetch_feed(site.serve("/feed", dawdle))
    assert result.problem is not None
    assert result.problem.error == "TimedOut"
    assert len(site.log) <= 3


async def test_a_try_with_no_time_left_makes_no_request(site: Site, pauses: Pauses) -> None:
    """A deadline that is used up before the request ends the try as timed out."""
    async with visitor(pauses, replace(PATIENT, allow_private=allowing(site), total_timeout_s=0.0)) as fetcher:
        result = await fetcher.fetch_feed(site.serve("/feed", answer()))
    assert result.problem is not None
    assert (result.problem.error, site.log) == ("TimedOut", [])


async def test_a_gzip_bomb_stays_small_in_memory(site: Site, fetcher: Fetcher) -> None:
    """A body of a few kilobytes that unfolds to 60 MB never takes more than a small multiple of the cap."""
    url = site.serve("/bomb", encoded(gzip_bomb(60_000_000), "gzip"))
    tracemalloc.start()
    try:
        result = await fetcher.fetch_feed(url)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert result.problem is not None
    assert result.problem.error == "TooLarge"
    assert peak_bytes < 4_000_000


async def test_what_was_cut_off_is_whole_the_next_night(site: Site, fetcher: Fetcher) -> None:
    """The bytes of a broken body arrive marked as incomplete; the night after brings the whole document."""

    async def close_after(talk: Conversation) -> None:
        await answer(headers={"Content-Length": str(len(FEED) + 9)})(talk)
        talk.close()

    url = site.serve("/feed", on_nights(close_after, answer()))
    first = await fetcher.fetch_feed(url)
    site.night = 2
    second = await fetcher.fetch_feed(url)
    assert (first.body, first.is_complete, first.problem) == (FEED, False, None)
    assert (second.body, second.is_complete) == (FEED, True)


async def test_cancelling_a_fetch_is_not_swallowed(site: Site, fetcher: Fetcher) -> None:
    """A run that is interrupted ends its fetches at once."""
    is_asked = asyncio.Event()

    async def hang_and_tell(talk: Conversation) -> None:
        is_asked.set()
        await talk.hang()

    task = asyncio.create_task(fetcher.fetch_feed(site.serve("/feed", hang_and_tell)))
    await is_asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_close_may_be_called_twice(site: Site, fetcher: Fetcher) -> None:
    """Closing an already closed fetcher does nothing."""
    await fetcher.close()
    await fetcher.close()


async def test_a_whole_night_of_requests_runs_at_once(site: Site, fetcher: Fetcher) -> None:
    """Many feeds fetched together all arrive."""
    urls = [site.serve(f"/{number}", answer(body=FEED + b"%d" % number)) for number in range(50)]
    results = await asyncio.gather(*(fetcher.fetch_feed(url) for url in urls))
    assert [result.body for result in results] == [FEED + b"%d" % number for number in range(50)]
