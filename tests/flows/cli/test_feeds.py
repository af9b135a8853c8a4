"""The `feeds` commands."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from config.feeds import load_feeds
from config.settings import PREFIX
from models.archive.ledger.runs import FeedOutcome, record_feed
from models.reports import FeedReport, FeedStatus
from models.storage.database import write_transaction
from tests.builders import NOON, Archive
from tests.flows.ingest.test_sitemaps import SPACES, news
from tests.site.behaviours import FEED, XML, answer, redirect
from tests.site.server import Site

Command = Callable[..., Any]


def test_feeds_are_listed_before_the_first_run(command: Command) -> None:
    """The list of feeds.yaml is shown without an archive."""
    rows = command("feeds", "list", "--json").document
    assert [(row["id"], row["state"], row["stories"]) for row in rows] == [("one", "new", 0), ("two", "new", 0)]
    assert "one\tnew\t0" in command("feeds", "list").out


def test_feeds_are_listed_with_what_they_gave(full: Command, home: Path) -> None:
    """State, stories and last outcome; a feed that left the list and a new one are told as such."""
    (home / "feeds.yaml").write_text(
        'feeds:\n  - {id: three, name: Three, url: "https://three.example/"}\n'
        '  - {id: one, name: One, url: "https://one.example/feed"}\n'
    )
    rows = {row["id"]: row for row in full("feeds", "list", "--json").document}
    assert list(rows) == ["three", "one", "two"]
    assert (rows["three"]["state"], rows["one"]["state"]) == ("new", "active")
    assert (rows["one"]["stories"], rows["one"]["last_status"], rows["one"]["url"]) == (
        2,
        "ok",
        "https://one.example/feed",
    )
    assert "one\tactive\t2\t\tok\thttps://one.example/feed" in full("feeds", "list").out


OPML = """<?xml version="1.0"?>
<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<opml version="1.1"><head><title>t</title></head><body>
  <outline text="News">
    <outline type="rss" text="Öko &amp; Klima Blatt" language="de" xmlUrl="https://oeko.example/feed"/>
    <outline type="rss" text="Öko &amp; Klima Blatt" language="German" xmlUrl=" https://oeko.example/feed2 "/>
    <outline type="rss" text="One again" xmlUrl="http://www.one.example/feed/?utm_source=x"/>
    <outline type="rss" text="Bad" xmlUrl="ftp://bad.example/feed"/>
    <outline type="rss" text="" xmlUrl="https://[bad"/>
    <outline type="rss" xmlUrl="https://nameless.example/feed"/>
    <outline text="no feed"/>
  </outline></body></opml>"""


def test_an_opml_file_adds_the_feeds_that_are_new(command: Command, home: Path, tmp_path: Path) -> None:
    """New ones get an id of their own, known ones are passed over, impossible ones are named."""
    path = tmp_path / "list.opml"
    path.write_text(OPML)
    report = command("feeds", "import", path, "--json").document
    assert report["added"] == ["oko-klima-blatt", "oko-klima-blatt-2", "nameless-example"]
    assert report["known"] == 1
    assert [one["url"] for one in report["refused"]] == ["ftp://bad.example/feed", "https://[bad"]
    specs = {spec.id: spec for spec in load_feeds(home / "feeds.yaml")}
    assert (specs["oko-klima-blatt"].name, specs["oko-klima-blatt"].language) == ("Öko & Klima Blatt", "de")
    assert specs["oko-klima-blatt-2"].language is None
    again = command("feeds", "import", path)
    assert again.code == 0
    assert "0 feeds added" in again.err
    assert "refused ftp://bad.example/feed: url must be an address" in again.out


def test_a_feed_reader_own_addresses_are_web_addresses(command: Command, home: Path, tmp_path: Path) -> None:
    """feed://X is http://X, feed:https://X is https://X."""
    path = tmp_path / "list.opml"
    outlines = (
        '<outline text="A" xmlUrl="feed://a.example/rss"/><outline text="B" xmlUrl="feed:https://b.example/rss"/>'
    )
    path.write_text(f"<opml version='2.0'><body>{outlines}</body></opml>")
    assert command("feeds", "import", path).code == 0
    urls = [spec.url for spec in load_feeds(home / "feeds.yaml")]
    assert urls[2:] == ["http://a.example/rss", "https://b.example/rss"]


def test_a_list_of_which_nothing_can_be_taken_is_a_failure(command: Command, tmp_path: Path) -> None:
    """Exit 1, with each refusal and its reason; the message names no id, which the list does not have."""
    path = tmp_path / "list.opml"
    path.write_text("<opml version='2.0'><body><outline text='Bad' xmlUrl='ftp://bad.example/'/></body></opml>")
    answer = command("feeds", "import", path)
    assert answer.code == 1
    assert answer.out.startswith("refused ftp://bad.example/: url must be an address that begins with http://")


def test_a_long_reason_does_not_widen_the_table(full: Command, engine: Engine) -> None:
    """The list shows the beginning of what a feed's last visit came to; --json has all of it."""
    reason = "not read: " + "a document of a long name, " * 20
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        report = FeedReport(feed="one", status=FeedStatus.FAILED, reason=reason)
        record_feed(connection, archive.begin(), FeedOutcome(report=report), NOON)
    (line,) = [line for line in full("feeds", "list").out.splitlines() if line.startswith("one\t")]
    outcome = line.split("\t")[4]
    assert len(outcome) <= 80
    assert outcome.startswith("failed: not read: a document")
    assert outcome.endswith("…")
    assert full("feeds", "list", "--json").document[0]["last_reason"] == reason


def test_opml_carries_every_setting_of_a_feed(
    command: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was exported makes the same list again, in a file that was not there."""
    (home / "feeds.yaml").write_text(
        'feeds:\n  - {id: a-1, name: "A <&> B", url: "https://a.example/?x=1&y=2", language: pt-BR, country: BR, '
        "relevance: assume, full_text: true, min_entries: 3}\n"
        '  - {id: b, name: 海, url: "https://b.example/feed"}\n'
    )
    specs = load_feeds(home / "feeds.yaml")
    assert "2 feeds written" in command("feeds", "export", tmp_path / "list.opml").err
    assert command("feeds", "export").out == command("feeds", "export", "-").out
    monkeypatch.setenv(f"{PREFIX}FEEDS_FILE", str(tmp_path / "other.yaml"))
    assert command("feeds", "import", tmp_path / "list.opml").out.startswith("added a-1: ")
    assert load_feeds(tmp_path / "other.yaml") == specs


@pytest.mark.parametrize("text", ["", "no XML", "<rss/>"], ids=["empty", "text", "another document"])
def test_what_is_no_opml_is_refused(command: Command, tmp_path: Path, text: str) -> None:
    """Exit 2 and a sentence; the list stays as it is."""
    path = tmp_path / "list.opml"
    path.write_text(text)
    answer = command("feeds", "import", path)
    assert answer.code == 2
    assert "This is not OPML" in answer.err


def test_the_installed_list_is_not_changed(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file of one's own there is nothing to add to."""
    path = tmp_path / "list.opml"
    path.write_text(OPML)
    monkeypatch.delenv(f"{PREFIX}FEEDS_FILE")
    answer = command("feeds", "import", path)
    assert answer.code == 2
    assert "CLIMATE_ARCHIVE_FEEDS_FILE" in answer.err


def test_a_list_that_cannot_be_written_is_an_error(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 1, a sentence with the place."""
    path = tmp_path / "list.opml"
    path.write_text(OPML)
    monkeypatch.setenv(f"{PREFIX}FEEDS_FILE", "/dev/null/feeds.yaml")
    answer = command("feeds", "import", path)
    assert (answer.code, answer.out) == (1, "")
    assert "/dev/null" in answer.err


def test_an_unknown_feed_is_a_usage_error(command: Command) -> None:
    """Exit 2, with the nearest name."""
    answer = command("feeds", "check", "onne")
    assert answer.code == 2
    assert "did you mean one?" in answer.err


def test_a_feed_that_left_the_list_is_named_where_it_was_meant(full: Command, home: Path) -> None:
    """The archive's own are known, whatever stands in feeds.yaml today."""
    (home / "feeds.yaml").write_text('feeds: [{id: other, name: Other, url: "https://other.example/"}]')
    assert full("search", "--feed", "one").code == 0
    answer = full("search", "--feed", "onne")
    assert (answer.code, "There is no feed 'onne'; did you mean one?" in answer.err) == (2, True)


PROMISED = """feeds:
  - {{id: good, name: Good, url: "{base}good", min_entries: 5}}
  - {{id: moved, name: Moved, url: "{base}old"}}
  - {{id: a-page, name: Page, url: "{base}page"}}
  - {{id: gone, name: Gone, url: "{base}gone"}}
  - {{id: cut, name: Cut, url: "{base}cut"}}
"""


@pytest.fixture
def checked_site(site: Site, home: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Serve one good feed, one that moved, a page, an address that is gone, and a feed that breaks off."""
    site.serve("/good", answer())
    site.serve("/old", redirect(301, "/good"))
    site.serve("/page", answer(200, b"<html><body>Hello</body></html>", {"Content-Type": "text/html"}))
    site.serve("/gone", answer(410, b""))
    site.serve("/cut", answer(200, b"<rss version='2.0'><channel><title>\x1b[31mx</title>"))
    (home / "feeds.yaml").write_text(PROMISED.format(base=site.url()))
    monkeypatch.setenv(f"{PREFIX}FETCH__ALLOW_PRIVATE", site.address)
    monkeypatch.setenv(f"{PREFIX}FETCH__HOST_INTERVAL_S", "0")
    return site


async def test_feeds_are_checked_now(checked_site: Site, command: Command) -> None:
    """Each feed's answer, document, warnings or reason; exit 1, for some give nothing. Nothing is kept."""
    report = await asyncio.to_thread(command, "feeds", "check", "--json")
    rows = {row["feed"]: row for row in report.document}
    assert report.code == 1
    assert {feed for feed, row in rows.items() if not row["ok"]} == {"a-page", "gone"}
    assert (rows["good"]["entries"], rows["good"]["size_bytes"], rows["good"]["http_status"]) == (1, len(FEED), 200)
    assert rows["good"]["warnings"] == ["1 entry, at least 5 expected"]
    assert rows["moved"]["moved_to"] == checked_site.url("/good")
    assert "not a feed" in rows["a-page"]["problem"]
    assert rows["gone"]["http_status"] == 410
    assert "the document holds no entry" in rows["cut"]["warnings"]
    assert "the document is broken or was cut short" in rows["cut"]["warnings"]
    assert (await asyncio.to_thread(command, "search", "x")).code == 1


async def test_one_feed_is_checked_by_its_name(checked_site: Site, command: Command) -> None:
    """Only that one is asked; what it is comes in a few lines, and all well is exit 0."""
    said = await asyncio.to_thread(command, "feeds", "check", "moved")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "moved: ok"
    assert f"  moved to  {checked_site.url('/good')} (by this answer; nights believe it after three)" in lines
    hops = [line for line in lines if line.startswith("  request   ")]
    assert len(hops) == 2
    assert f"{checked_site.url('/old')} -> 301 to /good in " in hops[0]
    assert f"{checked_site.url('/good')} -> 200 in " in hops[1]
    assert "  document  rss20, 1 entry, the newest of an unknown date" in lines
    assert {seen.path for seen in checked_site.log} == {"/old", "/good"}


async def test_an_index_of_sitemaps_is_checked_with_what_is_behind_it(
    site: Site, command: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its entries are those of the sitemaps, as a night reads them; one that cannot be read is a warning."""
    names = "".join(f"<sitemap><loc>/{name}.xml</loc></sitemap>" for name in ("there", "missing"))
    site.serve("/index", answer(200, f"<sitemapindex {SPACES}>{names}</sitemapindex>".encode(), XML))
    site.serve("/there.xml", answer(200, f"<urlset {SPACES}>{news(1)}{news(2)}</urlset>".encode(), XML))
    site.serve("/missing.xml", answer(404, b"", XML))
    (home / "feeds.yaml").write_text(f"feeds: [{{id: n, name: N, url: '{site.url('/index')}', kind: sitemap}}]")
    monkeypatch.setenv(f"{PREFIX}FETCH__ALLOW_PRIVATE", site.address)
    monkeypatch.setenv(f"{PREFIX}FETCH__HOST_INTERVAL_S", "0")
    (row,) = (await asyncio.to_thread(command, "feeds", "check", "--json")).document
    assert (row["kind"], row["entries"], row["newest_at"]) == ("sitemapindex", 2, "2026-11-19T00:00:00Z")
    assert row["warnings"] == [f"{site.url('/missing.xml')} could not be read: the server answered 404 Not Found"]
    assert [hop.split()[0] for hop in row["hops"]] == [
        site.url(f"/{name}") for name in ("index", "there.xml", "missing.xml")
    ]


@pytest.mark.parametrize("name", ["feeds.yaml", "other.YML", "list"])
def test_opml_takes_no_place_of_a_list_of_ours(
    command: Command, home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A file of YAML by its name, or the very one that is read, stays as it is."""
    (home / "feeds.yaml").rename(home / "list")
    monkeypatch.setenv(f"{PREFIX}FEEDS_FILE", str(home / "list"))
    before = (home / "list").read_text()
    answer = command("feeds", "export", home / name)
    assert (answer.code, (home / "list").read_text(), (home / "feeds.yaml").exists()) == (2, before, False)
    assert f"{name} is YAML" in answer.err


def test_a_list_that_was_cut_is_told(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The feeds that it has are added, and nobody takes them for all."""
    monkeypatch.setenv(f"{PREFIX}FEEDS_FILE", str(tmp_path / "other.yaml"))
    line = '<outline text="{0}" xmlUrl="https://{0}.example/feed"/>'
    whole = f"<opml version='2.0'><body>{line.format('a')}\n{line.format('b')}\n</body></opml>"
    (tmp_path / "list.opml").write_text(whole.partition('<outline text="b')[0])
    cut = command("feeds", "import", tmp_path / "list.opml")
    assert (cut.code, cut.out) == (0, "added a: https://a.example/feed\n")
    assert "list.opml was cut: it ends before its list does" in cut.err
    (tmp_path / "list.opml").write_text(whole)
    assert "was cut" not in command("feeds", "import", tmp_path / "list.opml").err
