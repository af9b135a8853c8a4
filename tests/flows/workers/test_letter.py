"""What processes are told when they start: read as often as it is asked for, and refused in one sentence."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows.workers._letter import Letter
from models.errors import WorkersFailed

SIZE = 100_000


def test_a_letter_is_read_as_often_as_it_is_asked_for() -> None:
    """Each process of a pool reads the one letter, and those that take the places of dead ones too."""
    content = os.urandom(SIZE)
    letter = Letter(content)
    try:
        assert [letter.read(), letter.read()] == [content, content]
    finally:
        letter.close()


def test_a_letter_that_cannot_be_written_says_why() -> None:
    """One that knows no word of limits learns what to look at; no file stays open."""
    before = _open_files()
    with _files_of_at_most(SIZE // 2), pytest.raises(WorkersFailed, match=r"cannot be written: .*File too large\.$"):
        Letter(os.urandom(SIZE))
    assert _open_files() == before


def _open_files() -> list[str]:
    return sorted(path.name for path in Path("/dev/fd").iterdir())


@contextmanager
def _files_of_at_most(size_bytes: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
