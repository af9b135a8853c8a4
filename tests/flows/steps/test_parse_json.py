"""JSON feeds as templates write them: one mistake costs the item that has it, and no other."""

import pytest

from flows.steps.parse import parse_feed
from models.errors import NotAFeed
from models.stages import ParsedFeed

VERSION = '"version": "https://jsonfeed.org/version/1.1", "title": "T"'
A, B = '{"id": "a", "content_text": "One, two,]"}', '{"id": "b", "authors": [{"name": "X"}], "content_text": "B"}'


def parse(document: str) -> ParsedFeed:
    """Read a JSON feed."""
    return parse_feed(document.encode(), content_type="application/json", url="https://a.example/feed.json")


@pytest.mark.parametrize(
    ("document", "guids", "failed"),
    [
        pytest.param(f'{{{VERSION}, "items": [{A}, {B},]}}', ["a", "b"], 0, id="a comma behind the last item"),
        pytest.param(f'{{{VERSION}, "items": [{A}, {B}],\n}}', ["a", "b"], 0, id="a comma behind the items"),
        pytest.param(
            f'{{{VERSION}, "items": [{{"id": "c", "tags": ["x", ], }}, {B}]}}', ["c", "b"], 0, id="commas within items"
        ),
        pytest.param(f'{{{VERSION}, "items": [, {B}]}}', ["b"], 0, id="a comma before the first item"),
        pytest.param(f'{{{VERSION}, "items": [{A} {B}]}}', ["a", "b"], 0, id="no comma between items"),
        pytest.param(f'{{{VERSION}, "items": [{A}, {B}]}}<!-- 3 ms -->', ["a", "b"], 0, id="a comment behind it"),
        pytest.param(
            f'{{{VERSION}, "items": [{A}, {{"id": "c", "title": "so "called"", "authors": [{{"name": "Y"}}, '
            f'{{"name": "Z"}}]}}, {B}]}}',
            ["a", "b"],
            1,
            id="quotes in a title",
        ),
        pytest.param(
            f'{{{VERSION}, "items": [{A}, {{"id": "c", "title": "so "called"", "tags": [{{"id": 1, "name": "Y"}}, '
            f'{{"id": 2, "name": "Z"}}]}}, {B}]}}',
            ["a", "b"],
            1,
            id="quotes in a title, before tags that have ids",
        ),
    ],
)
def test_a_mistake_costs_no_other_item(document, guids, failed):
    """The other items are read, the mistake is told, and the document counts as whole: it is not asked for anew."""
    parsed = parse(document)
    assert [entry.guid for entry in parsed.entries] == guids
    assert len(parsed.failures) == failed
    assert parsed.is_complete
    assert parsed.warnings[0].startswith("not well-formed: ")


def test_a_cut_behind_a_mistake_is_a_cut():
    """What ends within an item was cut off, whatever else is wrong with it."""
    parsed = parse(f'{{{VERSION}, "items": [{A}, {{"title": "so "called""}}, {B}, {{"id": "d", "content')
    assert [entry.guid for entry in parsed.entries] == ["a", "b"]
    assert not parsed.is_complete


def test_a_mistake_in_the_last_item_is_its_own():
    """It is counted as failed, and nothing is said of a cut; as it may hide others, the feed is asked for anew."""
    parsed = parse(f'{{{VERSION}, "items": [{A}, {{"id": "c", "title": "so "called""}}]}}')
    assert ([entry.guid for entry in parsed.entries], len(parsed.failures)) == (["a"], 1)
    assert parsed.warnings[0].startswith("not well-formed: ")
    assert not parsed.is_complete


def test_what_was_cut_off_within_a_long_text_is_read_once():
    """Not anew from each of its quotes, which would take hours."""
    long = '<p class=\\"a\\">x</p>' * 100_000
    parsed = parse(f'{{{VERSION}, "items": [{A}, {{"id": "c", "content_html": "{long}')
    assert [entry.guid for entry in parsed.entries] == ["a"]
    assert parsed.warnings == ("the document was cut off; the items before the cut were kept",)


@pytest.mark.parametrize("items", ["", ', "items": null', ', "items": []'])
def test_a_feed_without_items_is_a_feed(items):
    """A feed of comments that nobody wrote yet has no items, or null in their place."""
    parsed = parse(f"{{{VERSION}{items}}}")
    assert (parsed.title, parsed.entries, parsed.is_complete) == ("T", (), True)


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ('"authors": {"name": "Ann"}', ("Ann",)),
        ('"authors": "Ann"', ("Ann",)),
        ('"author": [{"name": "Ann"}, {"name": null}, null, {"name": "Bo"}]', ("Ann", "Bo")),
        ('"authors": [], "author": "Bo"', ("Bo",)),
    ],
)
def test_authors_in_any_form(fields, names):
    """A list, one object or a bare name, under the name of either version."""
    assert parse(f'{{{VERSION}, "items": [{{"id": "a", {fields}}}]}}').entries[0].authors == names


def test_tags_in_any_form():
    """Objects with a name, and one tag in the place of a list."""
    items = '{"id": "a", "tags": [{"name": "coast"}, 3, null]}, {"id": "b", "tags": "sea level"}'
    entries = parse(f'{{{VERSION}, "items": [{items}]}}').entries
    assert [entry.tags for entry in entries] == [("coast", "3"), ("sea level",)]


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        pytest.param('"version": 1.1, ', "json11", id="a number"),
        pytest.param('"version": "1", ', "json10", id="no address"),
        pytest.param("", "json11", id="none"),
        pytest.param('"version": "https://jsonfeed.org/version/2", ', "json11", id="one to come"),
        pytest.param('"version": "https://jsonfeed.org/version/1.0", ', "json10", id="the first, in full"),
    ],
)
def test_a_feed_is_known_without_its_version(version, kind):
    """By the fields of its items or its own, which no other JSON has."""
    for told in ('"items": [{"id": "a", "content_html": "<p>Rain</p>"}]', '"feed_url": "/f", "items": [{"id": "a"}]'):
        parsed = parse(f"{{{version}{told}}}")
        assert (parsed.kind, [entry.guid for entry in parsed.entries]) == (kind, ["a"])


def test_other_json_with_items_is_no_feed():
    """The answer of a search may have items with an id, a title and an address."""
    with pytest.raises(NotAFeed):
        parse('{"total_count": 1, "items": [{"id": 1, "url": "https://a.example/1", "title": "T"}]}')


def test_tags_in_one_string():
    """Commas part them."""
    [entry] = parse(f'{{{VERSION}, "items": [{{"id": "a", "tags": "sea, ice"}}]}}').entries
    assert entry.tags == ("sea", "ice")
