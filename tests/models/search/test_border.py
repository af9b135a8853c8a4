"""From which story on the index has so many of what a query finds, and which came in last."""

import pytest
from sqlalchemy import Engine

from models.search.factory import search_index
from models.search.interface import CameLast, SearchRow
from models.storage.database import read_transaction, write_transaction
from tests.databases import about_sqlite


def _borders(engine: Engine, most: int) -> list[int | None]:
    with read_transaction(engine) as connection:
        return [search_index(engine).border(connection, "coral", one) for one in range(1, most)]


def _index(engine: Engine, word: str, *story_ids: int) -> None:
    with write_transaction(engine) as connection:
        rows = [SearchRow(story_id=one, title=word, text="") for one in story_ids]
        search_index(engine).index(connection, rows)


def test_so_many_came_in_last(engine: Engine) -> None:
    """Where no text changed it is the very one, and there is none where no more are found."""
    _index(engine, "coral", *range(1, 13))
    assert _borders(engine, 14) == [*range(12, 1, -1), None, None]


def test_only_what_is_alive_counts(engine: Engine) -> None:
    """Two stories lost the word, one is gone, and two that came later have it now: eleven are found."""
    _index(engine, "coral", *range(1, 13))
    _index(engine, "fjord", 1, 7, 13, 14)
    _index(engine, "coral", 13, 14)
    with write_transaction(engine) as connection:
        search_index(engine).remove(connection, [3])
    found = _borders(engine, 16)
    assert all(border is not None for border in found[:10])
    assert found[10:] == [None] * 5


def _last(engine: Engine, most: int) -> CameLast | None:
    with read_transaction(engine) as connection:
        return search_index(engine).came_last(connection, "coral", most)


def test_few_are_told_whole(engine: Engine) -> None:
    """Where no more are found than are asked for, they are all; one of them has lost the word and one is gone."""
    _index(engine, "coral", *range(1, 13))
    _index(engine, "fjord", 7)
    with write_transaction(engine) as connection:
        search_index(engine).remove(connection, [3])
    last = _last(engine, 10)
    assert last is not None
    assert (sorted(last.story_ids), last.first) == ([1, 2, 4, 5, 6, 8, 9, 10, 11, 12], None)


@about_sqlite
@pytest.mark.parametrize("again", [(), (2, 9, 11), tuple(range(1, 9))])
def test_of_many_those_that_came_in_last_are_told(engine: Engine, again: tuple[int, ...]) -> None:
    """Be their words newer or older: all that are found from some story on."""
    _index(engine, "coral", *range(1, 31))
    _index(engine, "coral reef", *again)
    _index(engine, "fjord", 29)
    last = _last(engine, 5)
    assert last is not None
    assert last.first is not None
    assert sorted(last.story_ids) == sorted({*range(last.first, 31)} - {29})
    assert len(last.story_ids) > 5


@about_sqlite
def test_an_index_of_later_rows_alone_does_not_tell(engine: Engine) -> None:
    """Where all words are newer than their stories, looking for those that came in last would be reading all."""
    for word in ("coral", "coral reef"):
        _index(engine, word, *range(1, 101))
    assert _last(engine, 5) is None
