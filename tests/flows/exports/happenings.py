"""Whatever may happen to the stories of an archive, drawn by chance and done by the archive's own writers."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import func, select

from models.archive.labels import (
    Choice,
    NewLabels,
    is_in_ledger,
    kept_after,
    label_by_hand,
    show_or_hide,
    switch,
    write_labels,
)
from models.archive.ledger.feeds import sync_feeds
from models.archive.meaning import MeaningReading, keep_readings, load_waiting, next_waiting
from models.archive.merges import merge_stories
from models.archive.reprocessing import Remade, Selection, rewrite, stored_texts
from models.archive.withdrawals import withdraw_story
from models.identity import Merger
from models.learnt import UNREAD
from models.stages import Relevance
from models.tables.stories import Story
from tests.builders import CODE, NOON, TOPICS, Archive, Piece
from tests.flows.steps.test_copies import article
from tests.models.queries.test_copies import find
from tests.page_builders import Page, visit_page
from tests.scenarios import words

Happening: TypeAlias = Callable[[Archive], object]

FEEDS = ("one", "two", "gate", "import")
ORIGINAL = article(1)
# The first two are copies of one another, of the third a part.
TEXTS = (" ".join(ORIGINAL), " ".join([*ORIGINAL, "Ours."]), " ".join(ORIGINAL[:18]), words("sea", 300), words("wind"))

texts = st.sampled_from(TEXTS)
labels = st.lists(st.sampled_from(TOPICS), max_size=2, unique=True).map(tuple)
numbers = st.integers(0, 7)


def _piece(number: int, text: str, **changes: object) -> Piece:
    told = Piece(guid=str(number), title=f"Title {number}", url=f"https://x.example/{number}", text=text)
    return replace(told, published_at=NOON + timedelta(hours=number), **changes)


pieces = st.builds(
    _piece,
    number=st.integers(0, 4),
    text=texts,
    topics=labels,
    is_relevant=st.booleans(),
    needs_review=st.booleans(),
    tags=st.sampled_from([(), ("Sea",)]),
    authors=st.sampled_from([(), ("Ada Lind",)]),
    language=st.sampled_from(["en", "de"]),
    classifier_version=st.sampled_from(["test-1", f"test-1{UNREAD}"]),
)


def archive_of_all(connection: object) -> Archive:
    """Make an archive with every kind of source: two feeds that are believed, one behind the gate, an import's."""
    archive = Archive(connection)  # type: ignore[arg-type]
    for name in FEEDS[:3]:
        archive.feed(name, relevance=Relevance.GATE if name == "gate" else Relevance.ASSUME, full_text=name == "one")
    archive.import_source()
    return archive


def _of_kept(happens: Callable[[Archive, int], object]) -> Callable[[int], Happening]:
    """Have something happen to one of the stories that are read, by a number; to none while there is none."""

    def drawn(number: int) -> Happening:
        def happen(archive: Archive) -> None:
            is_read = (Story.withdrawn_at.is_(None), Story.merged_into.is_(None))
            ids = archive.connection.scalars(select(Story.id).where(*is_read).order_by(Story.id)).all()
            if ids:
                happens(archive, ids[number % len(ids)])

        return happen

    return drawn


def _shown(feed: str, told: list[Piece]) -> Happening:
    def happen(archive: Archive) -> None:
        run_id = archive.begin()
        spec = next((one for one in archive.specs if one.id == feed), None) or archive.import_source()
        archive.show(run_id, spec, *told)
        archive.end(run_id)

    return happen


def _visited(number: int, page: Page) -> Happening:
    return _of_kept(lambda archive, story_id: visit_page(archive, archive.begin(), story_id, page))(number)


def _renamed(feed: int, name: str) -> Happening:
    def happen(archive: Archive) -> None:
        archive.specs[feed] = replace(archive.specs[feed], name=name)
        sync_feeds(archive.connection, archive.specs, archive.now)

    return happen


def _labelled(number: int, topics: tuple[str, ...]) -> Happening:
    """As `label` does it."""

    def label(archive: Archive, story_id: int) -> None:
        label_by_hand(archive.connection, story_id, topics, "by hand", archive.now)
        run_id = None if is_in_ledger(archive.connection, story_id) else archive.begin("label")
        show_or_hide(archive.connection, story_id, run_id, archive.now, is_shown=bool(topics))

    return _of_kept(label)(number)


def _reclassified(choice: Choice, version: str, judged: Piece) -> Happening:
    """As `reclassify` does it, where all stories are judged alike."""

    def happen(archive: Archive) -> None:
        found = replace(judged.classified().classification, classifier_version=version)
        kept = kept_after(archive.connection, 0, choice, version, 100)
        new = [
            NewLabels(story_id=one.story_id, version_id=one.version_id, classification=found)
            for one in kept
            if one.ready is None
        ]
        write_labels(archive.connection, new, archive.now)
        switch(archive.connection, choice, version, archive.begin("reclassify"), archive.now)

    return happen


def _read(judged: Piece) -> Happening:
    """Have the second reader read what waits for it."""

    def happen(archive: Archive) -> None:
        waiting = load_waiting(archive.connection, next_waiting(archive.connection, "none", 10))
        found = judged.classified().classification
        readings = [MeaningReading(story=one, found=found) for one in waiting]
        keep_readings(archive.connection, readings, archive.begin(), archive.now)

    return happen


def _reprocessed(number: int, remade: Piece) -> Happening:
    """Have newer code make another text of one that is stored."""

    def happen(archive: Archive) -> None:
        stored = stored_texts(archive.connection, Selection(), 0)
        if stored:
            one = stored[number % len(stored)]
            context = archive.context(archive.begin("reprocess"), archive.specs[0])
            made = Remade(stored=one, classified=remade.classified(), title=one.title)
            rewrite(archive.connection, made, context, CODE)

    return happen


def _merged(number: int) -> Happening:
    """Have a story become part of the oldest."""

    def merge(archive: Archive, story_id: int) -> None:
        is_read = (Story.withdrawn_at.is_(None), Story.merged_into.is_(None))
        oldest = archive.connection.scalars(select(func.min(Story.id)).where(*is_read)).one()
        if oldest is not None and oldest != story_id:
            merger = Merger(into=oldest, story_ids=(story_id,), url=None)
            merge_stories(archive.connection, merger, archive.now, archive.begin())

    return _of_kept(merge)(number)


nights: st.SearchStrategy[Happening] = st.builds(
    _shown, st.sampled_from([*FEEDS, "gate", "gate"]), st.lists(pieces, min_size=1, max_size=4)
)
happenings: st.SearchStrategy[Happening] = st.one_of(
    nights,
    st.builds(_visited, numbers, st.builds(Page, text=texts, title=st.sampled_from(["Title 1", "Another"]))),
    st.builds(_renamed, st.integers(0, 2), st.sampled_from(["The First", "Daily"])),
    st.builds(_labelled, numbers, labels),
    st.builds(
        _reclassified,
        st.sampled_from([Choice(), Choice(topic=TOPICS[0])]),
        st.sampled_from(["test-2", "test-3"]),
        pieces.filter(lambda judged: judged.is_relevant),
    ),
    st.builds(_read, pieces),
    st.builds(_reprocessed, numbers, pieces),
    st.builds(_merged, numbers),
    numbers.map(_of_kept(lambda archive, story_id: withdraw_story(archive.connection, story_id, "asked", archive.now))),
    st.just(find),
)
