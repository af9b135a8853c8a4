"""Corrections wait in the log, are told once and are one query, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from flows.steps.changes import corrections_between
from models.archive.corrections import keep_corrections, next_untold
from models.archive.merges import merge_stories
from models.archive.withdrawals import withdraw_story
from models.corrections import CorrectionKind
from models.database import write_transaction
from models.identity import Merger
from models.queries.corrections import CorrectionRequest, corrections, count_corrections
from tests.builders import Archive, Piece

TEXT = "The sea rose by {} mm last year. The coast with its towns must move. {}"
SEA = Piece(guid="1", text=TEXT.format("1.54", ""))
WIND = Piece(guid="2", url=None, title="Wind", text=TEXT.format("7", "The wind turned."))
DAY = timedelta(days=1)


@pytest.fixture
def archive(engine: Engine) -> Iterator[Archive]:
    """Give an archive with two stories, each of which was revised once, and one of them twice."""
    with write_transaction(engine) as connection:
        made = Archive(connection)
        spec = made.feed()
        made.night(spec, SEA, WIND)
        made.now += DAY
        made.night(spec, replace(SEA, text=TEXT.format("1.5", "")), replace(WIND, title="Storm"))
        made.now += DAY
        made.night(spec, replace(SEA, text=TEXT.format("1.5", "Correction: it was 1.5 mm, not 1.54.")))
        yield made


def tell(archive: Archive, rules: str = "1", most: int = 10) -> int:
    """Tell the corrections of all revisions that wait; return of how many."""
    told = 0
    while True:
        batch = next_untold(archive.connection, rules, most)
        found = [corrections_between(one.revised) for one in batch.revisions]
        keep_corrections(archive.connection, rules, batch, found)
        told += len(found)
        if batch.is_last:
            return told


def kinds(archive: Archive, **wanted: object) -> list[tuple[int, str]]:
    """Return the corrections that are wanted: each story with the kind."""
    request = CorrectionRequest(**wanted)  # type: ignore[arg-type]
    return [(one.story_id, one.kind.value) for one in corrections(archive.connection, request)]


@pytest.mark.parametrize("most", [1, 10])
def test_every_revision_is_told_once(archive: Archive, most: int) -> None:
    """Batch by batch; a night that brings none tells none."""
    assert (tell(archive, most=most), tell(archive, most=most)) == (3, 0)
    assert kinds(archive) == [(1, "notice"), (2, "headline"), (1, "number")]


def test_corrections_of_a_kind_are_one_query(archive: Archive) -> None:
    """With the sentence, the unit, the version and the moment; page by page."""
    tell(archive)
    (number,) = corrections(archive.connection, CorrectionRequest(kinds=(CorrectionKind.NUMBER,)))
    assert (number.before, number.after, number.unit) == ("1.54 mm", "1.5 mm", "mm")
    assert number.sentence_after == "The sea rose by 1.5 mm last year."
    assert (number.version, number.corrected_at, number.run_id) == (2, archive.now - DAY, 2)
    assert (number.title, number.feeds) == ("Sea level rises", ("one",))
    assert kinds(archive, since=archive.now) == [(1, "notice")]
    assert kinds(archive, before=(number.corrected_at, number.id + 1)) == [(1, "number")]
    assert kinds(archive, limit=1) == [(1, "notice")]
    assert count_corrections(archive.connection, CorrectionRequest(limit=1)) == 3


def test_other_rules_tell_all_anew(archive: Archive) -> None:
    """And nothing twice."""
    tell(archive)
    assert tell(archive, "2") == 3
    assert len(kinds(archive)) == 3


def test_a_version_that_changed_meanwhile_is_not_told(archive: Archive) -> None:
    """Newer code may have read it otherwise between the reading and the writing."""
    batch = next_untold(archive.connection, "1", 10)
    old = replace(batch, revisions=tuple(replace(one, content_hash="other") for one in batch.revisions))
    keep_corrections(archive.connection, "1", old, [corrections_between(one.revised) for one in old.revisions])
    assert kinds(archive) == []


def test_a_withdrawn_story_leaves_no_correction(archive: Archive) -> None:
    """They hold its words."""
    tell(archive)
    withdraw_story(archive.connection, 1, "asked", archive.now)
    assert kinds(archive) == [(2, "headline")]


def test_a_merged_story_takes_its_corrections_along(archive: Archive) -> None:
    """To the story that it became part of, whether they were told before or are told after."""
    tell(archive)
    merge_stories(archive.connection, Merger(into=1, story_ids=(2,), url=None), archive.now)
    assert kinds(archive, story_id=1) == [(1, "notice"), (1, "headline"), (1, "number")]
    tell(archive, "2")
    assert len(kinds(archive, story_id=1)) == 3
