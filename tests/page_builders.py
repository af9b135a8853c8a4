"""Article pages made by hand, decided and written as a night does it."""

from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from flows.ingest.pages import _change
from flows.steps.pages import PageDecision, PageVisit, decide_page, likely_names, proven_names
from models.archive.known import load_named, load_story
from models.archive.pages import DuePage, due_pages, record_visit
from models.identity import PAGE_SOURCE, KnownStory, LoadContext
from models.stages import ClassifiedStory, FetchResult, Problem, Source
from tests.builders import CODE, NOON, Archive, Piece, feed_spec

SEA = "The sea level rises, and the coast with its towns must move. " * 10


OCCASION = LoadContext(
    feed_id=PAGE_SOURCE,
    position=0,
    is_vouched=True,
    is_full_text=True,
    run_id=7,
    run_ids=frozenset({7}),
    now=NOON,
)


class Page(Struct, frozen=True, kw_only=True):
    """What a story's address answers."""

    title: str = "Sea level rises"
    text: str | None = SEA  # None: nothing new to read
    status: int | None = 200
    final_url: str | None = None  # where it redirects to
    is_permanent: bool = False  # the redirect
    canonical_url: str | None = None
    description: str = ""
    is_complete: bool = True
    is_paywalled: bool = False
    problem: Problem | None = None  # of the request
    page_problem: Problem | None = None  # of the reading

    def classified(self, story_title: str) -> ClassifiedStory | None:
        """Return its words as a night reads them: under the story's title where that has one."""
        if self.text is None:
            return None
        words = Piece(title=story_title or self.title, text=self.text, source=Source.PAGE).classified()
        page = replace(
            words.story,
            page_title=self.title,
            canonical_url=self.canonical_url,
            description=self.description,
            is_paywalled=self.is_paywalled,
        )
        return replace(words, story=page)

    def result(self, url: str) -> FetchResult:
        """Return what came of asking for it."""
        return FetchResult(
            url=url,
            final_url=self.final_url or url,
            moved_to=self.final_url if self.is_permanent else None,
            status=self.status,
            body=None if self.is_complete else b"cut",
            is_complete=self.is_complete,
            etag='"e"',
            digest="d",
            problem=self.problem,
        )


def visit_page(archive: Archive, run_id: int, story_id: int, page: Page | None = None) -> PageDecision:
    """Let a story's page answer in a run; return what was decided and is written now."""
    page = page or Page()
    connection = archive.connection
    known = load_story(connection, story_id)
    words = page.classified(known.state.title)
    result = page.result(known.state.url or "")
    text = words.story if words else None
    visit = PageVisit(
        known=known,
        entry=_place(connection, known).entry,
        result=result,
        page=text,
        page_problem=page.page_problem,
        proven=load_named(connection, proven_names(result, text, known.state.title)),
        likely=load_named(connection, likely_names(result, known.state.title)),
    )
    context = archive.context(run_id, feed_spec(PAGE_SOURCE))
    decision = decide_page(visit, context)
    record_visit(connection, _change(known, decision, words, None), context, CODE)
    return decision


def _place(connection: Connection, known: KnownStory) -> DuePage:
    """Find a story's place in the queue; one that was taken out of it stands at its end."""
    due = due_pages(connection, NOON + timedelta(days=10_000))
    nowhere = DuePage(story_id=known.id, url="")
    return next((place for place in due if place.story_id == known.id), nowhere)
