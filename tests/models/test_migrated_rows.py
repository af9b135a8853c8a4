"""What migrations make of an older archive's rows is what today's code would have written with them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, delete, func, select, update

from models.archive.labels import Choice, NewLabels, label_by_hand, show_or_hide, switch, write_labels
from models.archive.ledger.runs import RequestOwner, record_requests
from models.archive.merges import merge_stories
from models.archive.withdrawals import withdraw_story
from models.identity import Merger
from models.migrations.migrate import upgrade
from models.queries.changes import changed_stories, last_change
from models.queries.corrections import CorrectionRequest, corrections
from models.queries.filters import StoryFilter
from models.queries.ledger.miscounts import differing_sums
from models.queries.stories import iterate_stories
from models.stages import Relevance, Request
from models.storage.database import create_database_engine, read_transaction, write_transaction
from models.tables.changes import ChangeMark, ChangeRow
from models.tables.copies import CopyBand, StoryCopy
from models.tables.counts import FeedDay, StoryCount
from models.tables.feeds import Feed
from models.tables.queues import SearchQueue
from models.tables.stories import Story
from tests.builders import Archive, Piece
from tests.models.queries.test_copies import FIRST, ORIGINAL, OTHER, SAME, clusters, find, piece, show
from tests.models.queries.test_corrections import tell
from tests.old_archives import copy_rows, make_first_revision, make_revision

DAY = timedelta(days=1)
NAMES = ("ada", "bea", "cleo", "dora", "eva", "fay")
SEAS = [
    Piece(
        guid=name,
        url=f"https://one.example/{name}",
        title=f"The sea at {name}",
        text=f"The sea rose by 1.5 mm at {name}.",
    )
    for name in NAMES
]
OLD = Piece(guid="old", url="https://two.example/old", title="Old sea", text="Old.", is_relevant=False)
BALL = Piece(guid="ball", url="https://two.example/ball", title="Ball", text="A goal.", is_relevant=False)
NET = Piece(guid="net", url="https://two.example/net", title="Net", text="It hangs.", is_relevant=False)


@pytest.fixture
def old_engine(empty_database_url: str, tmp_path: Path) -> Iterator[Engine]:
    """Give an engine on a database of the first revision."""
    created = create_database_engine(empty_database_url)
    make_first_revision(created, tmp_path / "first")
    yield created
    created.dispose()


@pytest.fixture
def archives(engine: Engine, old_engine: Engine) -> tuple[Engine, Engine]:
    """Give an archive in which everything happened that may, and one of the same rows that was upgraded."""
    with write_transaction(engine) as connection:
        _fill(Archive(connection))
    copy_rows(engine, old_engine)
    upgrade(old_engine)
    return engine, old_engine


def _fill(archive: Archive) -> None:
    """Let nights bring, revise and turn away; merge, relabel, hide and withdraw, a day each."""
    connection, gate = archive.connection, archive.feed("two", relevance=Relevance.GATE)
    spec = archive.feed("one")
    tell(archive)
    archive.night(gate, BALL, NET, OLD)
    archive.night(spec, *SEAS)
    archive.now += DAY
    archive.night(spec, replace(SEAS[0], text="The sea rose by 1.7 mm at ada."))
    archive.night(gate, replace(BALL, text="Another goal."))
    for into, gone in ((4, 5), (3, 9), (1, 2)):
        _merge_by_page(archive, into, gone)
    archive.now += DAY
    label_by_hand(connection, 6, ["policy"], "by hand", archive.now)
    show_or_hide(connection, 6, None, archive.now, is_shown=True)
    for story_id in (3, 7):
        label_by_hand(connection, story_id, [], "by hand", archive.now)
        show_or_hide(connection, story_id, None, archive.now, is_shown=False)
    _relabel(archive, (4, SEAS[0]), (1, replace(BALL, is_relevant=True)))
    archive.now += DAY
    withdraw_story(connection, 8, "asked", archive.now)


def _merge_by_page(archive: Archive, into: int, gone: int) -> None:
    archive.now += DAY
    run_id = archive.begin()
    request = Request(url="https://one.example/", attempt=1, started_at=archive.now, elapsed_ms=1)
    record_requests(archive.connection, RequestOwner(run_id=run_id, story_id=gone), [request])
    merge_stories(archive.connection, Merger(into=into, story_ids=(gone,)), archive.now, run_id)
    archive.end(run_id)


def _relabel(archive: Archive, *labels: tuple[int, Piece]) -> None:
    connection = archive.connection
    found = [
        NewLabels(
            story_id=story_id,
            version_id=connection.scalars(select(Story.version_id).where(Story.id == story_id)).one() or 0,
            classification=replace(piece.classified().classification, classifier_version="test-2"),
        )
        for story_id, piece in labels
    ]
    write_labels(connection, found, archive.now)
    archive.now += timedelta(hours=1)
    run_id = archive.begin("reclassify", code_version="test-2")
    switch(connection, Choice(), "test-2", run_id, archive.now)
    archive.end(run_id)


def logged(connection: Connection) -> dict[int, list[tuple[object, ...]]]:
    """Return what the log tells of each story, in its order."""
    found: defaultdict[int, list[tuple[object, ...]]] = defaultdict(list)
    columns = (ChangeRow.story_id, ChangeRow.kind, ChangeRow.run_id, ChangeRow.changed_at)
    for story_id, *told in connection.execute(select(*columns).order_by(ChangeRow.id)).tuples():
        found[story_id].append(tuple(told))
    return dict(found)


def test_the_log_tells_what_it_would_have_told(archives: tuple[Engine, Engine]) -> None:
    """Of stories that came, changed, merged, were labelled, hidden and withdrawn; nothing of what was turned away."""
    told = []
    for engine in archives:
        with read_transaction(engine) as connection:
            told.append(logged(connection))
    # A merger leaves no mark of when it brought a story in: it is told for the moment of the one that went.
    assert [[kind for kind, *_ in one.pop(3)] for one in told] == [["admitted", "hidden"]] * 2
    assert told[1] == told[0]


def test_who_follows_the_log_ends_with_what_is_there(archives: tuple[Engine, Engine]) -> None:
    """From its beginning on, in either archive."""
    for engine in archives:
        with read_transaction(engine) as connection:
            held = {
                one.uid: one.story for one in changed_stories(connection, 0, last_change(connection), StoryFilter())
            }
            shown = {story.uid: story for story in iterate_stories(connection, StoryFilter())}
        assert {uid: story for uid, story in held.items() if story is not None} == shown


def test_corrections_and_copies_are_found_in_what_was_there(archives: tuple[Engine, Engine]) -> None:
    """As they are in an archive that looked for them all along."""
    found = []
    for engine in archives:
        with write_transaction(engine) as connection:
            archive = Archive(connection)
            told = tell(archive), find(archive)
            assert told[1] > 0
            kinds = {(one.story_id, one.kind.value, one.after) for one in corrections(connection, CorrectionRequest())}
            found.append((kinds, clusters(archive)))
            assert max(connection.scalars(select(ChangeMark.kept_before))) <= 1
    assert found[0] == found[1]
    assert found[1][0] == {(4, "number", "1.7 mm"), (1, "wording", "Another")}


def test_sums_and_rights_are_those_of_today(archives: tuple[Engine, Engine]) -> None:
    """All is counted at once, in stories and in days; a feed's rights are full until feeds.yaml says otherwise."""
    kept = []
    for engine in archives:
        with read_transaction(engine) as connection:
            assert differing_sums(connection) == []
            sums = select(func.sum(StoryCount.stories), func.sum(StoryCount.published))
            kept.append((connection.execute(sums).one(), connection.execute(select(func.sum(FeedDay.asked))).one()))
            assert set(connection.scalars(select(Feed.rights))) == {"full"}
    assert kept[0] == kept[1]


def test_marks_of_copies_are_those_of_today(engine: Engine, empty_database_url: str) -> None:
    """Of stories of any day: they were eight bytes each, whatever the day, and today's code takes them over."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        show(archive, FIRST, SAME, OTHER, piece("old", ORIGINAL, 100 * 24), replace(FIRST, guid="short", text="Short."))
        find(archive)
    old_engine = create_database_engine(empty_database_url)
    make_revision(old_engine, "0019")
    copy_rows(engine, old_engine, _with_long_bands)
    upgrade(old_engine)
    found = []
    for one in (engine, old_engine):
        with read_transaction(one) as connection:
            columns = (StoryCopy.story_id, StoryCopy.era, StoryCopy.bands)
            parts = (columns, (CopyBand.band, CopyBand.story_id))
            found.append([set(connection.execute(select(*part)).tuples()) for part in parts])
    old_engine.dispose()
    assert found[0] == found[1]
    assert len(found[1][1]) == 3 * 32


def test_stories_with_forms_that_were_not_known_are_indexed_again(engine: Engine, empty_database_url: str) -> None:
    """Those in languages whose words hold marks, once each, and no others: not a hidden one either."""
    languages = ("hi", "ta-IN", "tr", "tr", "en", "de-AT", "tra", "", None)
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        pieces = [Piece(guid=f"{at}", url=f"https://one.example/{at}", title=f"Sea {at}") for at in range(9)]
        archive.show(archive.begin(), archive.feed(), *pieces)
        ids = connection.scalars(select(Story.id).order_by(Story.id)).all()
        for story_id, language in zip(ids, languages, strict=True):
            connection.execute(update(Story).where(Story.id == story_id).values(language=language))
        withdraw_story(connection, ids[3], "asked", archive.now)
        connection.execute(delete(SearchQueue).where(SearchQueue.story_id != ids[0]))
    old_engine = create_database_engine(empty_database_url)
    make_revision(old_engine, "0023")
    copy_rows(engine, old_engine, lambda _, row: dict(row))
    upgrade(old_engine)
    with read_transaction(old_engine) as connection:
        assert connection.scalars(select(SearchQueue.story_id).order_by(SearchQueue.story_id)).all() == ids[:3]
    old_engine.dispose()


def _with_long_bands(table: str, row: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return a row with bands of eight bytes."""
    if table == "story_copies":
        bands = [row["bands"][at : at + 4] for at in range(0, len(row["bands"]), 4)]
        return {**row, "bands": b"".join(b"\xfe" * 4 + band for band in bands)}
    return dict(row)
