"""Live coverage: the entries that a page shows, and those that it declares and loads later."""

from flows.steps.extract import extract_page
from tests.saved_pages import PARAGRAPHS, URL, json_ld

INTRO = "Here is what happens at the lake on the day of the vote, and who says what."


def story(*, shown: int, **said: object) -> list[str]:
    """Extract live coverage that shows its newest entries and declares all of them."""
    updates = [
        {"@type": "BlogPosting", "headline": f"Hour {number}", "articleBody": body}
        for number, body in enumerate(PARAGRAPHS)
    ]
    value = {"@type": "LiveBlogPosting", "headline": "Lake heat", "liveBlogUpdate": updates, **said}
    entries = "".join(
        f"<article class='entry'><h3>Hour {number}</h3><p>{body}</p></article>"
        for number, body in enumerate(PARAGRAPHS[:shown])
    )
    intro = f"<p>{INTRO}</p>" if shown else ""
    html = (
        f"<html lang='en'><head><title>Lake heat</title>{json_ld(value)}</head>"
        f"<body><main><h1>Lake heat</h1>{intro}{entries}</main></body></html>"
    )
    return extract_page(html.encode(), url=URL).text.split("\n\n")


def entries(count: int, first: int = 0) -> list[str]:
    """Return the lines of entries."""
    return [line for number in range(first, count) for line in (f"Hour {number}", PARAGRAPHS[number])]


def test_entries_that_are_loaded_later_come_behind_those_that_are_shown():
    """Each once, in the order of the page."""
    assert story(shown=2) == [INTRO, *entries(4)]


def test_live_coverage_that_shows_nothing_is_read_as_declared():
    """Its entries are all that there is."""
    assert story(shown=0) == entries(4)


def test_entries_that_are_all_shown_are_not_said_twice():
    """What the page shows goes first."""
    assert story(shown=4) == [INTRO, *entries(4)]


def test_entries_that_are_not_for_everybody_are_not_added():
    """A paywall holds for them, too."""
    assert story(shown=2, isAccessibleForFree=False) == [INTRO, *entries(2)]


def test_entries_of_another_form_are_passed_over():
    """JSON may hold anything."""
    assert story(shown=2, liveBlogUpdate=[None, "No", {"articleBody": 7}, {"headline": "No"}]) == [INTRO, *entries(2)]
