"""What holds of identity whatever feeds show: nothing lost, nothing doubled, nothing that depends on an order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, func, select

from models.queries.ledger.checks import audit
from models.storage.database import create_database_engine, write_transaction
from models.tables.stories import Sighting, Story, StoryKey, StoryVersion
from tests.builders import NOON, Piece
from tests.flows.steps.evidence_cases import bulletin, tokened, update
from tests.flows.steps.identity_cases import ADDRESS
from tests.scenarios import Feeds, RunContext, play, tell, undone, words

Document = Sequence[Piece]

TEXTS = [words(f"text{number}", length) for number, length in enumerate((40, 240, 260, 300, 1100))]
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Entries that keep no rule: any title, text and key may come with any other.
wild = st.builds(
    Piece,
    title=st.sampled_from(["One", "Two", "<b>One</b>", ""]),
    text=st.sampled_from(TEXTS),
    url=st.sampled_from([None, "https://x.example/", "https://x.example/1", "https://x.example/2"]),
    guid=st.sampled_from([None, "1", "2"]),
    is_relevant=st.booleans(),
)


def _article(number: int, length: int, guid: str | None, suffix: str) -> Piece:
    return Piece(
        title=f"Article {number}",
        text=words(f"article{number}of{length}", length),
        url=f"https://x.example/{number}{suffix}",
        guid=f"{number} {guid}" if guid else None,
        published_at=NOON + timedelta(minutes=number),
    )


# Entries of publishers who keep to one title, address and moment an article; all else may change from night to night.
tame = st.builds(
    _article,
    number=st.integers(1, 3),
    length=st.sampled_from([40, 240, 300, 1100]),
    guid=st.sampled_from([None, "new", "newer"]),
    suffix=st.sampled_from(["", "/", "?utm_source=a", "#top"]),
)
told = st.lists(tame, max_size=5, unique_by=lambda piece: piece.title)
documents = st.lists(wild, max_size=5)
nights = st.lists(st.dictionaries(st.sampled_from("abc"), documents, max_size=3), min_size=1, max_size=3)
FEEDS = Feeds(gated="c", full_text="b")


@pytest.fixture(scope="module")
def shared_engine(new_database: Callable[[], str]) -> Iterator[Engine]:
    """Give one database to all examples, each of which is undone."""
    created = create_database_engine(new_database())
    yield created
    created.dispose()


@few
@given(shown=nights)
def test_the_ledger_adds_up_and_every_entry_is_accounted_for(
    shared_engine: Engine, shown: list[dict[str, Document]]
) -> None:
    """Each entry has an outcome, each story was counted as new once, and what spoke is what its sighting holds."""
    with write_transaction(shared_engine) as connection, undone(connection):
        told = play(connection, [RunContext(shows=one) for one in shown], FEEDS)
        entries = [len(document) for night in shown for document in night.values()]
        assert [len(part.split()) - 1 for line in told for part in line.split("; ") if part] == entries
        assert audit(connection).findings == ()
        for feed, document in shown[-1].items():
            _assert_last_words_kept(connection, feed, document)


def _assert_last_words_kept(connection: Connection, feed: str, document: Document) -> None:
    digests = set(connection.scalars(select(Sighting.entry_digest).where(Sighting.feed_id == feed)))
    keys = set(connection.scalars(select(StoryKey.key)))
    for item in (piece.item() for piece in document):
        names = {item.entry.guid, item.entry.url_key}
        assert item.entry.digest in digests or names & keys, "an entry was lost"


@few
@given(shown=nights)
def test_the_same_night_again_changes_nothing(shared_engine: Engine, shown: list[dict[str, Document]]) -> None:
    """A second run over the same documents adds no row and brings nothing new."""
    with write_transaction(shared_engine) as connection, undone(connection):
        play(connection, [RunContext(shows=one) for one in shown], FEEDS)
        before = _sizes(connection)
        again = play(connection, [RunContext(shows=shown[-1])], FEEDS)
        assert _sizes(connection) == before
        assert not {"new", "updated"} & set(again[0].replace(";", "").split())


@few
@given(shown=st.lists(st.dictionaries(st.sampled_from("abc"), told), min_size=1, max_size=3))
def test_one_article_is_one_story(shared_engine: Engine, shown: list[dict[str, Document]]) -> None:
    """However many feeds, guids and tracking links an article comes by."""
    with write_transaction(shared_engine) as connection, undone(connection):
        play(connection, [RunContext(shows=one) for one in shown])
        articles = {piece.title for night in shown for document in night.values() for piece in document}
        assert sorted(connection.scalars(select(Story.title))) == sorted(articles)


# One entry an article and feed, whose title may lack or be the feed's own: the lead and the title are to be found.
by_feed = st.dictionaries(
    st.sampled_from("abc"),
    st.dictionaries(
        st.integers(1, 2), st.tuples(st.sampled_from(["", "One", "Two"]), st.sampled_from(TEXTS)), max_size=2
    ),
)


def _documents(night: Mapping[str, Mapping[int, tuple[str, str]]], order: str) -> RunContext:
    return RunContext(
        shows={
            feed: [
                Piece(title=title, text=text, url=f"https://x.example/{number}", guid=f"{number}", published_at=None)
                for number, (title, text) in sorted(night[feed].items())
            ]
            for feed in order
            if feed in night
        }
    )


@few
@given(shown=st.lists(by_feed, min_size=1, max_size=3), order=st.permutations("abc"))
def test_the_order_of_feeds_in_a_night_changes_nothing(
    shared_engine: Engine, shown: list[Mapping[str, Mapping[int, tuple[str, str]]]], order: list[str]
) -> None:
    """Lead, title and text of every story are the same."""
    assert _shown(shared_engine, [_documents(night, "abc") for night in shown]) == _shown(
        shared_engine, [_documents(night, "".join(order)) for night in shown]
    )


# One article in two states of one feed and by another feed, three warnings under one title and link, and two articles
# whose links are new at every request: six articles.
WARNINGS = [replace(bulletin(number), url="https://news.example/warnings") for number in (1, 2, 3)]
ARRIVALS = [
    *(("a", update(number)) for number in (0, 1)),
    ("b", replace(update(0), title="Sea", text=words("b"), guid="b1", url=f"{ADDRESS}?utm_source=b")),
    *(("a", warning) for warning in WARNINGS),
    *(("c", tokened(number, token)) for number in (1, 2) for token in "xy"),
]


def _nights(arrivals: Sequence[tuple[str, Piece]], ends: Sequence[bool]) -> list[RunContext]:
    """Share arrivals out among nights; of two states of one article a document shows the first."""
    nights: list[dict[str, list[Piece]]] = [{}]
    for (feed, piece), is_last in zip(arrivals, ends, strict=True):
        document = nights[-1].setdefault(feed, [])
        known = {(one.published_at, one.tags) for one in document}
        document += [] if (piece.published_at, piece.tags) in known else [piece]
        nights += [{}] if is_last else []
    return [RunContext(shows=shown) for shown in nights]


@few
@given(
    arrivals=st.permutations(ARRIVALS),
    ends=st.lists(st.booleans(), min_size=len(ARRIVALS), max_size=len(ARRIVALS)),
)
def test_an_article_is_one_story_in_whatever_order_it_arrives(
    shared_engine: Engine, arrivals: list[tuple[str, Piece]], ends: list[bool]
) -> None:
    """Whichever feed or entry is read first, in one night or in several; and no warning's words are lost."""
    with write_transaction(shared_engine) as connection, undone(connection):
        play(connection, _nights(arrivals, ends))
        texts = set(connection.scalars(select(StoryVersion.text).join(Story, Story.version_id == StoryVersion.id)))
        assert connection.scalar(select(func.count()).select_from(Story)) == 6
        assert {warning.text for warning in WARNINGS} <= texts


@few
@given(shown=documents, order=st.randoms(use_true_random=False))
def test_the_order_of_entries_in_a_document_changes_nothing(
    shared_engine: Engine, shown: list[Piece], order: Random
) -> None:
    """The same stories with the same texts come of it, and every entry's words are kept."""
    mixed = order.sample(shown, len(shown))
    assert _kept(shared_engine, shown) == _kept(shared_engine, mixed)


def _kept(engine: Engine, shown: Sequence[Piece]) -> list[tuple[str, str]]:
    with write_transaction(engine) as connection, undone(connection):
        play(connection, [RunContext(shows={"a": shown})])
        rows = connection.execute(select(StoryVersion.title, StoryVersion.text)).tuples().all()
        for story in (piece.classified().story for piece in shown):
            assert any(story.title in {"", title} and story.text == text for title, text in rows), "words were lost"
        return sorted(rows)


def _shown(engine: Engine, played: list[RunContext]) -> list[tuple[object, ...]]:
    with write_transaction(engine) as connection, undone(connection):
        play(connection, played)
        query = select(Story.url, Story.text_source, Story.title, Story.content_hash, StoryVersion.text)
        rows = connection.execute(query.join(StoryVersion, StoryVersion.id == Story.version_id).order_by(Story.url))
        return [tuple(row) for row in rows]


@few
@given(shown=nights, crashed_at=st.integers(0, 2), after=st.integers(0, 3))
def test_a_night_that_crashes_between_two_feeds_is_made_good(
    shared_engine: Engine, shown: list[dict[str, Document]], crashed_at: int, after: int
) -> None:
    """The archive equals that of nights without a crash, versions and their reasons included."""
    whole = [RunContext(shows=one) for one in shown]
    cut = crashed_at % len(shown)
    loaded = dict(list(shown[cut].items())[:after])
    crashed = [*whole[:cut], RunContext(shows=loaded, is_crashed=True), *(replace(one, days=1) for one in whole[cut:])]
    assert _told(shared_engine, whole) == _told(shared_engine, crashed)


def _told(engine: Engine, played: list[RunContext]) -> list[str]:
    with write_transaction(engine) as connection, undone(connection):
        play(connection, played, FEEDS)
        return tell(connection)


def _sizes(connection: Connection) -> list[int]:
    tables = (Story, StoryVersion, Sighting, StoryKey)
    return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]
