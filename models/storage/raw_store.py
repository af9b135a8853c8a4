"""The original bytes, each kept once by the sha256 of its content: raw/ab/<sha256>.zst, written whole or not at all."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import zstandard

from models.errors import DiskFailed, DocumentDamaged, NotFound, StorageError
from models.storage.whole_file import NotOrdinaryError, read_ordinary

_LEVEL: Final = 6  # of zstd: beyond it, time grows faster than feeds shrink
_MAX_BYTES: Final = 100_000_000  # of a body: twice the largest document that is taken in
_PIECE_BYTES: Final = 1024  # unpacked at once: at most 32 MB come of it, whatever it claims
_SUFFIX: Final = ".zst"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_FOLDER_NAME: Final = re.compile(r"[0-9a-f]{2}")


class RawStore:
    """A folder of bodies by digest. Whatever one process puts, any other may read at once; nothing is ever changed.

    Raise DiskFailed where the disk is full, read-only or closed to this user.
    """

    def __init__(self, folder: Path, temp_folder: Path) -> None:
        """Take the store's folder and one for unfinished files, on the same file system; both are made when needed."""
        self._folder = folder
        self._temp_folder = temp_folder

    def put(self, body: bytes) -> str:
        """Keep a body, durable when this returns, and return its digest; does nothing where it is kept already."""
        digest = hashlib.sha256(body).hexdigest()
        path = self._path(digest)
        with self._disk_errors():
            try:
                os.utime(path)  # somebody is about to name it: it is no left-over now, however old
            except FileNotFoundError:
                self._write(path, _compress(body))
        return digest

    def get(self, digest: str) -> bytes:
        """Return the body of a digest; raise NotFound where it is not kept, DocumentDamaged where it is damaged."""
        return self._read(digest)[1]

    def take(self, other: "RawStore", digest: str) -> bool:
        """Keep another store's document, checked on its way; tell whether it was new here. Raise as `get` does."""
        path = self._path(digest)
        with self._disk_errors():
            if path.exists() and path.stat().st_size == other.size_bytes(digest):
                return False
        packed, _ = other._read(digest)  # noqa: SLF001 - another of this class
        with self._disk_errors():
            self._write(path, packed)
        return True

    def size_bytes(self, digest: str) -> int:
        """Return how large a document is as it is stored; 0 where it is not kept."""
        with self._disk_errors():
            path = self._path(digest)
            return path.stat().st_size if path.exists() else 0

    def has(self, digest: str) -> bool:
        """Tell whether a body is kept, without looking into it."""
        with self._disk_errors():
            return self._path(digest).exists()

    def delete(self, digest: str) -> None:
        """Forget a body; does nothing where it is not kept."""
        with self._disk_errors():
            self._path(digest).unlink(missing_ok=True)

    def is_older(self, digest: str, before: datetime) -> bool:
        """Tell whether a body is kept that nobody has put since a moment."""
        path = self._path(digest)
        with self._disk_errors():
            return path.exists() and path.stat().st_mtime < before.timestamp()

    def delete_older(self, digest: str, before: datetime) -> bool:
        """Forget a body that nobody has put since a moment; tell whether it is gone."""
        path, aside = self._path(digest), self._temp_folder / f"{digest}.aside"
        try:
            with self._disk_errors():
                self._temp_folder.mkdir(parents=True, exist_ok=True)
                # Out of sight first: whoever puts it from here on writes it anew.
                path.rename(aside)
                if aside.stat().st_mtime >= before.timestamp():
                    aside.rename(path)
                    return False
                aside.unlink()
        except FileNotFoundError:
            return False
        return True

    def digests(self) -> Iterator[str]:
        """List what is kept, in order; files of another kind are passed over."""
        with self._disk_errors():
            for folder in _sorted_entries(self._folder, _FOLDER_NAME):
                for path in _sorted_entries(folder, re.compile(rf"{_DIGEST.pattern}{re.escape(_SUFFIX)}")):
                    yield path.name.removesuffix(_SUFFIX)

    def verify(self, digest: str) -> str | None:
        """Read a body and say what is wrong with it; None where all is well."""
        try:
            self.get(digest)
        except (NotFound, StorageError) as error:
            return str(error)
        return None

    def _read(self, digest: str) -> tuple[bytes, bytes]:
        """Return the file and the body in it."""
        path = self._path(digest)
        try:
            with self._disk_errors():
                packed = read_ordinary(path, _MAX_BYTES)
        except FileNotFoundError:
            raise NotFound(f"The stored document {digest} is missing: there is no {path}") from None
        body, problem = _unpack(packed, digest)
        if problem:
            raise DocumentDamaged(f"The stored document {digest} cannot be used: {problem} ({path})")
        return packed, body

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"{digest!r} is not a sha256 digest in lower-case hex")
        return self._folder / digest[:2] / f"{digest}{_SUFFIX}"

    def _write(self, path: Path, packed: bytes) -> None:
        self._temp_folder.mkdir(parents=True, exist_ok=True)
        _make_folder(path.parent)
        # Not by tempfile, whose files are for their owner alone: the umask says who may read an archive.
        temporary = self._temp_folder / f"{uuid4().hex}{_SUFFIX}"
        try:
            with temporary.open("xb") as file:
                file.write(packed)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)

    @contextmanager
    def _disk_errors(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except NotOrdinaryError as error:
            raise DocumentDamaged(f"The stored document {error.filename} cannot be used: {error.strerror}") from error
        except (
            OSError
        ) as error:  # full, read-only, closed to this user, broken: for all of them the disk is to be seen to
            reason = error.strerror or type(error).__name__
            raise DiskFailed(f"The store of documents {self._folder} cannot be used: {reason}") from error


def _compress(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(body)


def _unpack(packed: bytes, digest: str) -> tuple[bytes, str | None]:
    """Return the body, or what is wrong with its file: torn, of another kind, without end, or another body."""
    reader = zstandard.ZstdDecompressor().decompressobj()
    body, at = bytearray(), 0
    try:
        while at < len(packed) and not reader.eof:
            body += reader.decompress(packed[at : at + _PIECE_BYTES])
            at += _PIECE_BYTES
            if len(body) > _MAX_BYTES:
                return b"", f"more than {_MAX_BYTES} bytes are packed in it"
    except zstandard.ZstdError as error:
        return b"", f"the file is damaged, {error}"
    if not reader.eof:
        return b"", "the file is cut short"
    if reader.unused_data or at < len(packed):
        return b"", "something follows the end of the document"
    if hashlib.sha256(body).hexdigest() != digest:
        return b"", "the file holds another document"
    return bytes(body), None


def _make_folder(folder: Path) -> None:
    """Make a folder and let its name reach the disk, else the file in it could be lost with it."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sorted_entries(folder: Path, name: re.Pattern[str]) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if name.fullmatch(path.name))
