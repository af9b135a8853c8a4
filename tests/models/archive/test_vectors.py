"""Stories wait for their vector of meaning in a queue of their own, and each gets one."""

from dataclasses import replace

from sqlalchemy import func, select

from models.archive.vectors import Wanted, keep_vectors, next_wanted
from models.archive.withdrawals import withdraw_story
from models.stages import Relevance
from models.tables import StoryVector, VectorQueue
from tests.builders import NOON, Archive, Piece

PIECE = Piece(guid="1")
TWO = replace(PIECE, guid="2", url=None, title="Two")
OFF = replace(PIECE, guid="3", url=None, title="Off", is_relevant=False)


def make(archive: Archive, encoder: str = "one", most: int = 10) -> list[str]:
    """Make the vectors that are wanted; return the titles of their stories."""
    wanted = next_wanted(archive.connection, encoder, most)
    keep_vectors(archive.connection, encoder, wanted, [one.title.encode() for one in wanted], NOON)
    return [one.title for one in wanted]


def kept(archive: Archive) -> dict[int, bytes]:
    """Return the vectors that are kept, by story."""
    rows = archive.connection.execute(select(StoryVector.story_id, StoryVector.vector))
    return dict(rows.tuples().all())


def waiting(archive: Archive) -> int:
    """Count the queue."""
    return archive.connection.scalar(select(func.count()).select_from(VectorQueue)) or 0


def test_every_admitted_story_gets_one_vector(archive: Archive) -> None:
    """Batch by batch, each once; what was turned away waits for none."""
    spec = archive.feed(relevance=Relevance.GATE)
    archive.take(archive.begin(), spec, PIECE, TWO, OFF)
    assert [make(archive, most=1) for _ in range(3)] == [[PIECE.title], ["Two"], []]
    assert list(kept(archive).values()) == [PIECE.title.encode(), b"Two"]
    assert waiting(archive) == 0


def test_another_encoder_makes_all_vectors_anew(archive: Archive) -> None:
    """Those in the queue come first, and no vector is missing meanwhile."""
    spec = archive.feed()
    archive.night(spec, PIECE)
    make(archive)
    archive.night(spec, PIECE, TWO)
    assert [make(archive, "two", most=1) for _ in range(3)] == [["Two"], [PIECE.title], []]
    assert len(kept(archive)) == 2


def test_a_text_that_changed_meanwhile_waits_on(archive: Archive) -> None:
    """A vector of the old text is not kept for the new one."""
    spec = archive.feed()
    archive.night(spec, PIECE)
    (wanted,) = next_wanted(archive.connection, "one", 10)
    old = Wanted(story_id=wanted.story_id, version_id=wanted.version_id + 1, title="", text="")
    keep_vectors(archive.connection, "one", [old], [b"old"], NOON)
    assert kept(archive) == {}
    assert waiting(archive) == 1


def test_a_withdrawn_story_leaves_no_vector(archive: Archive) -> None:
    """Its meaning goes with its words, from the queue too."""
    spec = archive.feed()
    archive.night(spec, PIECE, TWO)
    make(archive, most=1)
    for story_id in (1, 2):
        withdraw_story(archive.connection, story_id, "asked", NOON)
    assert kept(archive) == {}
    assert waiting(archive) == 0
