"""Original bytes are kept whole or not at all, and damage is seen."""

import errno
import hashlib
import os
import shutil
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

import pytest
import zstandard

from models.errors import DiskFailed, NotFound, StorageError
from models.storage.raw_store import RawStore

BODY = b"<rss>" + b"the climate " * 1000 + b"</rss>"


@pytest.fixture
def store(tmp_path: Path) -> RawStore:
    """Give an empty store."""
    return RawStore(tmp_path / "raw", tmp_path / "tmp")


@pytest.fixture
def stored(store: RawStore, tmp_path: Path) -> Path:
    """Put a body and give its file."""
    digest = store.put(BODY)
    return tmp_path / "raw" / digest[:2] / f"{digest}.zst"


@pytest.mark.parametrize("body", [b"", b"\0\xff", BODY], ids=["an empty one", "binary", "a long one"])
def test_a_body_comes_back(store: RawStore, body: bytes):
    """What was put is given back by its sha256."""
    digest = store.put(body)
    assert digest == hashlib.sha256(body).hexdigest()
    assert store.has(digest)
    assert store.get(digest) == body
    assert store.verify(digest) is None


def test_a_body_is_kept_once(store: RawStore, stored: Path):
    """Putting a body again writes nothing."""
    before = stored.stat()
    assert store.put(BODY) == stored.stem
    assert stored.stat().st_ino == before.st_ino
    assert list(store.digests()) == [stored.stem]


def test_bodies_share_a_folder(store: RawStore, tmp_path: Path):
    """Bodies whose digests begin alike lie in one folder."""
    first, second = (store.put(_body_for("ab", number)) for number in range(2))
    assert sorted(path.stem for path in (tmp_path / "raw" / "ab").iterdir()) == sorted([first, second])


def _body_for(start: str, number: int) -> bytes:
    """Find a body whose digest begins so."""
    bodies = (b"%d" % at for at in count())
    return next(islice((body for body in bodies if hashlib.sha256(body).hexdigest().startswith(start)), number, None))


def test_the_file_is_zstandard_with_a_checksum(stored: Path):
    """Any zstd tool can read a document, and notices damage by itself."""
    packed = stored.read_bytes()
    assert zstandard.ZstdDecompressor().decompress(packed) == BODY
    assert zstandard.get_frame_parameters(packed).has_checksum
    assert len(packed) < len(BODY) / 10


def test_nothing_unfinished_stays(store: RawStore, stored: Path, tmp_path: Path):
    """Once a body is put, the folder for unfinished files is empty."""
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_deleted_body_is_gone(store: RawStore, stored: Path):
    """Deleting forgets a body, and twice is no mistake."""
    store.delete(stored.stem)
    store.delete(stored.stem)
    assert not store.has(stored.stem)
    assert list(store.digests()) == []
    assert "is missing" in (store.verify(stored.stem) or "")
    with pytest.raises(NotFound):
        store.get(stored.stem)


def test_an_old_body_is_deleted_unless_it_is_put_again(store: RawStore, stored: Path, tmp_path: Path):
    """Putting a body that is kept makes it young: somebody is about to name it."""
    now = datetime.now(UTC)
    assert not store.is_older(stored.stem, now - timedelta(days=1))
    assert not store.delete_older(stored.stem, now - timedelta(days=1))
    assert store.get(stored.stem) == BODY
    os.utime(stored, (0, 0))
    store.put(BODY)
    assert not store.is_older(stored.stem, now - timedelta(days=1))
    os.utime(stored, (0, 0))
    assert store.is_older(stored.stem, now - timedelta(days=1))
    assert store.delete_older(stored.stem, now - timedelta(days=1))
    assert not store.has(stored.stem)
    assert not store.delete_older(stored.stem, now)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_body_goes_from_store_to_store(store: RawStore, stored: Path, tmp_path: Path):
    """It is checked on its way, and copied again only where the file is of another size."""
    other = RawStore(tmp_path / "other", tmp_path / "other tmp")
    assert other.take(store, stored.stem)
    assert not other.take(store, stored.stem)
    assert other.get(stored.stem) == BODY
    _tear(stored)
    with pytest.raises(StorageError, match="cut short"):
        other.take(store, stored.stem)
    assert other.get(stored.stem) == BODY


def test_foreign_files_are_not_listed(store: RawStore, stored: Path, tmp_path: Path):
    """Only documents are listed, in order, whatever else lies about."""
    other = store.put(b"other")
    (tmp_path / "raw" / "README").write_text("")
    (tmp_path / "raw" / "zz").mkdir()
    (stored.parent / "notes.txt").write_text("")
    assert list(store.digests()) == sorted([stored.stem, other])


def test_an_empty_store_lists_nothing(store: RawStore):
    """A store that was never written to is empty, not an error."""
    assert list(store.digests()) == []


def _tear(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _flip(path: Path) -> None:
    packed = bytearray(path.read_bytes())
    packed[-1] ^= 0xFF  # of the checksum
    path.write_bytes(packed)


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


def _swap(path: Path) -> None:
    path.write_bytes(zstandard.compress(b"another"))


def _replace(path: Path) -> None:
    path.write_bytes(b"<html>no zstd</html>")


def _pack_a_bomb(path: Path) -> None:
    path.write_bytes(zstandard.compress(bytes(100_000_001)))


def _turn_into_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _link_to_a_device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        pytest.param(_tear, "cut short", id="a torn file"),
        pytest.param(_empty, "cut short", id="an empty file"),
        pytest.param(_flip, "damaged", id="a flipped bit"),
        pytest.param(_append, "something follows", id="a file that goes on"),
        pytest.param(_swap, "another document", id="a file of another document"),
        pytest.param(_replace, "damaged", id="a file that is no zstd"),
        pytest.param(_pack_a_bomb, "more than 100000000 bytes are packed", id="a bomb"),
        pytest.param(_turn_into_a_pipe, "no ordinary file", id="a pipe that nobody writes into"),
        pytest.param(_link_to_a_device, "no ordinary file", id="a link to a device without end"),
    ],
)
def test_damage_is_seen(store: RawStore, stored: Path, damage, problem: str):
    """A file that is not exactly the document is never given back."""
    damage(stored)
    assert problem in (store.verify(stored.stem) or "")
    with pytest.raises(StorageError, match=problem):
        store.get(stored.stem)


def test_a_digest_is_no_path(store: RawStore):
    """Nothing but a sha256 is looked for, so that no name leads out of the folder."""
    with pytest.raises(ValueError, match="not a sha256"):
        store.has("../../etc/passwd")


@pytest.mark.parametrize("blocked", ["raw", "tmp"])
def test_a_folder_that_cannot_be_made_is_the_disk_fault(store: RawStore, tmp_path: Path, blocked: str):
    """Where the store cannot be written, one sentence names it, for root too."""
    (tmp_path / blocked).write_text("a file in the way")
    with pytest.raises(DiskFailed, match=r"raw cannot be used: (Not a directory|File exists)"):
        store.put(BODY)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_closed_to_this_user_is_the_disk_fault(store: RawStore, stored: Path):
    """A read-only folder is said to be one."""
    stored.parent.chmod(0o500)
    with pytest.raises(DiskFailed, match="Permission denied"):
        store.put(_body_for(stored.stem[:2], 0))
    stored.parent.chmod(0o700)


def test_a_full_disk_leaves_nothing_behind(store: RawStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """When no room is left, the unfinished file is taken away again and the store says why."""

    def on_a_full_disk(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", on_a_full_disk)
    with pytest.raises(DiskFailed, match="No space left"):
        store.put(BODY)
    assert list((tmp_path / "tmp").iterdir()) == []
    assert list(store.digests()) == []


def test_a_store_that_was_moved_still_works(store: RawStore, stored: Path, tmp_path: Path):
    """Names hold all there is to know: a copied folder is a store."""
    shutil.copytree(tmp_path / "raw", tmp_path / "copy")
    assert RawStore(tmp_path / "copy", tmp_path / "tmp").get(stored.stem) == BODY
