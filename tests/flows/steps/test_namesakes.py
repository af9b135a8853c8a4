"""A page says which story it is: another one's, or one with one more name."""

from dataclasses import replace

import pytest

from flows.steps.pages import PageDecision, PageQueueEntry, PageVisit, decide_page, names_to_look_up
from models.identity import KeyKind, KnownStory
from models.stages import Problem
from tests.builders import known_story
from tests.page_builders import OCCASION, Page
from tests.scenarios import words

URL = "https://news.example.org/sea"
ELSEWHERE = "https://other.test/sea"
TITLE = "Sea level rises"
GOOD = Page(title=TITLE, text=words("page", 1500))
STORY = known_story(url=URL, title=TITLE, text=words("feed", 200), text_source="one")


def _visit(page: Page, known: KnownStory = STORY) -> PageVisit:
    classified = page.classified(known.state.title)
    return PageVisit(
        known=known,
        entry=PageQueueEntry(),
        result=page.result(URL),
        page=classified.story if classified else None,
    )


def _decide(page: Page) -> PageDecision:
    return decide_page(_visit(page), OCCASION)


@pytest.mark.parametrize(
    ("page", "keys"),
    [
        pytest.param(GOOD, [], id="its own address names nobody else"),
        pytest.param(replace(GOOD, canonical_url=URL + "?utm_source=x"), [], id="nor its own with tracking"),
        pytest.param(replace(GOOD, canonical_url="https://news.example.org/"), [], id="nor its front page"),
        pytest.param(replace(GOOD, canonical_url=ELSEWHERE), [], id="nor another site"),
        pytest.param(replace(GOOD, final_url=ELSEWHERE), [], id="nor a redirect to another site"),
        pytest.param(replace(GOOD, canonical_url=URL + "/1"), ["news.example.org/sea/1"], id="its canonical address"),
        pytest.param(
            Page(text=None, status=304, final_url=URL + "/1"),
            ["news.example.org/sea/1"],
            id="a redirect, unread too",
        ),
        pytest.param(
            replace(GOOD, final_url="https://m.news.example.org/sea", canonical_url="https://m.news.example.org/sea"),
            ["m.news.example.org/sea"],
            id="both at once, once",
        ),
        pytest.param(
            replace(GOOD, final_url=URL + "/1", problem=Problem(error="TimedOut", message="slow")), [], id="no answer"
        ),
    ],
)
def test_the_addresses_that_may_name_another_story(page: Page, keys: list[str]) -> None:
    """They are looked up bare and with the title."""
    visit = _visit(page)
    names = names_to_look_up(visit.result, visit.page, TITLE)
    assert [name.key for name in names if name.kind is KeyKind.URL] == keys
    assert len([name for name in names if name.kind is KeyKind.TITLED_URL]) == len(keys)


def test_the_oldest_takes_all_in() -> None:
    """A redirect and a canonical address may name two stories more; those of other titles stay out."""
    visit = _visit(replace(GOOD, canonical_url=URL + "/1"), replace(STORY, id=5))
    others = (
        replace(STORY, id=3),
        replace(STORY, id=9),
        known_story(url=URL, title="Other", text="", text_source="one"),
    )
    decision = decide_page(replace(visit, namesakes=(*others, visit.known)), OCCASION)
    assert decision.merger is not None
    assert (decision.merger.into, decision.merger.story_ids) == (3, (5, 9))
    assert decision.reason == "it is the page of story 3"
    assert decision.version is None


def test_a_link_to_another_site_learns_where_it_led() -> None:
    """Only if the page holds the title, and never a front page."""
    assert _decide(replace(GOOD, final_url=ELSEWHERE)).key is not None
    assert _decide(replace(GOOD, final_url=ELSEWHERE, title="Log in")).key is None
    assert _decide(replace(GOOD, final_url="https://other.test/")).key is None
    assert _decide(Page(text=None, final_url=ELSEWHERE)).key is None
