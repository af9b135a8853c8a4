"""The records of a web archive (WARC), each read to its end, or told as damaged.

To warcio's own iterator a file that was cut ends like a whole one, and a broken gzip member holds nothing: so gzip
members and blocks are measured here, and warcio reads the headers alone.
"""

import io
import re
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from flows.steps._unpacking import GZIP_MAGIC, GZIP_WINDOW

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_HEADERS_BYTES: Final = 1_000_000
_PIECE: Final = 65_536
_VERSION: Final = b"WARC/"
_VERSIONS: Final = ("WARC/1.1", "WARC/1.0", "WARC/0.18", "WARC/0.17")
_VERSION_LINE: Final = re.compile(rb"WARC/\d\.\d+[ \t]*\r?\n")
_START: Final = re.compile(rb"\x1f\x8b\x08|" + _VERSION_LINE.pattern + rb"[A-Za-z-]+[ \t]*:")
_LONGEST_START: Final = 100
_LONGEST_NUMBER: Final = 20  # digits
_BLANK: Final = b"\r\n"


class RecordDamaged(Exception):
    """A record is not whole; the text says how, behind "the record is damaged: "."""


class Record:
    """A record whose headers were read: its block is read piece by piece, and its end says whether it is whole."""

    @classmethod
    def at(cls, file: BinaryIO, offset: int) -> "Record | None":
        """Read the headers of the record that begins there; None at the end of the file. Raise RecordDamaged."""
        file.seek(offset)
        start = file.read(len(GZIP_MAGIC))
        file.seek(offset)
        return cls(file, is_packed=start == GZIP_MAGIC) if start else None

    def __init__(self, file: BinaryIO, *, is_packed: bool) -> None:
        self._file = file
        self._member = _Member(file) if is_packed else None
        self._stream: Any = io.BufferedReader(self._member, _PIECE) if self._member else file
        raw, is_whole = _headers(self._stream.readline)
        self.is_empty = not raw.strip(_BLANK)  # empty lines, or a gzip member of nothing, as some tools put at the end
        if not self.is_empty:
            _check(raw, is_whole=is_whole)
        self.headers: Any = _parsed(raw, _VERSIONS)  # warcio has no types
        self.length = self.left = 0 if self.is_empty else _length(self.headers)

    @property
    def url(self) -> str | None:
        """Return the address that it is about; wget puts it in brackets."""
        url: str | None = self.headers.get_header("WARC-Target-URI")
        return url and url.removeprefix("<").removesuffix(">").replace(" ", "%20")

    def read(self, most: int) -> bytes:
        """Return the next bytes of its block, at most so many; none at its end. Raise RecordDamaged."""
        most = min(most, self.left)
        return self._taken(self._stream.read(most), most)

    def read_headers(self) -> tuple[Any, bool]:
        """Return the HTTP headers at its block's start, and whether they came to an end. Raise RecordDamaged."""
        raw, is_whole = _headers(self.readline)
        return _parsed(raw, ("HTTP/1.0", "HTTP/1.1")), is_whole

    def readline(self, most: int) -> bytes:
        """Return the next line of its block, or at most so many bytes of it. Raise RecordDamaged."""
        most = min(most, self.left)
        line = self._stream.readline(most)
        return self._taken(line, len(line) if line.endswith(b"\n") else most)

    def end(self) -> int:
        """Read on to its end and return where the next record begins. Raise RecordDamaged where it is not whole."""
        while self.left:
            self.read(_PIECE)
        return self._end_of_member(self._member) if self._member else self._end_of_plain()

    def _taken(self, piece: bytes, wanted: int) -> bytes:
        self.left -= len(piece)
        if len(piece) < wanted:
            raise RecordDamaged(f"the file ends within it: {self.left:,} of its {self.length:,} bytes are missing")
        return piece

    def _end_of_member(self, member: "_Member") -> int:
        while rest := self._stream.read(_PIECE):
            if rest.strip(_BLANK):
                raise RecordDamaged(
                    "others are packed together with it, as `gzip FILE` does: import what gunzip makes of the file"
                )
        return member.end

    def _end_of_plain(self) -> int:
        while (byte := self._file.read(1)) and byte in _BLANK:
            pass
        at = self._file.tell() - len(byte)
        start = byte + self._file.read(len(_VERSION) - 1)
        if not (_VERSION.startswith(start) or _is_packed_record(self._file, at)):  # of a cut file, as far as it goes
            raise RecordDamaged("bytes of it are missing, or it is longer than it says: no record begins behind it")
        return at


def next_start(file: BinaryIO, offset: int) -> int | None:
    """Return where, from an offset on, a record seems to begin; None where none does. What a page holds may look so."""
    while True:
        file.seek(offset)
        window = file.read(_PIECE + _LONGEST_START)
        for found in _START.finditer(window):
            at = offset + found.start()
            if window.startswith(_VERSION, found.start()) or _is_packed_record(file, at):
                return at
        if len(window) < _PIECE + _LONGEST_START:
            return None
        offset += _PIECE


class _Member(io.RawIOBase):
    """What a gzip member holds, unpacked as it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._inflate = zlib.decompressobj(GZIP_WINDOW)
        self._packed = b""

    @property
    def end(self) -> int:
        """Return where in the file it ends; it was read to there."""
        return self._file.tell() - len(self._inflate.unused_data)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read some of it; raise RecordDamaged where it is broken, or the file ends within it."""
        view = memoryview(buffer)
        while not self._inflate.eof:
            packed = self._packed or self._file.read(_PIECE)
            try:
                piece = self._inflate.decompress(packed, len(view))
            except zlib.error as error:
                raise RecordDamaged(f"what is packed is broken ({error})") from error
            self._packed = self._inflate.unconsumed_tail
            if piece:
                view[: len(piece)] = piece
                return len(piece)
            if not packed:
                raise RecordDamaged("the file ends within what is packed")
        return 0


def _headers(readline: Callable[[int], bytes]) -> tuple[bytes, bool]:
    """Return lines up to an empty one, and whether that was met. Raise RecordDamaged where they do not end."""
    lines: list[bytes] = []
    left = MAX_HEADERS_BYTES
    while line := readline(left):
        lines.append(line)
        left -= len(line)
        if not line.strip(_BLANK):
            return b"".join(lines), True
        if left == 0:
            raise RecordDamaged(f"its headers are longer than {MAX_HEADERS_BYTES:,} bytes")
    return b"".join(lines), False


def _check(raw: bytes, *, is_whole: bool) -> None:
    begins = [found.start() for found in _VERSION_LINE.finditer(raw)]
    if begins[:1] != [0]:
        raise RecordDamaged("no record begins here")
    if len(begins) > 1:
        raise RecordDamaged("another one begins within its headers")
    if not is_whole:
        raise RecordDamaged("the file ends within its headers")


def _parsed(raw: bytes, versions: tuple[str, ...]) -> Any:  # noqa: ANN401 (warcio has no types)
    from warcio.statusandheaders import StatusAndHeadersParser  # only web archives pay for it

    return StatusAndHeadersParser(versions, verify=False).parse(io.BytesIO(raw or _BLANK))


def _length(headers: Any) -> int:  # noqa: ANN401 (as above)
    length = headers.get_header("Content-Length") or ""
    if not (length.isascii() and length.isdecimal() and len(length) < _LONGEST_NUMBER):
        raise RecordDamaged("its headers do not say how long it is")
    return int(length)


def _is_packed_record(file: BinaryIO, at: int) -> bool:
    file.seek(at)
    try:
        return zlib.decompressobj(GZIP_WINDOW).decompress(file.read(_PIECE), len(_VERSION)) == _VERSION
    except zlib.error:
        return False
