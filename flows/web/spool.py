"""A file that goes out while it is written.

Nobody waits for its last byte to have the first, and whoever writes it never waits for a reader who is slow.
"""

import logging
from collections.abc import Callable, Iterator
from itertools import chain
from tempfile import SpooledTemporaryFile
from threading import Condition, Thread
from typing import BinaryIO, Final, cast

log = logging.getLogger(__name__)
PIECE: Final = 65_536
_IN_MEMORY: Final = 4_000_000


class NobodyReads(Exception):
    """Raised where somebody writes what nobody will read."""


def while_written(
    write: Callable[[BinaryIO], None], written: Callable[[], None], closed: Callable[[], None]
) -> Iterator[bytes]:
    """Return the bytes that a thread of its own writes, beginning when there is a first piece or all of it.

    `written` is called when that thread is done, `closed` when nobody reads what it wrote any more, however each ended.
    What goes wrong before there is a first piece is raised here, else by the iterator behind the last whole piece that
    was written until then: whoever sends it breaks the answer off.
    """
    spool = _Spool(closed)
    try:
        Thread(target=spool.fill, args=(write, written), name="export").start()
    except RuntimeError:  # no thread can be started now
        written()
        spool.close()
        raise
    pieces = spool.pieces()
    first = next(pieces, b"")
    return chain((first,), pieces)


class _Spool:
    """Bytes that one thread appends and another reads: in memory, and of many in a temporary file."""

    def __init__(self, closed: Callable[[], None]) -> None:
        self._closed = closed
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (closed when nobody needs it)
        self._changed = Condition()
        self._size = 0
        self._is_written = self._is_left = False
        self._error: BaseException | None = None

    def fill(self, write: Callable[[BinaryIO], None], written: Callable[[], None]) -> None:
        """Have it written, and keep what went wrong for the reader."""
        error: BaseException | None = None
        try:
            write(cast("BinaryIO", self))
        except NobodyReads:
            log.info("a reader left before all was written")
        except BaseException as wrong:  # noqa: BLE001 (the reader raises it)
            error = wrong
        finally:
            try:
                written()
            finally:
                self._end(error)

    def write(self, data: bytes) -> int:
        """Append."""
        with self._changed:
            if self._is_left:
                raise NobodyReads
            self._file.seek(self._size)
            self._size += self._file.write(data)
            self._changed.notify()
        return len(data)

    def pieces(self) -> Iterator[bytes]:
        """Give what is written, as soon as there is a piece of it."""
        at = 0
        try:
            while piece := self._piece(at):
                at += len(piece)
                yield piece
        finally:
            self._leave()

    def _piece(self, at: int) -> bytes:
        with self._changed:
            self._changed.wait_for(lambda: self._is_written or self._size - at >= PIECE)
            # Whole pieces go out first: whether the status tells of a mistake is no matter of which thread is quick.
            if self._error is not None and self._size - at < PIECE:
                log.error("a file was broken off at %d bytes: %s", at, self._error)
                raise self._error
            self._file.seek(at)
            return self._file.read(PIECE)

    def _end(self, error: BaseException | None) -> None:
        with self._changed:
            self._is_written, self._error = True, error
            self._changed.notify()
            if self._is_left:
                self.close()

    def _leave(self) -> None:
        with self._changed:
            self._is_left = True
            if self._is_written:
                self.close()

    def close(self) -> None:
        """Let go of what was written."""
        self._file.close()
        self._closed()
