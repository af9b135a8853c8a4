"""Decide whether a fetched page may carry its story's text, and what it does to the story."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from flows.steps._lead import LENGTH_CLASSES
from flows.steps._likeness import are_titles_equal, normal_title, words
from flows.steps._urls import registrable_domain
from flows.steps._versions import Change, judge
from models.intents import PAGE_LEAD, KnownStory, NewVersion, Occasion, PageState, StoryState
from models.stages import CleanStory, FetchResult, Problem, Source

MIN_LENGTH: Final = 250  # weighted characters: 100 of a CJK text
MIN_SHARE_OF_FEED: Final = 0.8
BELIEVED_SHARE: Final = 0.5  # a page that shrinks below this share of the text must say so twice
RECHECK_AFTER: Final = tuple(timedelta(days=days) for days in (1, 3, 7, 30))
MAX_ATTEMPTS: Final = 5
RETRY_AFTER: Final = timedelta(hours=12)  # less than a day, so that the next night asks again


class PageOutcome(StrEnum):
    """What became of a page; the names of the run's page sums."""

    COMPLETED = "completed"
    UNCHANGED = "unchanged"
    REVISED = "revised"
    REFUSED = "refused"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageQueueEntry:
    """A story's place in the page queue."""

    attempts: int = 0
    checks: int = 0  # answers so far
    etag: str | None = None
    digest: str | None = None
    pending_hash: str | None = None  # a much shorter text that the next check may confirm


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDecision:
    """What a page does to its story and to its place in the queue."""

    outcome: PageOutcome
    state: PageState
    entry: PageQueueEntry
    due_at: datetime | None
    reason: str | None = None
    version: NewVersion | None = None
    story: StoryState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A page that was asked for, with the text that was found on it."""

    known: KnownStory
    entry: PageQueueEntry
    result: FetchResult
    page: CleanStory | None
    page_problem: Problem | None = None  # its text could not be extracted


def decide_page(visit: Visit, occasion: Occasion) -> PageDecision:
    """Decide what a visit to a story's page does."""
    result = visit.result
    if result.status in {404, 410}:
        return _gone(visit, occasion)
    if problem := result.problem or visit.page_problem:
        return _failed(visit, problem, occasion)
    if visit.page is None:
        return _answered(visit, occasion, PageOutcome.UNCHANGED, _settled(visit.known))
    if reason := refusal(visit.page, visit.known, result):
        state = PageState.ACCEPTED if visit.known.state.lead == PAGE_LEAD else PageState.REFUSED
        return _answered(visit, occasion, PageOutcome.REFUSED, state, reason)
    return _accepted(visit, visit.page, occasion)


def refusal(page: CleanStory, known: KnownStory, result: FetchResult) -> str | None:
    """Return why a page may not carry its story's text; None if it may."""
    title = known.state.title or page.title
    is_redirected = result.final_url != result.url
    reasons = (
        (is_redirected and _is_root(result.final_url), "it redirects to the site's front page"),
        (_is_elsewhere(result) and not _holds_title(page, title), "it redirects to another site"),
        (page.is_paywalled, "it is behind a paywall"),
        (page.length < MIN_LENGTH, "it holds too little text"),
        (not (_holds_title(page, title) or _holds_text(page, known.text)), "it does not hold the story"),
        (known.state.lead != PAGE_LEAD and _is_too_short_for(page, known.text), "it holds less than the feed's text"),
    )
    return next((reason for applies, reason in reasons if applies), None)


def _accepted(visit: Visit, page: CleanStory, occasion: Occasion) -> PageDecision:
    known = visit.known
    change = Change(content_hash=page.content_hash, source=Source.PAGE, is_other_lead=known.state.lead != PAGE_LEAD)
    if _must_be_confirmed(page, known) and visit.entry.pending_hash != page.content_hash:
        decision = _answered(visit, occasion, PageOutcome.UNCHANGED, PageState.ACCEPTED, "much shorter than before")
        return replace(decision, entry=replace(decision.entry, pending_hash=page.content_hash))
    version, is_flapping = judge(change, known, occasion)
    outcome = PageOutcome.UNCHANGED if version is None and not change.is_other_lead else PageOutcome.REVISED
    outcome = PageOutcome.COMPLETED if change.is_other_lead else outcome
    decision = _answered(visit, occasion, outcome, PageState.ACCEPTED)
    story = replace(
        known.state,
        lead=PAGE_LEAD,
        title=known.state.title or page.title,
        language=known.state.language or page.language,
        authors=known.state.authors or page.authors,
        published_at=known.state.published_at or page.published_at,
        content_hash=page.content_hash if version else known.state.content_hash,
        revisions=known.state.revisions + (version is not None and not change.is_other_lead),
        flapping=known.state.flapping or is_flapping,
    )
    return replace(decision, version=version, story=story if story != known.state else None)


def _answered(
    visit: Visit, occasion: Occasion, outcome: PageOutcome, state: PageState, reason: str | None = None
) -> PageDecision:
    checks = visit.entry.checks + 1
    due_at = occasion.now + RECHECK_AFTER[checks - 1] if checks <= len(RECHECK_AFTER) else None
    result = visit.result
    entry = PageQueueEntry(
        checks=checks, etag=result.etag or visit.entry.etag, digest=result.digest or visit.entry.digest
    )
    return PageDecision(outcome=outcome, state=state, entry=entry, due_at=due_at, reason=reason)


def _gone(visit: Visit, occasion: Occasion) -> PageDecision:
    decision = _answered(visit, occasion, PageOutcome.GONE, PageState.GONE, f"the site says {visit.result.status}")
    return replace(decision, due_at=None)


def _failed(visit: Visit, problem: Problem, occasion: Occasion) -> PageDecision:
    attempts = visit.entry.attempts + 1
    is_over = attempts >= MAX_ATTEMPTS
    due_at = max(problem.retry_at or occasion.now, occasion.now + RETRY_AFTER)
    return PageDecision(
        outcome=PageOutcome.REFUSED if problem.error == "RobotsDenied" else PageOutcome.FAILED,
        state=PageState.FAILED if is_over else PageState.DUE,
        entry=replace(visit.entry, attempts=attempts),
        due_at=None if is_over else due_at,
        reason=problem.message,
    )


def _settled(known: KnownStory) -> PageState:
    return PageState.ACCEPTED if known.state.lead == PAGE_LEAD else PageState.REFUSED


def _must_be_confirmed(page: CleanStory, known: KnownStory) -> bool:
    return known.state.lead == PAGE_LEAD and len(page.text) < BELIEVED_SHARE * len(known.text)


def _is_too_short_for(page: CleanStory, feed_text: str) -> bool:
    return len(feed_text) >= LENGTH_CLASSES[1] and len(page.text) < MIN_SHARE_OF_FEED * len(feed_text)


def _holds_title(page: CleanStory, title: str) -> bool:
    return are_titles_equal(page.title, title) or normal_title(title) in normal_title(f"{page.title}\n{page.text}")


def _holds_text(page: CleanStory, text: str) -> bool:
    wanted = _trigrams(text)
    return bool(wanted) and len(wanted & _trigrams(page.text)) >= 0.5 * len(wanted)


def _trigrams(text: str) -> frozenset[tuple[str, ...]]:
    found = words(text)
    return frozenset(zip(found, found[1:], found[2:], strict=False))


def _is_root(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query


def _is_elsewhere(result: FetchResult) -> bool:
    return registrable_domain(result.final_url) != registrable_domain(result.url)
