"""A page says which story it is: another one's, or one with one more name."""

import pytest
from msgspec.structs import replace

from flows.steps.pages import PageDecision, PageVisit, decide_page, likely_names, proven_names
from models.identity import KeyKind, KnownStory, PageQueueState
from models.stages import Problem
from tests.builders import known_story
from tests.page_builders import OCCASION, Page
from tests.scenarios import words

URL = "https://news.example.org/sea"
TITLE = "Sea level rises"
GOOD = Page(title=TITLE, text=words("page", 1500))
STORY = known_story(url=URL, title=TITLE, text=words("feed", 200), text_source="one")


def _visit(page: Page, known: KnownStory = STORY) -> PageVisit:
    classified = page.classified(known.state.title)
    return PageVisit(
        known=known,
        entry=PageQueueState(),
        result=page.result(URL),
        page=classified.story if classified else None,
    )


def _decide(page: Page) -> PageDecision:
    return decide_page(_visit(page), OCCASION)


AWAY = "https://other.test/sea"
MOVED = URL + "/1"


@pytest.mark.parametrize(
    ("page", "proven"),
    [
        pytest.param(GOOD, [], id="its own address names nobody else"),
        pytest.param(replace(GOOD, canonical_url=URL + "?utm_source=x"), [], id="nor its own with tracking"),
        pytest.param(replace(GOOD, canonical_url="https://news.example.org/"), [], id="nor its front page"),
        pytest.param(replace(GOOD, canonical_url=AWAY), [], id="nor another site"),
        pytest.param(
            replace(GOOD, final_url=AWAY, title="Log in"), [], id="nor where a link proxy leads to other words"
        ),
        pytest.param(replace(GOOD, final_url=AWAY), ["other.test/sea"], id="where a link proxy leads to its title"),
        pytest.param(
            replace(GOOD, final_url=AWAY + "?s=1", canonical_url=AWAY),
            ["other.test/sea?s=1", "other.test/sea"],
            id="and what is canonical there",
        ),
        pytest.param(replace(GOOD, canonical_url=MOVED), ["news.example.org/sea/1"], id="its canonical address"),
        pytest.param(
            Page(text=None, status=304, final_url=MOVED, is_permanent=True),
            ["news.example.org/sea/1"],
            id="a permanent redirect, unread too",
        ),
        pytest.param(
            replace(GOOD, final_url=AWAY, title="Log in", is_permanent=True),
            ["other.test/sea"],
            id="a permanent redirect to another site, whatever the title there",
        ),
        pytest.param(Page(text=None, final_url=AWAY, is_permanent=True), [], id="to another site only if it was read"),
        pytest.param(replace(GOOD, final_url=MOVED), [], id="not a passing redirect"),
        pytest.param(
            replace(GOOD, final_url=MOVED, is_permanent=True, problem=Problem(error="TimedOut", message="slow")),
            [],
            id="no answer",
        ),
    ],
)
def test_the_addresses_that_are_the_page_article(page: Page, proven: list[str]) -> None:
    """Whatever the stories there are called."""
    visit = _visit(page)
    assert [name.key for name in proven_names(visit.result, visit.page, TITLE)] == proven


def test_a_passing_redirect_within_a_site_names_a_story_of_an_equal_title() -> None:
    """It is looked up bare and with the title; one to another site, or without an answer, is not."""
    bare, titled = likely_names(replace(GOOD, final_url=MOVED).result(URL), TITLE)
    assert (bare.key, titled.kind) == ("news.example.org/sea/1", KeyKind.TITLED_URL)
    assert likely_names(replace(GOOD, final_url=AWAY).result(URL), TITLE) == ()
    slow = replace(GOOD, final_url=MOVED, problem=Problem(error="TimedOut", message="slow"))
    assert likely_names(slow.result(URL), TITLE) == ()


def test_the_oldest_takes_all_in() -> None:
    """What is proven, whatever its title, and what is likely under an equal one."""
    visit = _visit(replace(GOOD, canonical_url=MOVED), replace(STORY, id=5))
    other = known_story(url=URL, title="Other", text="", text_source="one")
    likely = (replace(STORY, id=9), replace(other, id=1), visit.known)
    decision = decide_page(replace(visit, proven=(replace(other, id=3),), likely=likely), OCCASION)
    assert decision.merger is not None
    assert (decision.merger.into, decision.merger.story_ids) == (3, (5, 9))
    assert decision.entry.reason == "it is the page of story 3"
    assert decision.version is None


def test_a_link_learns_where_it_led_for_good() -> None:
    """A link proxy's, if the page holds the title; a permanent redirect's, if it holds the story; no front page."""
    assert [name.key for name in _decide(replace(GOOD, final_url=AWAY)).keys] == ["other.test/sea"]
    assert [name.key for name in _decide(replace(GOOD, final_url=MOVED, is_permanent=True)).keys] == [
        "news.example.org/sea/1"
    ]
    for page in (
        replace(GOOD, final_url=AWAY, title="Log in"),
        replace(GOOD, final_url=MOVED, is_permanent=True, title="Log in", text=words("log in", 1500)),
        replace(GOOD, final_url="https://other.test/"),
        Page(text=None, final_url=AWAY),
    ):
        assert _decide(page).keys == ()
