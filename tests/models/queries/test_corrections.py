"""Corrections wait in the log, are told once and are one query, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from flows.steps.changes import corrections_between
from models.archive.merges import merge_stories
from models.archive.reprocessing import Remade, Selection, rewrite, stored_texts
from models.archive.texts import corrections as module
from models.archive.texts.corrections import UntoldBatch, keep_corrections, next_untold, pass_on
from models.archive.withdrawals import withdraw_story
from models.corrections import CorrectionKind
from models.identity import Merger
from models.queries.corrections import CorrectionRequest, corrections, count_corrections
from models.storage.database import write_transaction
from tests.builders import CODE, Archive, Piece

TEXT = "The sea rose by {} mm last year. The coast with its towns must move. {}"
SEA = Piece(guid="1", text=TEXT.format("1.54", ""))
WIND = Piece(guid="2", url=None, title="Wind", text=TEXT.format("7", "The wind turned."))
DAY = timedelta(days=1)


@pytest.fixture
def archive(engine: Engine) -> Iterator[Archive]:
    """Give an archive with two stories, each of which was revised once, and one of them twice."""
    with write_transaction(engine) as connection:
        made = Archive(connection)
        tell(made)  # as any archive from its first run on
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
    while batch := next_untold(archive.connection, rules, most):
        keep(archive, batch, rules)
        pass_on(archive.connection, rules, batch)
        told += len(batch.revisions)
    return told


def keep(archive: Archive, batch: UntoldBatch | None, rules: str = "1") -> None:
    """Keep what is told of a batch."""
    assert batch is not None
    found = [corrections_between(one.revised) for one in batch.revisions]
    keep_corrections(archive.connection, rules, batch.revisions, found)


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


@pytest.mark.parametrize("most", [1, 10])
def test_other_rules_tell_all_anew(archive: Archive, most: int) -> None:
    """Each in the place of what was told before, so that nothing is missing meanwhile and nothing is there twice."""
    tell(archive)
    batch = next_untold(archive.connection, "2", most)
    assert batch is not None
    assert len(kinds(archive)) == 3
    keep(archive, batch, "2")
    pass_on(archive.connection, "2", batch)
    assert tell(archive, "2", most) == 3 - len(batch.revisions)
    assert len(kinds(archive)) == 3


def test_what_was_there_before_waits_for_its_turn(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes in is told at once; of the rest, the newest first, so many versions as a step looks through."""
    monkeypatch.setattr(module, "_KEPT_AT_ONCE", 2)
    assert next_untold(archive.connection, "2", 10, with_kept=False) is None
    archive.night(archive.specs[0], replace(WIND, title="Gale"))
    fresh = next_untold(archive.connection, "2", 10)
    assert fresh is not None
    assert (versions(fresh), fresh.kept_from) == ([4, 6], None)
    pass_on(archive.connection, "2", fresh)
    seen = []
    while batch := next_untold(archive.connection, "2", 10):
        seen.append((versions(batch), batch.kept_from, batch.kept_before))
        pass_on(archive.connection, "2", batch)
    assert seen == [([5, 4], 6, 4), ([3], 4, 2), ([], 2, 0)]


def versions(batch: UntoldBatch) -> list[int]:
    """Return the versions of a batch."""
    return [one.version_id for one in batch.revisions]


def test_two_runs_that_end_at_once_tell_each_revision_once(archive: Archive) -> None:
    """A night and an import: both read the same revisions before either keeps them, and neither goes back."""
    first, second = (next_untold(archive.connection, "1", 10) for _ in range(2))
    assert first is not None
    assert first == second
    keep(archive, first)
    pass_on(archive.connection, "1", first)
    archive.night(archive.specs[0], replace(WIND, title="Gale"))
    assert tell(archive) == 1
    keep(archive, second)
    pass_on(archive.connection, "1", first)
    assert len(kinds(archive)) == 4
    assert next_untold(archive.connection, "1", 10) is None


def test_what_older_rules_found_is_not_kept_over_newer(archive: Archive) -> None:
    """A run of older code ends beside one of newer code."""
    batch = next_untold(archive.connection, "1", 10)
    tell(archive, "2")
    keep_corrections(archive.connection, "1", batch.revisions if batch else (), [[], [], []])
    assert len(kinds(archive)) == 3


def test_a_revision_is_told_of_the_story_that_it_is_read_under(archive: Archive) -> None:
    """Its own was merged while the texts were being compared."""
    batch = next_untold(archive.connection, "1", 10)
    merge_stories(archive.connection, Merger(into=1, story_ids=(2,), url=None), archive.now)
    keep(archive, batch)
    assert {story_id for story_id, _ in kinds(archive)} == {1}


def test_a_text_that_another_takes_the_place_of_is_told_anew(archive: Archive) -> None:
    """Within its run: neither it nor the version behind it is what was compared."""
    spec, run_id = archive.specs[0], archive.begin()
    for figure in ("1.6", "1.7"):
        archive.take(run_id, spec, replace(SEA, text=TEXT.format(figure, "")))
        tell(archive)
    found = corrections(archive.connection, CorrectionRequest(kinds=(CorrectionKind.NUMBER,)))
    assert [one.after for one in found] == ["1.7 mm", "1.5 mm"]


@pytest.mark.parametrize("is_merged", [True, False])
def test_a_text_that_newer_code_reads_otherwise_is_told_anew(archive: Archive, is_merged: bool) -> None:
    """Also where its story is read as part of another."""
    spec, connection = archive.specs[0], archive.connection
    tell(archive)
    if is_merged:
        merge_stories(connection, Merger(into=2, story_ids=(1,), url=None), archive.now)
    tell(archive)
    stored = next(one for one in stored_texts(connection, Selection(), 0) if (one.story_id, one.number) == (1, 2))
    better = replace(SEA, text=TEXT.format("1.52", "")).classified()
    context = archive.context(archive.begin("reprocess"), spec)
    rewrite(connection, Remade(stored=stored, classified=better, title=stored.title), context, CODE)
    tell(archive)
    found = corrections(connection, CorrectionRequest(story_id=2 if is_merged else 1))
    told = [(one.kind.value, one.after) for one in found if one.kind is not CorrectionKind.HEADLINE]
    assert sorted(told) == [("notice", ""), ("number", "1.5 mm"), ("number", "1.52 mm")]


def test_a_version_that_changed_meanwhile_is_not_told(archive: Archive) -> None:
    """Newer code may have read it otherwise between the reading and the writing."""
    batch = next_untold(archive.connection, "1", 10)
    assert batch is not None
    for hashes in (lambda old: ("other", old[1]), lambda old: (old[0], "other")):
        changed = tuple(replace(one, hashes=hashes(one.hashes)) for one in batch.revisions)
        keep(archive, replace(batch, revisions=changed))
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
