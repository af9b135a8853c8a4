"""A file that appears whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from flows.exports.files import whole_file
from models.errors import DiskFailed


def test_a_file_appears_when_all_is_written(tmp_path: Path) -> None:
    """Until the end nothing stands at its place, and nothing is left beside it."""
    path = tmp_path / "out.jsonl"
    with whole_file(path) as out:
        out.write(b"one")
        assert not path.exists()
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600


def test_an_older_file_stands_when_writing_fails(tmp_path: Path) -> None:
    """A failure leaves the old content and no rest."""
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"old")

    def fail() -> None:
        with whole_file(path) as out:
            out.write(b"new")
            raise ValueError("in between")

    with pytest.raises(ValueError, match="in between"):
        fail()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What a link points to is replaced."""
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real")
    with whole_file(link) as out:
        out.write(b"one")
    assert link.is_symlink()
    assert (tmp_path / "real").read_bytes() == b"one"


def test_a_device_is_written_as_it_is() -> None:
    """A device is not replaced by a file."""
    with whole_file(Path(os.devnull)) as out:
        out.write(b"one")
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize("place", ["no-such-folder/out", "a-file/out"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, place: str) -> None:
    """The trouble is one sentence with the path."""
    (tmp_path / "a-file").touch()

    def write() -> None:
        with whole_file(tmp_path / place) as out:
            out.write(b"one")

    with pytest.raises(DiskFailed, match="out cannot be written"):
        write()
