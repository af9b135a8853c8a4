"""What the README says of the nights is what the site shows."""

from flows.demo.content import Access
from flows.demo.server import DemoSite
from tests.flows.demo.reader import Reader
from tests.flows.demo.readme import ARTICLE_PATHS, CONTENT, FEEDS, LIVE, OUTLETS, README, TOTALS

NEAR_MISS = "bridge-repaint-color"  # its summary leaves the gate in doubt, so its page is read before it is turned away


def test_readme_names_every_feed() -> None:
    """The table of the README and the data name the same feeds, in the same order, format and language."""
    described = [(feed, *row[:2]) for feed, row in FEEDS.items()]
    assert described == [(outlet.id, outlet.feed.format, outlet.language) for outlet in CONTENT.outlets]


def test_readme_counts_outlets_and_stories() -> None:
    """The README's first sentence counts what the files hold."""
    assert README.splitlines()[2].startswith("Thirteen invented newspapers with 63 invented stories in seven languages")
    assert len(OUTLETS) == 13
    assert len(ARTICLE_PATHS) == 63
    assert len({outlet.language for outlet in CONTENT.outlets if outlet.stories}) == 7


def test_night_two_brings_three_stories_and_one_revision(reader: Reader) -> None:
    """Night 2 differs from night 1 by three new entries, one that left its feed and one revised text, and no more."""
    before, after = reader.night(1), reader.night(2)
    (left,) = before.keys() - after.keys()
    (revised,) = (key for key in before.keys() & after.keys() if before[key] != after[key])
    assert {(feed, guid.rpartition(":")[2]) for feed, guid, _ in after.keys() - before.keys()} == {
        ("meridian-climate", "glacier-lake-siren"),
        ("meridian-climate", "youth-court-gas-licence"),
        ("grid-and-current", "wind-auction-record"),
    }
    assert left[:2] == ("meridian-climate", "tag:meridian-climate.example,2026:heat-wards-night-shift")
    assert revised[:2] == ("tidewater-ledger", "tag:tidewater-ledger.example,2026:seagrass-meadow-carbon-count")
    assert "11,000 tonnes of carbon" in before[revised][1]
    assert "8,200 tonnes of carbon" in after[revised][1]


def test_night_three_is_night_two(site: DemoSite, reader: Reader) -> None:
    """Nothing changes after night 2, down to the bytes of the pages."""
    feeds, etags = reader.night(2), reader.etags(2)
    pages = [reader.ask(path)[1] for path in ARTICLE_PATHS]
    assert (reader.night(3), reader.etags(3)) == (feeds, etags)
    assert [reader.ask(path)[1] for path in ARTICLE_PATHS] == pages


def test_a_story_that_left_its_feed_keeps_its_page(site: DemoSite, reader: Reader) -> None:
    """A feed is a window: the page of a story that dropped out of it still answers."""
    site.night = 2
    assert reader.ask("/meridian/2026/11/heat-wards-night-shift")[0].status == 200


def test_a_story_has_no_page_before_its_night(reader: Reader) -> None:
    """The pages of night 2 are missing on night 1."""
    assert reader.ask("/meridian/2026/11/glacier-lake-siren")[0].status == 404


def test_totals_of_night_one_follow_from_the_feeds(reader: Reader) -> None:
    """Seen, new, duplicate and off topic are what the feeds' links and the stories' topics add up to."""
    links = [link.partition("?")[0] for feed in LIVE for link in reader.links(feed)]
    off_topic = sum(not story.topics for outlet in CONTENT.outlets for story in outlet.stories)
    duplicate = len(links) - len(set(links))
    counted = [len(links), len(links) - duplicate - off_topic, duplicate, off_topic]
    assert [int(TOTALS[name][0]) for name in ("seen", "new", "duplicate", "off topic")] == counted


def test_totals_of_night_two_follow_from_the_changed_feeds(reader: Reader) -> None:
    """Only feeds with another ETag are read on night 2; what they hold is new, updated or unchanged."""
    before, after = reader.etags(1), reader.etags(2)
    seen = sum(FEEDS[feed][3] for feed in LIVE if before[feed] != after[feed])
    new, updated, unchanged = (int(TOTALS[name][1]) for name in ("new", "updated", "unchanged"))
    assert (int(TOTALS["seen"][1]), new + updated + unchanged, new, updated) == (seen, seen, 3, 1)


def test_pages_of_night_one_follow_from_the_data() -> None:
    """Due are the on-topic stories of feeds with summaries, and what the gate doubts; three withhold their text."""
    due = [
        story.access
        for outlet in CONTENT.outlets
        for story in outlet.stories
        if not outlet.feed.is_full and (story.topics or story.slug == NEAR_MISS) and story.is_listed(1)
    ]
    refused = due.count(Access.FORBIDDEN) + due.count(Access.PAYWALLED)
    assert TOTALS["pages due"][0] == str(len(due))
    assert TOTALS["pages completed"][0] == str(due.count(Access.OPEN))
    assert TOTALS["pages refused, gone"][0] == f"{refused}, {due.count(Access.MISSING)}"
