"""Pages that show nothing before their script has run, and hold the story as data for it."""

import json
from time import process_time

import pytest

from flows.steps.extract import extract_page
from tests.saved_pages import PARAGRAPHS, URL

TEXT = [*PARAGRAPHS, 'Pipes run beneath the "old road", and all work on them is to end before snow & ice come.']
HTML = "".join(f"<p>{paragraph}</p>" for paragraph in TEXT).replace("&", "&amp;")
MARKED = [{"type": "paragraph", "children": [{"text": one[:30]}, {"text": one[30:], "bold": True}]} for one in TEXT]
TITLED = {"title": "Lake heat", "html": HTML}
QUOTED = json.dumps(json.dumps(TITLED)).replace("</", "<\\/")
LONGEST_S = 5.0  # ten times what it takes, for a machine that is busy


def story(script: str, *, shown: str = "<p>Please enable JavaScript.</p>", head: str = "") -> list[str]:
    """Extract a page whose text stands in a script."""
    html = (
        f"<html lang='en'><head><title>Lake heat | Valley Times</title>{head}</head>"
        f"<body><nav><a href='/'>Home</a></nav><div id='root'>{shown}</div>{script}</body></html>"
    )
    return extract_page(html.encode(), url=URL).text.split("\n\n")


def assigned(name: str, value: object) -> str:
    """Write value as a script that assigns it, with another value before it and a program behind."""
    return f"<script>window.__ENV__={{'a': 1}};{name} = {json.dumps(value)};\n(function(){{var a = 1;}})()</script>"


def next_data(article: object) -> str:
    """Write the data of a page of Next.js."""
    value = json.dumps({"props": {"pageProps": {"article": article}}}).replace("</", "<\\/")
    return f"<script id='__NEXT_DATA__' type='application/json'>{value}</script>"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(next_data({"title": "Lake heat", "body": HTML}), id="Next.js with HTML"),
        pytest.param(
            next_data({"title": "Lake heat", "content": [{"type": "paragraph", "text": one} for one in TEXT]}),
            id="Next.js with blocks",
        ),
        pytest.param(next_data({"title": "Lake heat", "content": {"document": MARKED}}), id="words with marks"),
        pytest.param(
            assigned(
                "Fusion.globalContent",
                {
                    "headlines": {"basic": "Lake heat"},
                    "content_elements": [
                        *({"type": "text", "content": one} for one in TEXT),
                        {"type": "interstitial_link", "content": "Read more of the lake and of its heat. Here. Now."},
                    ],
                },
            ),
            id="Arc",
        ),
        pytest.param(
            assigned(
                "window.__APOLLO_STATE__",
                {"Article:1": {"headline": "Lake heat", "body": [{"kind": "p", "value": one} for one in TEXT]}},
            ),
            id="Apollo",
        ),
        pytest.param(
            assigned("window.__STATE__", TITLED | {"next": None}).replace("null", "undefined"),
            id="a value that JSON does not know",
        ),
        pytest.param(
            f"<script>window.__STATE__ = JSON.parse({QUOTED})</script>",
            id="JSON in a string",
        ),
    ],
)  # fmt: skip
def test_a_text_that_a_script_is_to_show_is_read(script):
    """It is the story's own by its title, in its paragraphs."""
    assert story(script) == TEXT


@pytest.mark.parametrize(
    ("article", "head"),
    [
        pytest.param({"title": "Another lake", "body": HTML}, "", id="another story's"),
        pytest.param({"title": "Lake heat", "body": HTML, "isPremium": True}, "", id="for subscribers"),
        pytest.param({"title": "Lake heat", "body": HTML, "access": {"paywall": "hard"}}, "", id="behind a paywall"),
        pytest.param(
            {"title": "Lake heat", "body": HTML}, "<meta name='article:content_tier' content='locked'>", id="a tag"
        ),
        pytest.param({"title": "Lake heat", "body": "No text. None."}, "", id="no text"),
    ],
)  # fmt: skip
def test_a_text_of_another_story_or_for_subscribers_stays_in_its_script(article, head):
    """What the page shows stays all that is read."""
    assert PARAGRAPHS[0] not in story(next_data(article), head=head)


def test_a_story_that_says_it_is_free_is_read():
    """Not each word of access is a lock."""
    assert story(next_data({"title": "Lake heat", "body": HTML, "isPremium": False, "tier": "free"})) == TEXT


def test_what_a_page_shows_goes_before_its_data():
    """The data may hold what only subscribers see."""
    shown = "".join(f"<p>{one}</p>" for one in PARAGRAPHS[:3])
    assert story(next_data({"title": "Lake heat", "body": HTML}), shown=shown) == PARAGRAPHS[:3]


def test_a_script_of_any_kind_costs_no_more_than_it_is():
    """Assignments without JSON, and values that nothing closes."""
    began = process_time()
    story("<script>" + 'a = {b: "Lake heat"}; c = [; d = {"e": [undefined, ' * 40_000 + "</script>")
    assert process_time() - began < LONGEST_S
