"""What the pages keep of what they have counted, and for how long."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from flows.web.reading import Shelf
from models.archive.texts.search_queue import index_batch
from models.archive.withdrawals import withdraw_story
from models.queries.changes import last_written
from models.storage.database import read_transaction, write_transaction
from tests.builders import NOON, Archive
from tests.flows.web.conftest import NEAR, SEA, SEA_CORRECTED


@pytest.mark.parametrize(
    ("later_s", "mark", "made"),
    [
        pytest.param(59, None, 1, id="within a minute"),
        pytest.param(61, None, 2, id="after it"),
        pytest.param(61, "one", 1, id="after it, where nothing was written"),
        pytest.param(61, "two", 2, id="after it, where something was"),
        pytest.param(59, "two", 1, id="within a minute, whatever was written"),
    ],
)
def test_what_is_counted_is_kept(later_s: float, mark: str | None, made: int) -> None:
    """For a minute, and with a mark until that changes."""
    now = [1000.0]
    shelf = Shelf(clock=lambda: now[0])
    calls: list[str] = []
    shelf.get("key", lambda: calls.append("first"), mark and "one")
    now[0] += later_s
    shelf.get("key", lambda: calls.append("second"), mark)
    assert len(calls) == made
    shelf.clear()
    shelf.get("key", lambda: calls.append("third"), mark)
    assert len(calls) == made + 1


def test_the_mark_changes_with_whatever_is_written_of_a_story(engine: Engine) -> None:
    """A new one, its words in the index, one more feed, a correction, a near miss, a takedown; nothing else."""
    marks = []
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        one, two = archive.feed("one"), archive.feed("two")
        marks.append(last_written(connection))
        for feed, piece in ((one, SEA), (two, SEA), (one, SEA_CORRECTED), (one, NEAR)):
            archive.now += timedelta(hours=1)
            run_id = archive.begin()
            archive.show(run_id, feed, piece)
            archive.end(run_id)
            marks.append(last_written(connection))
            if index_batch(connection):
                marks.append(last_written(connection))
        withdraw_story(connection, 1, "asked for", NOON)
        marks.append(last_written(connection))
    assert len(set(marks)) == len(marks) == 6
    with read_transaction(engine) as connection:
        assert last_written(connection) == marks[-1]
