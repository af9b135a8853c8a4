"""Whoever follows the log of changes holds what a full export gives."""

import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from flows.exports.changes import write_changes_jsonl
from flows.exports.jsonl import write_jsonl
from models.changes import DateMeaning
from models.queries.changes import after_cursor, changed_stories, cursor_at, last_change
from models.queries.filters import StoryFilter
from models.queries.stories import iterate_stories
from models.storage.database import create_database_engine, write_transaction
from tests.builders import NOON, TOPICS
from tests.flows.exports.happenings import Happening, archive_of_all, happenings, nights
from tests.scenarios import undone

filters = st.sampled_from(
    [
        StoryFilter(topics=TOPICS[:1]),
        StoryFilter(topics=TOPICS[1:]),
        StoryFilter(feeds=("two", "gate")),
        StoryFilter(languages=("en",)),
        StoryFilter(needs_review=True),
        StoryFilter(corrected=True),
        StoryFilter(since=NOON + timedelta(hours=2), topics=TOPICS[:2]),
        StoryFilter(until=NOON + timedelta(days=3), by=DateMeaning.SEEN, feeds=("one", "two", "import")),
    ]
)


class Follower:
    """Somebody who holds what an export gave, and asks from then on for what changed."""

    def __init__(self, connection: Connection, wanted: StoryFilter) -> None:
        self.connection, self.wanted = connection, wanted
        self.cursor = cursor_at(connection, 0)
        self.held: dict[int, dict[str, Any]] = {}

    def follow(self, most: int | None = None) -> None:
        """Ask once; of an answer that is cut off behind so many lines, go on behind the last."""
        upto = last_change(self.connection)
        after = after_cursor(self.connection, self.cursor)
        changes = changed_stories(self.connection, after, upto, self.wanted, at_first=2)
        for line in _lines(write_changes_jsonl, islice(changes, most)):
            self.cursor = line["change"]["cursor"]
            self.held.pop(line["id"], None)
            if "text" in line:
                del line["change"]
                self.held[line["id"]] = line
        if most is None:
            self.cursor = cursor_at(self.connection, upto)

    def exported(self) -> dict[int, dict[str, Any]]:
        """Return what an export gives now."""
        return {line["id"]: line for line in _lines(write_jsonl, iterate_stories(self.connection, self.wanted))}


def _lines(write: Callable[[Any, io.BytesIO], int], told: Iterator[Any]) -> list[dict[str, Any]]:
    out = io.BytesIO()
    write(told, out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.fixture(scope="module")
def shared_engine(new_database: Callable[[], str]) -> Iterator[Engine]:
    """Give one database to all examples, each of which is undone."""
    created = create_database_engine(new_database())
    yield created
    created.dispose()


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    at_first=st.lists(nights, min_size=1, max_size=3),
    then=st.lists(happenings, min_size=4, max_size=12),
    rests=st.sets(st.integers(0, 14)),
    wanted=filters,
)
def test_following_changes_comes_to_a_full_export(
    shared_engine: Engine, at_first: list[Happening], then: list[Happening], rests: set[int], wanted: StoryFilter
) -> None:
    """Of all stories, asked after each thing that happens; of a filter's, after several at once or cut off too."""
    with write_transaction(shared_engine) as connection, undone(connection):
        archive = archive_of_all(connection)
        always, some = Follower(connection, StoryFilter()), Follower(connection, wanted)
        for place, happen in enumerate(at_first + then):
            archive.now += timedelta(days=1)
            happen(archive)
            always.follow()
            assert always.held == always.exported()
            some.follow(most=1)
            if place not in rests:
                some.follow()
                assert some.held == some.exported()
        some.follow()
        assert some.held == some.exported()
