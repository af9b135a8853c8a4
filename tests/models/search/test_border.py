"""From which story on the index has so many of what a query finds."""

from sqlalchemy import Engine

from models.search.factory import search_index
from models.search.interface import SearchRow
from models.storage.database import read_transaction, write_transaction


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
