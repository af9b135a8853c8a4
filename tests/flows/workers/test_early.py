"""A server that is begun before its pool, and prepares by the topics that are likely to be told."""

import gc
from pathlib import Path
from typing import Any

import pytest

from config.topics import read_topics
from flows.workers import jobs
from flows.workers.forking import begin_early
from flows.workers.jobs import prepare_for_archive
from flows.workers.pool import JobPool
from tests.processes import PATIENCE_S

READERS = {"second_reader": False}
OWN = """
version: 1
gate: {threshold: 1, terms: {3: [windmill]}}
topics: [{id: mills, name: Mills, definition: Of mills., terms: {3: [windmill]}}]
"""
# Which topics a worker knows, and those that were guessed, where they are the ones that it uses.
TOLD = (
    "(lambda jobs: (list(jobs._classifiers[0]._order), [one.id for made, _ in jobs._guessed for one in made.topics]))"
)
TOLD += "(__import__('flows.workers.jobs', fromlist=['jobs']))"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Write topics of one's own."""
    file = tmp_path / "topics.yaml"
    file.write_text(OWN)
    return file


async def _told(guess: Path | None, told: Path | None) -> Any:
    begin_early("flows.workers.jobs", "prepare_early", None if guess is None else str(guess), READERS)
    async with JobPool(prepare_for_archive, read_topics(told), READERS, "sqlite", processes=1) as pool:
        return await pool.call(eval, TOLD, timeout_s=PATIENCE_S)


async def test_the_topics_that_were_guessed_are_those_that_are_told(own: Path) -> None:
    """Workers know them."""
    assert await _told(own, own) == (["mills", "general"], ["mills", "general"])


def test_what_was_made_of_a_guess_that_is_right_is_not_made_again(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the half of a server's start."""
    for held in ("_classifiers", "_guessed", "_databases"):
        monkeypatch.setattr(jobs, held, [])
    jobs.prepare_early(str(own), READERS)
    [made] = jobs._classifiers
    prepare_for_archive(read_topics(own), READERS, "sqlite")
    assert jobs._classifiers == [made]
    prepare_for_archive(read_topics(), READERS, "sqlite")
    assert jobs._classifiers != [made]


async def test_other_topics_than_were_guessed_are_the_ones_that_count(own: Path) -> None:
    """A file may change meanwhile, and a guess is nothing more."""
    (known, guessed), installed = await _told(own, None), [topic.id for topic in read_topics().topics]
    assert (known, guessed) == (installed, [])


async def test_a_file_that_cannot_be_read_is_no_guess(own: Path) -> None:
    """Whoever tells the topics says what is wrong with it."""
    assert await _told(own.with_name("nowhere.yaml"), own) == (["mills", "general"], [])


async def test_workers_collect_their_garbage(own: Path) -> None:
    """The process that they are forked from does not, while it loads what is none."""
    begin_early("flows.workers.jobs", "prepare_early", str(own), READERS)
    async with JobPool(processes=1) as pool:
        assert await pool.call(gc.isenabled, timeout_s=PATIENCE_S)
