"""Near misses: entries just below the gate, whose pages are read in the same night before they are turned away."""

from msgspec.structs import replace
from sqlalchemy import Connection

from flows.runs.context import RunContext
from flows.steps.pages import PageDecision
from models.archive.ledger.runs import counts_as_off_topic
from models.archive.pages import DuePage, near_miss_pages
from models.identity import PAGE_SOURCE, KnownStory, PageState
from models.queries.ledger.runs import run_report
from models.stages import ClassifiedStory


async def pages_before_the_gate(run: RunContext) -> list[DuePage]:
    """Return the pages of near misses of this run and the crashed ones that it makes good, up to the night's most."""
    most = run.plan.pages.near_misses
    return await run.session.read(near_miss_pages, run.plan.run_ids, most) if most else []


def judged(
    connection: Connection, decision: PageDecision, known: KnownStory, text: ClassifiedStory | None, run_id: int
) -> PageDecision:
    """Let a page that was accepted admit its story, where its text is about climate; else ask for it no more.

    The entry, which the feed's row of this run counts as off topic, is to be counted as new then (`is_admitted_by`).
    """
    if known.state.is_relevant or known.is_closed:
        return decision
    story = decision.story
    is_from_page = story is not None and story.text_source == PAGE_SOURCE
    is_relevant = text is not None and text.classification.is_relevant
    if story and is_from_page and is_relevant and counts_as_off_topic(connection, run_id, known.state.text_source):
        return replace(decision, story=replace(story, is_relevant=True))
    state = decision.entry.state if is_from_page else PageState.NONE
    return replace(decision, entry=replace(decision.entry, due_at=None, state=state))


def is_admitted_by(decision: PageDecision, known: KnownStory) -> bool:
    """Tell whether a page makes a story one about climate that the gate turned away."""
    return not known.state.is_relevant and decision.story is not None and decision.story.is_relevant


async def refresh_reports(run: RunContext) -> None:
    """Take the counts that pages changed into the reports of this run's feeds."""
    written = await run.session.read(run_report, str(run.plan.run_id))
    for row in written.feeds:
        if row.feed in run.reports:
            run.reports[row.feed] = replace(run.reports[row.feed], counts=row.counts)
