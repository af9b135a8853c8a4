"""Saved searches after a night: what is news to them is told once, and what could not be told is told later."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Engine, delete

from config.settings import Settings
from flows.upkeep.telling.delivery import Occasion
from flows.upkeep.telling.watching import tell_watches
from models.archive.labels import show_or_hide
from models.archive.merges import merge_stories
from models.archive.texts.search_queue import index_batch
from models.archive.withdrawals import withdraw_story
from models.identity import Merger
from models.queries.ledger.runs import run_report
from models.queries.notices import last_notices, notices_of_run
from models.queries.watches import matches, watch_states
from models.reports import RunStatus
from models.stages import FeedSpec
from models.storage.database import read_transaction, write_transaction
from models.tables.queues import SearchQueue
from tests.builders import NOON, Archive, Piece
from tests.databases import on_both

SEA = Piece()
WIND = Piece(title="Wind", text="The wind turns a wheel.", url="https://one.example/wind", topics=("policy",))
ICE = Piece(title="Ice", text="The sea ice melts.", url="https://one.example/ice")
DAY = timedelta(days=1)


class Newsroom(Struct):
    """An archive, its watches, and what those who are told have got."""

    engine: Engine
    settings: Settings
    environ: Callable[[str, str], None]
    letters: list[tuple[str, str]] = field(default_factory=list)  # address and text
    away: set[str] = field(default_factory=set)  # addresses that take nothing
    now: datetime = NOON
    specs: list[FeedSpec] = field(default_factory=list)

    def watch(self, *blocks: str) -> None:
        """Write watches.yaml."""
        assert self.settings.watches_file is not None
        self.settings.watches_file.write_text("watches:\n" + "".join(f"  - {{{block}}}\n" for block in blocks))

    def night(self, *pieces: Piece, feed: str = "one", tell: bool = True, is_indexed: bool = True) -> int:
        """Have a night in which a feed shows these entries, and tell of it."""
        with write_transaction(self.engine) as connection:
            archive = Archive(connection, now=self.now)
            spec = next((one for one in self.specs if one.id == feed), None)
            archive.specs = self.specs
            spec = spec or archive.feed(feed)
            run_id = archive.begin()
            archive.show(run_id, spec, *pieces)
            if not is_indexed:
                connection.execute(delete(SearchQueue))
            archive.end(run_id)
        self.now += timedelta(minutes=10)
        if tell:
            self.tell(run_id)
        self.now += DAY
        return run_id

    def tell(self, run_id: int) -> None:
        """Tell of a night that is over."""
        with read_transaction(self.engine) as connection:
            report = run_report(connection, run_id)
        tell_watches(self.settings, self.engine, Occasion(night=report, now=self.now, deliver=self.deliver))

    def deliver(self, address: str, title: str, text: str) -> str | None:
        """Take a letter, or be away."""
        assert title.startswith("Climate archive: ")
        if address in self.away:
            return "nobody is there"
        self.letters.append((address, text))
        return None

    def got(self) -> list[tuple[str, list[str]]]:
        """Return what came since this was asked last: to which address, with which titles."""
        taken, self.letters = self.letters, []
        return [(address, [line[2:].partition(" (")[0] for line in _items(text)]) for address, text in taken]


def _items(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("- ")]


@pytest.fixture
def room(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    """Give a newsroom that watches for the sea, and has told of no night yet."""
    feeds = "".join(f"  - {{id: {name}, name: {name}, url: 'https://{name}.example'}}\n" for name in ("one", "two"))
    (tmp_path / "feeds.yaml").write_text(f"feeds:\n{feeds}")
    settings = Settings(home=tmp_path, watches_file=tmp_path / "watches.yaml", feeds_file=tmp_path / "feeds.yaml")
    made = Newsroom(engine=engine, settings=settings, environ=monkeypatch.setenv)
    for name in ("ann", "bob"):
        monkeypatch.setenv(name.upper(), f"{name}://")
    made.watch("name: sea, query: sea, to: [ANN]")
    return made


@on_both
def test_what_a_night_brought_is_told_once(room: Newsroom) -> None:
    """What was there before the watch is no news, what came with its first night is; a correction makes none anew."""
    room.night(ICE, tell=False)
    room.night(SEA, WIND)
    assert room.got() == [("ann://", ["Sea level rises"])]
    room.night(replace(SEA, text="The sea level falls, and nobody knows why it does that."))
    room.night()
    assert room.got() == []
    with read_transaction(room.engine) as connection:
        found = matches(connection, "sea", 10)
        assert [(one.story_id, one.is_known) for one in found] == [(2, False), (1, True)]
        assert watch_states(connection)["sea"].stories == 2


def test_a_story_that_meets_it_by_a_correction_is_news(room: Newsroom) -> None:
    """Though it has been in the archive for long."""
    room.night(WIND)
    room.night(replace(WIND, text="The wind turns a wheel far out at sea, says the publisher now."))
    assert room.got() == [("ann://", ["Wind"])]


@on_both
def test_what_could_not_be_told_is_told_after_the_next_night(room: Newsroom) -> None:
    """With what that brought; and who has taken it is not told twice."""
    room.watch("name: sea, query: sea, to: [ANN, BOB]")
    room.away = {"bob://"}
    first = room.night(SEA)
    assert room.got() == [("ann://", ["Sea level rises"])]
    room.away = set()
    room.night(ICE)
    assert room.got() == [("ann://", ["Ice"]), ("bob://", ["Ice", "Sea level rises"])]
    with read_transaction(room.engine) as connection:
        tried = [(one.recipient, one.stories, one.refusal) for one in notices_of_run(connection, first)]
        assert tried == [("ANN", 1, None), ("BOB", 1, "nobody is there")]
        assert [one.refusal for one in last_notices(connection)] == [None, None]


def test_what_was_withdrawn_or_hidden_meanwhile_is_not_told(room: Newsroom) -> None:
    """Also where it waited for somebody who was away."""
    room.away = {"ann://"}
    room.night(SEA, ICE, replace(ICE, title="Foam", text="Foam of the sea.", url="https://one.example/foam"))
    with write_transaction(room.engine) as connection:
        withdraw_story(connection, 1, "asked for", room.now)
        show_or_hide(connection, 2, None, room.now, is_shown=False)
    room.away = set()
    room.night()
    assert room.got() == [("ann://", ["Foam"])]


def test_other_rules_begin_where_the_old_ones_ended(room: Newsroom) -> None:
    """What the night brought is told by the new rules, and nothing of the days before them."""
    room.night(WIND)
    room.watch("name: sea, query: wheel OR ice, to: ANN")
    room.night(ICE)
    assert room.got() == [("ann://", ["Ice"])]
    room.watch("name: sea, query: wheel OR ice, to: [BOB, ANN]")
    room.night(replace(WIND, url="https://one.example/2", title="Storm", text="A storm takes the wheel away."))
    assert room.got() == [("bob://", ["Storm"]), ("ann://", ["Storm"])]


def test_a_story_that_another_feed_shows_too_is_news_to_a_watch_of_that_feed(room: Newsroom) -> None:
    """Nothing of the story has changed but who shows it."""
    room.watch("name: two, feeds: two, to: ANN")
    room.night(SEA)
    assert room.got() == []
    room.night(SEA, feed="two")
    assert room.got() == [("ann://", ["Sea level rises"])]


@on_both
def test_a_story_that_became_part_of_another_is_told_once(room: Newsroom) -> None:
    """Where it was told, the other is no news; where it waited, the other is told in its place."""
    room.night(WIND, tell=False)
    room.watch("name: sea, query: sea, to: [ANN, BOB]")
    room.away = {"bob://"}
    room.night(SEA)
    assert room.got() == [("ann://", ["Sea level rises"])]
    with write_transaction(room.engine) as connection:
        merge_stories(connection, Merger(into=1, story_ids=(2,)), room.now)
    room.away = set()
    room.night(replace(WIND, text="The wind of the sea turns a wheel, and it was so all along."))
    assert room.got() == [("bob://", ["Wind"])]


@on_both
def test_a_story_that_waits_for_the_index_is_told_when_it_is_found(room: Newsroom) -> None:
    """An import beside the night may be behind; nothing that it brings is lost."""
    room.night(SEA, is_indexed=False)
    assert room.got() == []
    with write_transaction(room.engine) as connection:
        connection.execute(SearchQueue.__table__.insert().values(story_id=1, queued_at=NOON))
        index_batch(connection)
    room.night()
    assert room.got() == [("ann://", ["Sea level rises"])]


def test_topics_and_languages_narrow(room: Newsroom) -> None:
    """As they do a search; a language has its regions."""
    room.watch("name: a, topics: policy, languages: [en], to: ANN", "name: b, languages: es, to: BOB")
    room.night(SEA, replace(WIND, language="en-GB"), replace(ICE, language="es"))
    assert room.got() == [("ann://", ["Wind"]), ("bob://", ["Ice"])]


def test_a_variable_that_is_not_there_is_said_and_waited_for(room: Newsroom) -> None:
    """It is a refusal like another: what it should have got comes when it is there."""
    room.watch("name: sea, query: sea, to: CLARA")
    run_id = room.night(SEA)
    with read_transaction(room.engine) as connection:
        (notice,) = notices_of_run(connection, run_id)
    assert notice.refusal == "there is no such variable in the environment of the night"
    room.environ("CLARA", "clara://")
    room.night()
    assert room.got() == [("clara://", ["Sea level rises"])]


def test_copies_are_folded_and_a_long_list_is_cut(room: Newsroom) -> None:
    """A message names the latest 25 and says how many more there are; copies of one text are one line."""
    many = [
        replace(SEA, url=f"https://one.example/{n}", title=f"Sea {n}", text=f"The sea, told {n}.") for n in range(30)
    ]
    room.night(*many)
    ((_, text),) = room.letters
    assert text.startswith("30 new stories meet the watch sea.\n\n- Sea 29 (One)\n  ")
    assert len(_items(text)) == 25
    assert text.endswith("And 5 more: `climate-archive watches show sea` lists them.")


def test_a_name_that_was_out_of_the_file_goes_on(room: Newsroom) -> None:
    """What came in meanwhile is told when it is back."""
    room.night()
    room.watch("name: other, query: nothing, to: ANN")
    room.night(SEA)
    room.watch("name: sea, query: sea, to: [ANN]")
    room.night()
    assert room.got() == [("ann://", ["Sea level rises"])]


def test_a_run_that_failed_is_followed_like_another(room: Newsroom) -> None:
    """What was kept before it failed is told."""
    with write_transaction(room.engine) as connection:
        archive = Archive(connection, now=room.now)
        run_id = archive.begin()
        archive.show(run_id, archive.feed("one"), SEA)
        archive.end(run_id, RunStatus.FAILED)
    room.now += timedelta(minutes=10)
    room.tell(run_id)
    assert room.got() == [("ann://", ["Sea level rises"])]
