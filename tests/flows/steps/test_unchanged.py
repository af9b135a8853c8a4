"""The shortcut for documents that show nothing new comes to the decision of the long way, or leaves it to that."""

from collections.abc import Iterator

import pytest
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Engine

from flows.steps._identity.unchanged import decide_unchanged
from flows.steps.dedupe import Inquiry, decide
from models.archive.known import load_glances, load_known
from models.identity import LoadContext, Outcome
from models.stages import FeedSpec, Relevance
from models.storage.database import write_transaction
from tests.builders import NOON, Archive, Piece

SEA = Piece(url="https://one.example/sea", guid="sea")
ICE = Piece(url="https://one.example/ice", guid="ice", title="Ice melts", text="The ice melts faster than it did.")
SPORT = Piece(url="https://one.example/cup", guid="cup", title="A cup", text="A cup was won.", is_relevant=False)
NOWHERE = Piece(url=None, guid="air", title="Air", text="The air was warm.")


class Case(Struct, frozen=True):
    """What a feed showed, what became of it meanwhile, and what it shows now."""

    shown: tuple[Piece, ...]
    now: tuple[Piece, ...]
    outcomes: tuple[Outcome, ...] | None  # None: the long way is to decide
    relevance: Relevance = Relevance.GATE
    full_text: bool = False
    story: dict[str, object] | None = None  # columns of the first story, changed by hand


U, OFF = Outcome.UNCHANGED, Outcome.OFF_TOPIC
CASES = {
    "all was shown before": Case((SEA, ICE), (ICE, SEA), (U, U)),
    "an empty document": Case((SEA,), (), ()),
    "a story that the gate turned away": Case((SEA, SPORT), (SEA, SPORT), (U, OFF)),
    "the feed now vouches for what was turned away": Case((SPORT,), (SPORT,), None, relevance=Relevance.ASSUME),
    "the feed is now followed to its pages": Case((SEA,), (SEA,), None, full_text=True),
    "what was turned away is not followed": Case((SPORT,), (SPORT,), (OFF,), full_text=True),
    "an entry without an address has no page": Case((NOWHERE,), (NOWHERE,), (U,), full_text=True),
    "its page was asked for": Case((SEA,), (SEA,), (U,), full_text=True, story={"page_state": "refused"}),
    "a new entry among the others": Case((SEA,), (SEA, ICE), None),
    "two equal entries": Case((SEA,), (SEA, SEA), None),
    "a story that was withdrawn": Case((SEA,), (SEA,), None, story={"withdrawn_at": NOON}),
    "a story that is part of another": Case((ICE, SEA), (ICE, SEA), None, story={"merged_into": 2}),
}


@pytest.fixture
def archive(engine: Engine) -> Iterator[Archive]:
    """Give an archive under construction."""
    with write_transaction(engine) as connection:
        yield Archive(connection)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_shortcut_agrees_with_the_long_way(archive: Archive, case: Case):
    """Where the shortcut decides, decide() says the same of the same archive."""
    spec = archive.feed(relevance=Relevance.GATE)
    archive.night(spec, *case.shown)
    if case.story:
        archive.alter(1, **case.story)
    items = [replace(piece.item(), text=None, classified=None) for piece in case.now]
    context = _context(replace(spec, relevance=case.relevance, full_text=case.full_text))
    digests = [item.entry.digest for item in items]
    decision = decide_unchanged(items, load_glances(archive.connection, spec.id, digests), context)
    assert (decision and decision.outcomes) == case.outcomes
    if decision is not None:
        assert decision == decide(items, load_known(archive.connection, Inquiry(items, spec.id)), context)


def test_stories_with_one_digest_are_left_to_the_long_way(archive: Archive):
    """Where one entry stands for two stories, only the long way tells which is meant."""
    spec = archive.feed()
    archive.night(spec, SEA, ICE)
    digest = SEA.item().entry.digest
    _show_the_same(archive, digest)
    assert load_glances(archive.connection, spec.id, [digest]) == {}


def _context(spec: FeedSpec) -> LoadContext:
    return LoadContext(
        feed_id=spec.id,
        position=spec.position,
        is_vouched=spec.relevance is Relevance.ASSUME,
        is_full_text=spec.full_text,
        run_id=1,
        run_ids=frozenset({1}),
        now=NOON,
    )


def _show_the_same(archive: Archive, digest: str) -> None:
    archive.connection.exec_driver_sql(f"UPDATE sightings SET entry_digest = '{digest}'")
