"""Nights told in a few words: what feeds and pages show in each, and the archive that comes of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection, select

from models.archive.ledger.feeds import sync_feeds
from models.archive.ledger.runs import mark_crashed
from models.archive.withdrawals import withdraw_story
from models.stages import FeedSpec, Relevance
from models.tables.stories import Sighting, Story, StoryVersion
from tests.builders import NOON, Archive, Piece
from tests.page_builders import Page, visit_page


def words(seed: str, length: int = 200) -> str:
    """Make a text of about so many characters that shares no word with one of another seed."""
    made = ""
    while len(made) < length:
        made += f"{seed}{len(made)} "
    return made.strip()


class RunContext(Struct, frozen=True, kw_only=True):
    """One run: documents by feed, in the order in which they are loaded, then the pages of stories."""

    shows: Mapping[str, Sequence[Piece]] = field(default_factory=dict)
    pages: Mapping[int, Page] = field(default_factory=dict)
    without: frozenset[str] = frozenset()  # feeds that are out of feeds.yaml
    withdrawn: tuple[int, ...] = ()  # stories taken down before it
    is_crashed: bool = False  # it ends without a word
    days: int = 1  # since the night before


class Feeds(Struct, frozen=True, kw_only=True):
    """The feeds a, b and c, in this order unless told, and how they are read."""

    order: str = "abc"
    gated: str = ""
    full_text: str = ""

    def specs(self) -> list[FeedSpec]:
        """Return them as feeds.yaml has them."""
        return [
            FeedSpec(
                id=name,
                name=name,
                url=f"https://{name}.example/feed",
                position=position,
                relevance=Relevance.GATE if name in self.gated else Relevance.ASSUME,
                full_text=name in self.full_text,
            )
            for position, name in enumerate(self.order)
        ]


class Case(Struct, frozen=True, kw_only=True):
    """A scenario: what is shown, and what comes of it."""

    says: str
    nights: Sequence[RunContext]
    outcomes: Sequence[str]
    stories: Sequence[str]
    feeds: Feeds | None = None


def night(*pieces: Piece, days: int = 1) -> RunContext:
    """Have feed a alone show a document."""
    return RunContext(shows={"a": pieces}, days=days)


def of(piece: Piece, **changes: object) -> Piece:
    """Return a piece that differs in some fields."""
    return replace(piece, **changes)


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    """Undo at its end what a test writes inside, so that tests can share a database."""
    with connection.begin_nested() as savepoint:
        yield
        savepoint.rollback()


def play(connection: Connection, nights: Sequence[RunContext], feeds: Feeds | None = None) -> list[str]:
    """Live the nights; return the outcomes of each, as `a: new unchanged; b: duplicate; page 1: completed`."""
    archive = Archive(connection, now=NOON)
    specs = (feeds or Feeds()).specs()
    return [_live(archive, night, specs) for night in nights]


def tell(connection: Connection) -> list[str]:
    """Describe the stories, oldest first, as `title <lead> first revised`, with what else holds of them in brackets."""
    rows = connection.execute(select(Story.__table__).order_by(Story.id)).all()
    numbers = {row.id: number for number, row in enumerate(rows, start=1)}
    return [_line(connection, row, numbers) for row in rows]


def nth_story(connection: Connection, number: int) -> int:
    """Return the id of a story by its age: on PostgreSQL keys go on where a rolled-back scenario ended."""
    return connection.scalars(select(Story.id).order_by(Story.id).offset(number - 1).limit(1)).one()


def _live(archive: Archive, night: RunContext, specs: list[FeedSpec]) -> str:
    archive.now += timedelta(days=night.days)
    sync_feeds(archive.connection, [spec for spec in specs if spec.id not in night.without], archive.now)
    for number in night.withdrawn:
        withdraw_story(archive.connection, nth_story(archive.connection, number), "asked for", archive.now)
    run_id = archive.begin()
    by_id = {spec.id: spec for spec in specs}
    told = []
    for name, pieces in night.shows.items():
        outcomes = archive.show(run_id, by_id[name], *pieces)
        told.append(f"{name}: {' '.join(outcomes)}".strip())
    for number, page in night.pages.items():
        decision = visit_page(archive, run_id, nth_story(archive.connection, number), page)
        told.append(f"page {number}: {decision.outcome}")
    if night.is_crashed:
        mark_crashed(archive.connection, ["run"], archive.now)
    else:
        archive.end(run_id)
    return "; ".join(told)


def _line(connection: Connection, row: object, numbers: Mapping[int, int]) -> str:
    story = row._mapping  # type: ignore[attr-defined]  # a row of the table, whose columns mypy does not know
    reasons = connection.scalars(
        select(StoryVersion.reason).where(StoryVersion.story_id == story["id"]).order_by(StoryVersion.number)
    ).all()
    count = sum(reason in {"revised", "restored"} for reason in reasons)
    marks = [
        *(["off topic"] if story["relevant_at"] is None else []),
        *(["flapping"] if story["flapping"] else []),
        *(["withdrawn"] if story["withdrawn_at"] else []),
        *([f"part of {numbers[story['merged_into']]}"] if story["merged_into"] else []),
        *([f"{story['revisions']} revisions"] if story["revisions"] != count else []),
        *(["page due"] if story["page_due_at"] and story["page_checks"] == 0 else []),
    ]
    said = f"{story['title'] or '-'} <{story['text_source']}> {' '.join(reasons)}".strip()
    return said + "".join(f" [{mark}]" for mark in marks)


def text_of(connection: Connection, story_id: int) -> str:
    """Return the text that a story shows."""
    query = select(StoryVersion.text).join(Story, Story.version_id == StoryVersion.id).where(Story.id == story_id)
    return connection.execute(query).scalar_one()


def feeds_of(connection: Connection, story_id: int) -> list[str]:
    """Return the feeds that showed a story."""
    query = select(Sighting.feed_id).where(Sighting.story_id == story_id).order_by(Sighting.feed_id)
    return list(connection.scalars(query))
