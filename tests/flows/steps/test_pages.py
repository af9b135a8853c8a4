"""A page is believed by rules that are written down, and asked again when it is due."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from flows.steps._identity.versions import FLAPPING_RETURNS
from flows.steps.pages import (
    MAX_ATTEMPTS,
    RECHECK_AFTER,
    RETRY_AFTER,
    PageDecision,
    PageOutcome,
    PageVisit,
    decide_page,
)
from models.identity import PAGE_SOURCE, KnownStory, KnownVersion, PageQueueState, PageState, VersionReason
from models.stages import CleanStory, Problem, Source
from tests.builders import NOON, known_story
from tests.page_builders import OCCASION, Page
from tests.scenarios import words

URL = "https://news.example.org/sea"
TITLE = "Sea level rises"
TEXT = words("page", 1500)


def _story() -> KnownStory:
    return known_story(url=URL, title=TITLE, text=words("feed", 200), text_source="one")


def _visit(page: Page, known: KnownStory | None = None, entry: PageQueueState | None = None) -> PageVisit:
    known = known or _story()
    classified = page.classified(known.state.title)
    return PageVisit(
        known=known,
        entry=entry or PageQueueState(),
        result=page.result(known.state.url or ""),
        page=classified.story if classified else None,
        page_problem=page.page_problem,
    )


def _decide(page: Page, known: KnownStory | None = None, entry: PageQueueState | None = None) -> PageDecision:
    return decide_page(_visit(page, known, entry), OCCASION)


GOOD = Page(title=TITLE, text=TEXT)
ELSEWHERE = "https://other.test/sea"


@pytest.mark.parametrize(
    ("page", "known"),
    [
        pytest.param(GOOD, _story(), id="with the title as its own"),
        pytest.param(Page(title="Home", text=f"{TITLE}\n{TEXT}"), _story(), id="with the title in its text"),
        pytest.param(Page(title=f"{TITLE} | The News", text=TEXT), _story(), id="with the title among more"),
        pytest.param(
            Page(title="", text=words("feed", 200) + TEXT), _story(), id="without the title, with the feed's words"
        ),
        pytest.param(replace(GOOD, final_url=URL + "/amp"), _story(), id="redirected within its site"),
        pytest.param(replace(GOOD, final_url=ELSEWHERE), _story(), id="redirected to another site, with the title"),
        pytest.param(
            Page(title="海平面上升", text="海" * 100),
            known_story(url=URL, title="海平面上升", text="", text_source="one"),
            id="of 100 Chinese characters",
        ),
        *(
            pytest.param(
                replace(GOOD, title="The sea rises faster than ever"),
                known_story(url=URL, title=title, text="A summary.", text_source="one"),
                id=title,
            )
            for title in (
                "Opinion: The sea rises faster than ever",
                "The sea rises faster than ever - The Ledger",
                "Analysis | The sea rises faster than ever | Ledger",
                "The sea rises faster than e...",
                "The sea rises faster…",
            )
        ),
        pytest.param(
            replace(GOOD, title="Another headline", canonical_url=URL), _story(), id="that names the link as its own"
        ),
        pytest.param(
            replace(GOOD, title="Another headline", description=words("feed", 200)),
            _story(),
            id="whose description is the feed's text",
        ),
        pytest.param(
            replace(GOOD, title="Other", description="Houses on the edge, sand from the sea bed, and a survey."),
            known_story(url=URL, title=TITLE, text="Houses on the edge, sand from the sea bed…", text_source="one"),
            id="whose description goes on where the feed's text was cut",
        ),
        pytest.param(
            GOOD, known_story(url=URL, title="", text="", text_source="one"), id="where the feed said nothing at all"
        ),
        pytest.param(
            Page(title=TITLE, text=words("page", 1000)),
            known_story(url=URL, title=TITLE, text=words("feed", 1200), text_source="one"),
            id="of eight tenths of a full feed text",
        ),
        pytest.param(
            Page(title=TITLE, text=words("page", 600)),
            known_story(url=URL, title=TITLE, text=words("feed", 900), text_source="one"),
            id="shorter than a feed text that is not full",
        ),
    ],
)
def test_a_page_is_accepted(page: Page, known: KnownStory) -> None:
    """It leads its story from then on, and a version says that it was completed."""
    decision = _decide(page, known)
    assert (decision.outcome, decision.entry.state, decision.entry.reason) == (
        PageOutcome.COMPLETED,
        PageState.ACCEPTED,
        None,
    )
    assert decision.version is not None
    assert decision.version.reason is VersionReason.COMPLETED
    assert decision.story is not None
    assert decision.story.text_source == PAGE_SOURCE
    assert decision.story.revisions == 0


@pytest.mark.parametrize(
    ("page", "known", "reason"),
    [
        pytest.param(replace(GOOD, status=203), _story(), "says 203", id="not a 200"),
        pytest.param(replace(GOOD, final_url="https://news.example.org/"), _story(), "front page", id="sent home"),
        pytest.param(
            replace(GOOD, final_url=ELSEWHERE, title="Log in"), _story(), "another site", id="redirected to a stranger"
        ),
        pytest.param(replace(GOOD, is_paywalled=True), _story(), "paywall", id="behind a paywall"),
        pytest.param(
            replace(GOOD, text="We and our partners use cookies to process personal data. " * 9),
            _story(),
            "consent wall",
            id="a consent wall under the story's title",
        ),
        pytest.param(
            replace(GOOD, text="Sorry, we could not find that page.\n" * 9), _story(), "no such page", id="a lost page"
        ),
        pytest.param(
            replace(GOOD, title="Another", canonical_url="https://news.example.org/other"),
            _story(),
            "not hold",
            id="another page's address as its own",
        ),
        pytest.param(Page(title=TITLE, text=words("page", 200)), _story(), "too little", id="a teaser"),
        pytest.param(Page(title="海平面上升", text="海" * 99), _story(), "too little", id="99 Chinese characters"),
        pytest.param(replace(GOOD, title="Log in"), _story(), "not hold", id="another article"),
        pytest.param(
            replace(GOOD, title="Sea level rises5"), _story(), "not hold", id="the title inside a longer word"
        ),
        pytest.param(
            replace(GOOD, title="Log in"),
            known_story(url=URL, title="", text=words("feed"), text_source="one"),
            "not hold",
            id="another article than a story without a title",
        ),
        pytest.param(
            replace(GOOD, title="!!!"),
            known_story(url=URL, title="!!!", text=words("feed"), text_source="one"),
            "not hold",
            id="a title without a word",
        ),
        pytest.param(
            Page(title=TITLE, text=words("page", 900)),
            known_story(url=URL, title=TITLE, text=words("feed", 1200), text_source="one"),
            "less than the feed's",
            id="less than eight tenths of a full feed text",
        ),
        pytest.param(
            Page(title="海平面上升", text="海" * 300),
            known_story(url=URL, title="海平面上升", text="海平面" * 150, text_source="one"),
            "less than the feed's",
            id="less than eight tenths of a full Chinese text",
        ),
    ],
)
def test_a_page_is_refused_with_its_reason(page: Page, known: KnownStory, reason: str) -> None:
    """The text stays, and the reason is kept."""
    decision = _decide(page, known)
    assert (decision.outcome, decision.entry.state) == (PageOutcome.REFUSED, PageState.REFUSED)
    assert reason in (decision.entry.reason or "")
    assert (decision.version, decision.story) == (None, None)


def test_a_refusal_keeps_its_reason_when_the_page_has_not_changed() -> None:
    """A check that finds the same bytes says nothing new."""
    decision = _decide(Page(text=None, status=304), entry=PageQueueState(checks=1, reason="a paywall"))
    assert (decision.outcome, decision.entry.reason, decision.entry.state) == (
        PageOutcome.UNCHANGED,
        "a paywall",
        PageState.REFUSED,
    )


def test_a_page_once_accepted_stays_so_when_it_is_refused_later() -> None:
    """Its text leads on."""
    known = known_story(url=URL, title=TITLE, text=TEXT, text_source=PAGE_SOURCE)
    decision = _decide(replace(GOOD, is_paywalled=True), known)
    assert (decision.outcome, decision.entry.state) == (PageOutcome.REFUSED, PageState.ACCEPTED)


@pytest.mark.parametrize("text_source", [PAGE_SOURCE, "one"])
def test_a_much_shorter_page_is_believed_when_the_next_check_repeats_it(text_source: str) -> None:
    """Until then the text stays, and the page is read again even if its bytes are the same."""
    known = known_story(url=URL, title=TITLE, text=words("old", 900), text_source=text_source)
    page = Page(title=TITLE, text=words("page", 400))
    doubted = _decide(page, known)
    assert (doubted.outcome, doubted.version, doubted.story) == (PageOutcome.UNCHANGED, None, None)
    assert (doubted.entry.digest, doubted.entry.etag) == (None, None)
    assert doubted.entry.due_at == NOON + RECHECK_AFTER[0]
    assert _decide(Page(text=None, status=304), known, doubted.entry).entry.pending_hash == doubted.entry.pending_hash
    believed = _decide(page, known, doubted.entry)
    assert believed.version is not None
    assert believed.entry.pending_hash is None


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_not_asked_for_again(status: int) -> None:
    """The text stays."""
    decision = _decide(Page(status=status, text=None, problem=Problem(error="HttpRefused", message="gone")))
    assert (decision.outcome, decision.entry.state, decision.entry.due_at) == (PageOutcome.GONE, PageState.GONE, None)
    assert (decision.version, decision.story) == (None, None)


@pytest.mark.parametrize(
    ("page", "outcome"),
    [
        pytest.param(Page(text=None, problem=Problem(error="TimedOut", message="slow")), "failed", id="no answer"),
        pytest.param(replace(GOOD, is_complete=False), "failed", id="a page that was cut off on its way"),
        pytest.param(Page(text=None, page_problem=Problem(error="BadResponse", message="?")), "failed", id="no HTML"),
        pytest.param(
            Page(text=None, problem=Problem(error="RobotsDenied", message="no robots.txt", is_transient=True)),
            "failed",
            id="a robots.txt that cannot be read",
        ),
    ],
)
def test_a_page_that_cannot_be_had_is_tried_again(page: Page, outcome: str) -> None:
    """On the next nights, five times in all."""
    decision = _decide(page)
    assert (decision.outcome, decision.entry.state, decision.entry.due_at) == (
        outcome,
        PageState.DUE,
        NOON + RETRY_AFTER,
    )
    last = _decide(page, entry=PageQueueState(attempts=MAX_ATTEMPTS - 1))
    assert (last.entry.state, last.entry.due_at, last.entry.attempts) == (PageState.FAILED, None, MAX_ATTEMPTS)


def test_a_page_that_robots_txt_forbids_is_refused() -> None:
    """It is looked at again like any page that was refused: the site may change its mind."""
    decision = _decide(Page(text=None, problem=Problem(error="RobotsDenied", message="no")))
    assert (decision.outcome, decision.entry.state) == (PageOutcome.REFUSED, PageState.REFUSED)
    assert (decision.entry.reason, decision.entry.due_at, decision.entry.attempts) == ("no", NOON + RECHECK_AFTER[0], 0)


def test_retry_after_is_kept() -> None:
    """A page is left alone for as long as its site asks."""
    later = NOON + timedelta(days=3)
    decision = _decide(Page(text=None, problem=Problem(error="TryLater", message="busy", retry_at=later)))
    assert decision.entry.due_at == later


def test_a_page_is_checked_again_after_1_3_7_and_30_days() -> None:
    """Each check is due by the night of its day, also where that night is quicker; after the last it is left alone."""
    entry, days = PageQueueState(attempts=3), []
    for _ in range(5):
        decision = _decide(GOOD, entry=entry)
        entry = decision.entry
        days.append(decision.entry.due_at and round((decision.entry.due_at - NOON) / timedelta(days=1) + 0.25, 3))
    assert days == [1, 3, 7, 30, None]
    assert entry.attempts == 0


def test_a_page_gives_only_what_no_feed_did() -> None:
    """Title, language, authors and date of a feed stand."""
    bare = known_story(url=URL, title="", text="", text_source="one")
    visit = _visit(GOOD, bare)
    assert visit.page is not None
    filled = decide_page(replace(visit, page=_with_facts(visit.page)), OCCASION).story
    assert filled is not None
    assert (filled.title, filled.language, filled.authors, filled.published_at) == (TITLE, "pt", ("Eva",), NOON)
    said = replace(bare, state=replace(bare.state, language="fr", authors=("Ada",), published_at=NOON.min))
    kept = decide_page(replace(visit, known=said, page=_with_facts(visit.page)), OCCASION).story
    assert kept is not None
    assert (kept.language, kept.authors, kept.published_at) == ("fr", ("Ada",), NOON.min)


def test_a_page_dates_no_story_ahead() -> None:
    """A date that is yet to come is a mistake of the site."""
    visit = _visit(GOOD, known_story(url=URL, title=TITLE, text="", text_source="one"))
    assert visit.page is not None
    ahead = decide_page(replace(visit, page=replace(visit.page, published_at=NOON + timedelta(days=2))), OCCASION)
    assert ahead.story is not None
    assert ahead.story.published_at is None


def test_a_page_whose_stamps_moved_is_no_revision() -> None:
    """A line that changed in figures and units of time alone is a stamp by that evidence."""
    known = known_story(url=URL, title=TITLE, text=f"3 საათის წინ\n\n{TEXT}", text_source=PAGE_SOURCE)
    moved = _decide(replace(GOOD, text=f"5 საათის წინ\n\n{TEXT}"), known)
    assert (moved.outcome, moved.version) == (PageOutcome.UNCHANGED, None)
    changed = _decide(replace(GOOD, text=f"5 საათის წინ\n\n{TEXT} More."), known)
    assert changed.outcome is PageOutcome.REVISED


def _with_facts(page: CleanStory) -> CleanStory:
    return replace(page, language="pt", authors=("Eva",), published_at=NOON)


def _led_by_page(*reasons: VersionReason) -> KnownStory:
    known = known_story(url=URL, title=TITLE, text=words("old", 1500), text_source=PAGE_SOURCE)
    versions = tuple(
        KnownVersion(
            id=number,
            number=number,
            reason=reason,
            source=Source.PAGE,
            run_id=number,
            created_at=NOON,
            content_hash=_hash_of(GOOD) if number == 1 else f"hash {number}",
            extractor_version="1",
        )
        for number, reason in enumerate(reasons, start=1)
    )
    return replace(known, versions=versions)


def _hash_of(page: Page) -> str:
    classified = page.classified(TITLE)
    assert classified is not None
    return classified.story.content_hash


def test_a_page_that_changes_is_a_revision() -> None:
    """It counts, and is written once in a run."""
    decision = _decide(replace(GOOD, text=words("new", 1500)), _led_by_page(VersionReason.COMPLETED))
    assert decision.outcome is PageOutcome.REVISED
    assert decision.version is not None
    assert (decision.version.reason, decision.version.number) == (VersionReason.REVISED, 2)
    assert decision.story is not None
    assert decision.story.revisions == 1


def test_a_page_that_goes_to_and_fro_flaps() -> None:
    """No version is written, and the story says so."""
    known = _led_by_page(VersionReason.COMPLETED, *[VersionReason.RESTORED] * (FLAPPING_RETURNS - 1))
    decision = _decide(GOOD, known)
    assert (decision.outcome, decision.version) == (PageOutcome.UNCHANGED, None)
    assert decision.story is not None
    assert decision.story.flapping


@pytest.mark.parametrize("change", [{"is_withdrawn": True}, {"merged_into": 1}], ids=str)
def test_a_story_that_was_closed_while_its_page_was_fetched_is_left_alone(change: dict[str, object]) -> None:
    """What was fetched is not used."""
    decision = _decide(GOOD, replace(_story(), **change))
    assert (decision.outcome, decision.version, decision.story, decision.entry.due_at) == (
        "unchanged",
        None,
        None,
        None,
    )
