"""A small archive made by hand: feeds, runs and stories, written by the archive's own writer."""

import hashlib
from datetime import UTC, datetime

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection, update

from flows.steps.clean import clean_title, content_hash, weighted_length
from flows.steps.dedupe import Inquiry, decide
from flows.steps.text.urls import url_key
from models.archive.known import known_digests, load_known
from models.archive.ledger.counts import counting
from models.archive.ledger.feeds import ensure_import_source, sync_feeds, sync_topics
from models.archive.ledger.runs import FeedOutcome, NewRun, finish_run, record_feed, run_ids_of, start_run
from models.archive.stories import apply
from models.archive.texts.search_queue import index_batch
from models.archive.texts.versions import CodeVersions
from models.identity import Item, KnownStory, LoadContext, Outcome, PageState, StoryState
from models.reports import Counts, FeedReport, FeedStatus, RunStatus
from models.stages import (
    Classification,
    ClassifiedStory,
    CleanStory,
    Entry,
    Evidence,
    FeedSpec,
    Gate,
    Heading,
    Relevance,
    Source,
    Taxonomy,
    Topic,
    TopicScore,
)
from models.tables.keys import table_of
from models.tables.stories import Story

NOON = datetime(2026, 7, 14, 12, tzinfo=UTC)
CODE = CodeVersions(extractor="1.1", key=1)
TOPICS = ("policy", "science", "energy")


def feed_spec(
    feed_id: str = "one", *, position: int = 0, relevance: Relevance = Relevance.ASSUME, full_text: bool = False
) -> FeedSpec:
    """Make a feed."""
    return FeedSpec(
        id=feed_id,
        name=feed_id.title(),
        url=f"https://{feed_id}.example/feed",
        position=position,
        relevance=relevance,
        full_text=full_text,
    )


class Piece(Struct, frozen=True, kw_only=True):
    """An entry of a feed as a test wants it: its words, and what they are about."""

    title: str = "Sea level rises"
    text: str = "The sea level rises, and the coast with its towns must move."
    url: str | None = "https://one.example/sea"
    guid: str | None = None
    authors: tuple[str, ...] = ("Ada Lind",)
    tags: tuple[str, ...] = ()
    published_at: datetime | None = NOON
    topics: tuple[str, ...] = ("science",)
    is_relevant: bool = True
    needs_review: bool = False
    language: str = "en"
    source: Source = Source.FEED
    classifier_version: str = "test-1"

    def item(self) -> Item:
        """Return it as identity meets it: cleaned and judged."""
        key = url_key(self.url) if self.url else None
        entry = Entry(
            position=0,
            guid=self.guid,
            url=self.url,
            url_key=key,
            title_html=self.title,
            html=self.text,
            base_url=self.url or "",
            authors=self.authors,
            tags=self.tags,
            published_at=self.published_at,
            digest=_digest(f"{self.title}|{self.text}|{self.guid}|{key}|{self.authors}|{self.tags}"),
        )
        classified = self.classified()
        return Item(entry=entry, text=classified.story, classified=classified)

    def classified(self) -> ClassifiedStory:
        """Return its words, cleaned and judged."""
        title = clean_title(self.title)
        story = CleanStory(
            source=self.source,
            title=title,
            text=self.text,
            html="",
            content_hash=content_hash(title, self.text),
            length=weighted_length(self.text),
            language=self.language,
            authors=self.authors,
            tags=self.tags,
            published_at=self.published_at,
        )
        heading = Heading(title=title, tags=self.tags, url=self.url)
        return ClassifiedStory(story=story, classification=self._classification(), heading=heading)

    def _classification(self) -> Classification:
        topics = tuple(
            TopicScore(id=topic, score=0.9 - at / 10, primary=at == 0, evidence=self._evidence())
            for at, topic in enumerate(self.topics)
        )
        return Classification(
            relevance=0.9 if self.is_relevant else 0.1,
            is_relevant=self.is_relevant,
            needs_review=self.needs_review,
            topics=topics,
            evidence=self._evidence(),
            classifier_version=self.classifier_version,
        )

    def _evidence(self) -> tuple[Evidence, ...]:
        found = []
        for place, words in (("title", self.title), ("lead", self.text)):
            start = words.lower().find("sea level")
            if start >= 0:
                found.append(Evidence(term="sea level", field=place, weight=2.0, start=start, end=start + 9))
        return tuple(found)


def known_story(*, title: str, text: str, url: str | None, text_source: str) -> KnownStory:
    """Make a story as the archive might hold it: one feed showed it, its page was never asked for."""
    state = StoryState(
        url=url,
        title=title,
        language=None,
        authors=(),
        tags=(),
        published_at=None,
        published_raw=None,
        is_zone_assumed=False,
        text_source=text_source,
        content_hash=content_hash(title, text),
        revisions=0,
        flapping=False,
        is_relevant=True,
        is_page_due=False,
    )
    return KnownStory(
        id=1,
        uid="0" * 16,
        state=state,
        text=text,
        is_withdrawn=False,
        page_state=PageState.NONE,
        merged_into=None,
        sightings=(),
        versions=(),
        keys=frozenset(),
    )


class Archive(Struct):
    """An archive under construction, inside one transaction."""

    connection: Connection
    now: datetime = NOON
    specs: list[FeedSpec] = field(default_factory=list)

    def __post_init__(self) -> None:
        topics = tuple(Topic(id=topic, name=topic.title(), definition="", terms=()) for topic in TOPICS)
        gate = Gate(threshold=1.0, terms=(), negatives=())
        sync_topics(self.connection, Taxonomy(version=1, digest="x", topics=topics, gate=gate))

    def feed(
        self, feed_id: str = "one", *, relevance: Relevance = Relevance.ASSUME, full_text: bool = False
    ) -> FeedSpec:
        """Put a feed into the list of feeds."""
        spec = feed_spec(feed_id, position=len(self.specs), relevance=relevance, full_text=full_text)
        self.specs.append(spec)
        sync_feeds(self.connection, self.specs, self.now)
        return spec

    def import_source(self, source: str = "import") -> FeedSpec:
        """Make the row that imported documents stand under."""
        spec = replace(feed_spec(source, position=1_000_000), url="")
        ensure_import_source(self.connection, spec, self.now)
        return spec

    def begin(self, mode: str = "run", code_version: str = "test") -> int:
        """Open a run."""
        return start_run(self.connection, NewRun(mode=mode, started_by="hand", code_version=code_version), self.now)

    def end(self, run_id: int, status: RunStatus = RunStatus.COMPLETED) -> None:
        """Close a run and index what it brought."""
        finish_run(self.connection, run_id, status, None, self.now)
        while index_batch(self.connection):
            pass

    def show(
        self, run_id: int, spec: FeedSpec, *pieces: Piece, document_digest: str | None = None
    ) -> tuple[Outcome, ...]:
        """Let a feed show these entries in a run, and write its row of the ledger."""
        outcomes = self.take(run_id, spec, *pieces)
        sums = {outcome.value: outcomes.count(outcome) for outcome in Outcome}
        report = FeedReport(
            feed=spec.id, status=FeedStatus.OK, http_status=200, attempts=1, counts=Counts(seen=len(pieces), **sums)
        )
        record_feed(self.connection, run_id, FeedOutcome(report=report, document_digest=document_digest), self.now)
        return outcomes

    def take(self, run_id: int, spec: FeedSpec, *pieces: Piece) -> tuple[Outcome, ...]:
        """Take a document's entries in, one of several for the same row of the ledger."""
        context = self.context(run_id, spec)
        items = [piece.item() for piece in pieces]
        digests = [item.entry.digest for item in items]
        old = known_digests(self.connection, spec.id, digests)
        items = [Item(entry=item.entry) if item.entry.digest in old else item for item in items]
        known = load_known(self.connection, Inquiry(items, spec.id))
        decision = decide(items, known, context)
        apply(self.connection, decision, context, CODE)
        return decision.outcomes

    def context(self, run_id: int, spec: FeedSpec) -> LoadContext:
        """Make the context of one feed's document."""
        return LoadContext(
            feed_id=spec.id,
            position=spec.position,
            is_vouched=spec.relevance is Relevance.ASSUME,
            is_full_text=spec.full_text,
            run_id=run_id,
            run_ids=run_ids_of(self.connection, run_id),
            now=self.now,
        )

    def night(self, spec: FeedSpec, *pieces: Piece) -> int:
        """Have one whole run in which one feed shows these entries."""
        run_id = self.begin()
        self.show(run_id, spec, *pieces)
        self.end(run_id)
        return run_id

    def alter(self, story_id: int, **values: object) -> None:
        """Change a story's row by hand, as the archive would: with the sums that it is counted in."""
        stories = table_of(Story)
        with counting(self.connection, [story_id]):
            self.connection.execute(update(stories).where(stories.c.id == story_id).values(**values))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
