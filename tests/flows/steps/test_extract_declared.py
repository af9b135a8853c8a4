"""The text that a page declares in JSON-LD, where its markup holds none, or only the beginning."""

import pytest

from flows.steps.extract import extract_page
from tests.saved_pages import PARAGRAPHS, URL, article

TEXT = [
    *PARAGRAPHS,
    "Pipes will run beneath the old road, and all work on them is to be finished before snow falls.",
    "Fishermen had feared for their trout, but a study of two years found no change of warmth below the outlet.",
    "Money comes from a bank of the region and from a fund for clean energy, which asks for reports each summer.",
    "Whoever does not want to be connected may keep an oven, so long as its smoke meets the limits of the law.",
]


def story(body: str, *, shown: int = 0, **said: object) -> list[str]:
    """Extract a page that declares body and shows the beginning of its text."""
    head = article(headline="Lake heat", articleBody=body, **said) + "<title>Lake heat</title>"
    text = "".join(f"<p>{paragraph}</p>" for paragraph in TEXT[:shown])
    markup = f"<main><article><h1>Lake heat</h1>{text}</article></main>" if shown else "<div id='__next'></div>"
    html = f"<html lang='en'><head>{head}</head><body>{markup}</body></html>"
    return extract_page(html.encode(), url=URL).text.split("\n\n")


@pytest.mark.parametrize(
    "body",
    ["\n\n".join(TEXT), "".join(f"<p>{one}</p>" for one in TEXT), "".join(f"&lt;p&gt;{one}&lt;/p&gt;" for one in TEXT)],
    ids=["lines", "HTML", "escaped HTML"],
)
@pytest.mark.parametrize("shown", [0, 4])
def test_a_declared_text_comes_whole_and_in_paragraphs(body, shown):
    """Also where a page shows only how it begins."""
    assert story(body, shown=shown) == TEXT


def test_what_follows_the_shown_beginning_comes_behind_its_paragraphs():
    """A declared text without paragraphs costs none of those that are shown."""
    assert story(" ".join(TEXT), shown=4) == [*TEXT[:4], " ".join(TEXT[4:])]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        pytest.param(" ".join(TEXT), 8, id="the same in one line"),
        pytest.param(TEXT[0], 4, id="a summary"),
        pytest.param("Another story altogether, of the sea and of its ships, is told here. " * 40, 4, id="another"),
        pytest.param("## Lake\n\n" + "\n\n".join(TEXT), 4, id="the source of a writing program"),
    ],
)  # fmt: skip
def test_the_shown_text_stays_where_the_declared_one_has_no_more_of_it(body, shown):
    """What readers see goes before what is declared."""
    assert story(body, shown=shown) == TEXT[:shown]


def test_a_text_that_is_not_for_everybody_is_not_completed():
    """What the page says is behind a paywall stays there."""
    assert story("\n\n".join(TEXT), shown=4, isAccessibleForFree=False) == TEXT[:4]
