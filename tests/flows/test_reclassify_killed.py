"""kill -9 in the midst of `reclassify`, then the same command again: no label is lost or written twice."""

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from config.settings import PREFIX
from config.topics import load_topics
from flows.steps.vectors import encoder_version
from flows.upkeep.relabel import LABEL_BATCH
from models.archive.ledger.feeds import sync_topics
from models.learnt import UNREAD
from models.queries.ledger.checks import dangling_pointers, miscounts
from models.storage.database import read_transaction, write_transaction
from models.tables.labels import ClassificationRow
from models.tables.queues import VectorQueue
from models.tables.stories import Story
from models.tables.vectors import StoryVector
from tests.builders import Archive, Piece
from tests.processes import Command, run

pytestmark = pytest.mark.system
STORIES = 6 * LABEL_BATCH
UNREAD_STORIES = 2 * LABEL_BATCH
UNREAD_VERSION = f"test-1{UNREAD}"
SEED = os.environ.get("TEST_KILLS_SEED", "a night in November")


def fill(engine: Engine, stories: int = STORIES, classifier_version: str = "test-1") -> None:
    """Keep many stories with the labels of an older classifier."""
    with write_transaction(engine) as connection:
        sync_topics(connection, load_topics())
        archive = Archive(connection)
        feed = archive.feed()
        run_id = archive.begin()
        for first in range(0, stories, LABEL_BATCH):
            numbers = range(first, first + LABEL_BATCH)
            pieces = (
                Piece(
                    title=f"Coal mine {at} closes",
                    url=f"https://one.example/{at}",
                    classifier_version=classifier_version,
                )
                for at in numbers
            )
            archive.take(run_id, feed, *pieces)
        archive.end(run_id)


def labels(engine: Engine) -> tuple[int, int]:
    """Count the labels that were written anew, and the stories that have one of them now."""
    is_new = ClassificationRow.classifier_version.not_in(("test-1", UNREAD_VERSION))
    with read_transaction(engine) as connection:
        written = connection.scalar(select(func.count()).select_from(ClassificationRow).where(is_new))
        current = (
            select(func.count())
            .select_from(Story)
            .join(ClassificationRow, Story.classification_id == ClassificationRow.id)
        )
        return written or 0, connection.scalar(current.where(is_new)) or 0


def test_a_killed_reclassification_goes_on_where_it_was(engine: Engine, tmp_path: Path) -> None:
    """Until all is judged every story has its old labels; then, at once, every story has its new ones."""
    fill(engine)
    url = engine.url.render_as_string(hide_password=False)
    environment = {f"{PREFIX}HOME": str(tmp_path / "home"), f"{PREFIX}DATABASE_URL": url}
    enough = random.Random(SEED).randrange(1, 3 * LABEL_BATCH)
    command = Command("reclassify", "--yes", cwd=tmp_path, environment=environment)
    while labels(engine)[0] < enough:
        assert command.process.poll() is None
    command.kill()
    written, current = labels(engine)
    assert enough <= written < STORIES
    assert current == 0
    again = run("reclassify", "--yes", "--json", cwd=tmp_path, environment=environment)
    assert again.code == 0, again.err
    assert labels(engine) == (STORIES, STORIES)


@pytest.mark.skipif(encoder_version() is None, reason="the extra [meaning] is not installed")
def test_a_killed_reading_goes_on_where_it_was(engine: Engine, tmp_path: Path) -> None:
    """Each story has its old labels and waits, or has its new ones and a vector: never both, never neither."""
    fill(engine, UNREAD_STORIES, UNREAD_VERSION)
    url = engine.url.render_as_string(hide_password=False)
    environment = {
        f"{PREFIX}HOME": str(tmp_path / "home"),
        f"{PREFIX}DATABASE_URL": url,
        f"{PREFIX}MEANING__SECOND_READER": "true",
    }
    command = Command("reclassify", "--waiting", cwd=tmp_path, environment=environment)
    while not labels(engine)[0]:
        assert command.process.poll() is None
    command.kill()
    assert command.survivors() == []
    written, current = labels(engine)
    assert 0 < written == current < UNREAD_STORIES
    assert (count(engine, StoryVector.story_id), count(engine, VectorQueue.story_id)) == (
        written,
        UNREAD_STORIES - written,
    )
    again = run("reclassify", "--waiting", "--json", cwd=tmp_path, environment=environment)
    assert (again.code, json.loads(again.out)["read"]) == (0, UNREAD_STORIES - written), again.err
    assert labels(engine) == (UNREAD_STORIES, UNREAD_STORIES)
    assert count(engine, ClassificationRow.id) == count(engine, StoryVector.story_id) == UNREAD_STORIES
    assert count(engine, VectorQueue.story_id) == 0
    with read_transaction(engine) as connection:
        assert [*dangling_pointers(connection), *miscounts(connection)] == []


def count(engine: Engine, column: Any) -> int:
    """Count a table's rows."""
    with read_transaction(engine) as connection:
        return connection.scalar(select(func.count(column))) or 0
