"""Decide whether a fetched page may carry its story's text, and what it does to the story."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from flows.steps._identity.headline_match import holds_headline
from flows.steps._identity.likeness import normal_title, sequences
from flows.steps._identity.namesakes import address_key, is_elsewhere, learnt_keys, likely_keys, merger, proven_keys
from flows.steps._identity.text_source import LENGTH_CLASSES
from flows.steps._identity.versions import Change, is_revision, judge
from flows.steps._notices import notice
from flows.steps.text.fingerprint import weighted_length
from models.errors import ConnectFailed, RobotsDenied
from models.identity import (
    PAGE_SOURCE,
    KeyName,
    KnownStory,
    LoadContext,
    Merger,
    NewVersion,
    PageQueueState,
    PageState,
    StoryState,
)
from models.stages import CleanStory, FetchResult, Problem, Source

MIN_LENGTH: Final = 250  # weighted characters: 100 of a CJK text
MIN_SHARE_OF_FEED: Final = 0.8
BELIEVED_SHARE: Final = 0.5  # a page that shrinks below this share of the text must say so twice
# A night comes to a page sooner or later than the one before: counted a little short, a day ends with the next night.
NIGHTS_DIFFER_BY: Final = timedelta(hours=6)
RECHECK_AFTER: Final = tuple(timedelta(days=days) - NIGHTS_DIFFER_BY for days in (1, 3, 7, 30))
RETRY_AFTER: Final = RECHECK_AFTER[0]
MAX_ATTEMPTS: Final = 5
SHARE_OF_SEQUENCES: Final = 0.5  # of the feed text, which a page without the title must hold
SEQUENCE_WORDS: Final = 3
LEAST_DESCRIPTION: Final = 40  # characters by which a description is known
MOST_AHEAD: Final = timedelta(days=1)  # a page dated later than this is not believed in that
CUT_OFF: Final = "the page was cut off on its way"


class PageOutcome(StrEnum):
    """What became of a page; the names of the run's page sums."""

    COMPLETED = "completed"
    UNCHANGED = "unchanged"
    REVISED = "revised"
    REFUSED = "refused"
    GONE = "gone"
    FAILED = "failed"


class PageDecision(Struct, frozen=True, kw_only=True):
    """What a page does to its story and to its place in the queue."""

    outcome: PageOutcome
    entry: PageQueueState
    version: NewVersion | None = None
    story: StoryState | None = None
    merger: Merger | None = None
    keys: tuple[KeyName, ...] = ()  # more names of the story


class PageVisit(Struct, frozen=True, kw_only=True):
    """A page that was asked for, with the text that was found on it."""

    known: KnownStory
    entry: PageQueueState
    result: FetchResult
    page: CleanStory | None
    page_problem: Problem | None = None  # its text could not be extracted
    proven: tuple[KnownStory, ...] = ()  # the stories that proven_names lead to
    likely: tuple[KnownStory, ...] = ()  # and likely_names


def proven_names(result: FetchResult, page: CleanStory | None, title: str) -> tuple[KeyName, ...]:
    """Return the keys whose stories are this page's article, whatever they are called."""
    holds_title = page is not None and holds_headline(page, title)
    return () if result.problem else proven_keys(result, page, holds_title=holds_title)


def likely_names(result: FetchResult, title: str) -> tuple[KeyName, ...]:
    """Return the keys whose stories are this page's article if their titles are equal."""
    return () if result.problem else likely_keys(result, title)


def decide_page(visit: PageVisit, context: LoadContext) -> PageDecision:
    """Decide what a visit to a story's page does."""
    known = visit.known
    if known.is_closed:  # while its page was being fetched
        return _closed(visit)
    merged = merger(known, visit.proven, visit.likely)
    if merged is not None and known.id in merged.story_ids:
        return replace(_closed(visit, f"it is the page of story {merged.into}"), merger=merged)
    return replace(_decided(visit, context), merger=merged, keys=_other_names(visit))


def _decided(visit: PageVisit, context: LoadContext) -> PageDecision:
    result = visit.result
    if result.status in {404, 410}:
        return _gone(visit, context)
    if problem := _cut_off(result) or result.problem or visit.page_problem:
        if problem.error == RobotsDenied.__name__ and not problem.is_transient:
            return _answered(visit, context, PageOutcome.REFUSED, _settled(visit.known), problem.message)
        return _failed(visit, problem, context)
    if visit.page is None:
        decision = _answered(visit, context, PageOutcome.UNCHANGED, _settled(visit.known), visit.entry.reason)
        return replace(decision, entry=replace(decision.entry, pending_hash=visit.entry.pending_hash))
    if reason := refusal(visit.page, visit.known, result):
        return _answered(visit, context, PageOutcome.REFUSED, _settled(visit.known), reason)
    return _accepted(visit, visit.page, context)


def _cut_off(result: FetchResult) -> Problem | None:
    is_cut = result.body is not None and not result.is_complete
    return Problem(error=ConnectFailed.__name__, message=CUT_OFF) if is_cut else None


def refusal(page: CleanStory, known: KnownStory, result: FetchResult) -> str | None:
    """Return why a page may not carry its story's text; None if it may."""
    text = known.text
    holds_title = holds_headline(page, known.state.title)
    is_redirected = result.final_url != result.url
    reasons = (
        (result.status != 200, f"the site says {result.status}"),
        (is_redirected and _is_root(result.final_url), "it redirects to the site's front page"),
        (is_elsewhere(result.url, result.final_url) and not holds_title, "it redirects to another site"),
        (page.is_paywalled, "it is behind a paywall"),
        (page.length < MIN_LENGTH, "it holds too little text"),
        ((found := notice(page.text)) is not None, found or ""),
        (not (holds_title or _agrees(page, known, result) or _says_nothing(known)), "it does not hold the story"),
        (
            known.state.text_source != PAGE_SOURCE and _is_too_short_for(page, text),
            "it holds less than the feed's text",
        ),
    )
    return next((reason for applies, reason in reasons if applies), None)


def _accepted(visit: PageVisit, page: CleanStory, context: LoadContext) -> PageDecision:
    known = visit.known
    if page.length < BELIEVED_SHARE * weighted_length(known.text) and visit.entry.pending_hash != page.content_hash:
        return _doubted(visit, page, context)
    moves_up = known.state.text_source != PAGE_SOURCE
    change = Change(
        content_hash=page.content_hash, source=Source.PAGE, moves_up=moves_up, title=page.title, text=page.text
    )
    version, is_flapping = judge(change, known, context)
    outcome = PageOutcome.REVISED if version else PageOutcome.UNCHANGED
    decision = _answered(visit, context, PageOutcome.COMPLETED if moves_up else outcome, PageState.ACCEPTED)
    story = replace(
        known.state,
        text_source=PAGE_SOURCE,
        title=known.state.title or page.title,
        language=known.state.language or page.language,
        authors=known.state.authors or page.authors,
        published_at=known.state.published_at or _published_by(page, context),
        content_hash=page.content_hash if version else known.state.content_hash,
        revisions=known.state.revisions + is_revision(version),
        flapping=known.state.flapping or is_flapping,
    )
    return replace(decision, version=version, story=story if story != known.state else None)


def _doubted(visit: PageVisit, page: CleanStory, context: LoadContext) -> PageDecision:
    """Leave the text as it is until the next check, which must read the page again even if its bytes are the same."""
    reason = "it holds less than half of the text so far"
    decision = _answered(visit, context, PageOutcome.UNCHANGED, _settled(visit.known), reason)
    due_at = context.now + RECHECK_AFTER[0]
    entry = replace(decision.entry, pending_hash=page.content_hash, etag=None, digest=None, due_at=due_at)
    return replace(decision, entry=entry)


def _closed(visit: PageVisit, reason: str | None = None) -> PageDecision:
    """Leave the story as it is and ask no more."""
    entry = PageQueueState(state=_settled(visit.known), reason=reason, checks=visit.entry.checks)
    return PageDecision(outcome=PageOutcome.UNCHANGED, entry=entry)


def _other_names(visit: PageVisit) -> tuple[KeyName, ...]:
    """Return the keys of the addresses that the story's link really leads to."""
    result, page, known = visit.result, visit.page, visit.known
    if page is None or result.problem:
        return ()
    holds_title = holds_headline(page, known.state.title)
    return learnt_keys(result, holds_title=holds_title, is_accepted=refusal(page, known, result) is None)


def _answered(
    visit: PageVisit, context: LoadContext, outcome: PageOutcome, state: PageState, reason: str | None = None
) -> PageDecision:
    checks = visit.entry.checks + 1
    due_at = context.now + RECHECK_AFTER[checks - 1] if checks <= len(RECHECK_AFTER) else None
    result = visit.result
    entry = PageQueueState(
        state=state,
        reason=reason,
        due_at=due_at,
        checks=checks,
        etag=result.etag or visit.entry.etag,
        digest=result.digest or visit.entry.digest,
    )
    return PageDecision(outcome=outcome, entry=entry)


def _gone(visit: PageVisit, context: LoadContext) -> PageDecision:
    decision = _answered(visit, context, PageOutcome.GONE, PageState.GONE, f"the site says {visit.result.status}")
    return replace(decision, entry=replace(decision.entry, due_at=None))


def _failed(visit: PageVisit, problem: Problem, context: LoadContext) -> PageDecision:
    attempts = visit.entry.attempts + (not _was_told_to_wait(visit.result))
    is_over = attempts >= MAX_ATTEMPTS
    due_at = max(problem.retry_at or context.now, context.now + RETRY_AFTER)
    entry = replace(
        visit.entry,
        state=PageState.FAILED if is_over else PageState.DUE,
        reason=problem.message,
        due_at=None if is_over else due_at,
        attempts=attempts,
    )
    return PageDecision(outcome=PageOutcome.FAILED, entry=entry)


def _was_told_to_wait(result: FetchResult) -> bool:
    """Tell whether the last thing that the site said was a wish for patience, which says nothing of the page."""
    last = result.requests[-1] if result.requests else None
    if last is None or last.problem is None:
        return False
    return last.status == 429 or (last.status == 503 and last.problem.retry_at is not None)


def _settled(known: KnownStory) -> PageState:
    return PageState.ACCEPTED if known.state.text_source == PAGE_SOURCE else PageState.REFUSED


def _is_too_short_for(page: CleanStory, feed_text: str) -> bool:
    length = weighted_length(feed_text)
    return length >= LENGTH_CLASSES[1] and page.length < MIN_SHARE_OF_FEED * length


def _published_by(page: CleanStory, context: LoadContext) -> datetime | None:
    """Return a page's date where it is none of the days to come."""
    at = page.published_at
    return at if at is not None and at <= context.now + MOST_AHEAD else None


def _agrees(page: CleanStory, known: KnownStory, result: FetchResult) -> bool:
    """Tell whether a page under another headline is the story's: by its own address, its description or its words."""
    if page.canonical_url is not None and address_key(page.canonical_url) == address_key(result.url) is not None:
        return True
    said = f"{page.description}\n{page.text}"
    return _holds_text(said, known.text) or (bool(normal_title(known.text)) and _is_described(page, known.text))


def _is_described(page: CleanStory, text: str) -> bool:
    """Tell whether the feed's words are the page's description, though too short for sequences or cut."""
    wanted = normal_title(text.rstrip(" .…"))
    return len(wanted) >= LEAST_DESCRIPTION and any(
        normal_title(line).startswith(wanted) for line in page.description.splitlines()
    )


def _holds_text(said: str, text: str) -> bool:
    wanted = sequences(text, SEQUENCE_WORDS)
    found = len(wanted & sequences(said, SEQUENCE_WORDS))
    return bool(wanted) and found >= SHARE_OF_SEQUENCES * len(wanted)


def _says_nothing(known: KnownStory) -> bool:
    return not (normal_title(known.state.title) or normal_title(known.text))


def _is_root(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query
