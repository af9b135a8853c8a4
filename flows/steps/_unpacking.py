"""Undo gzip and deflate within a cap: what is kept never exceeds it, however small the packed form was."""

import zlib
from typing import TYPE_CHECKING, Final

from models.errors import BadResponse, TooLarge

if TYPE_CHECKING:
    from zlib import _Decompress

GZIP_MAGIC: Final = b"\x1f\x8b"
GZIP_WINDOW: Final = 31  # zlib's window arguments
_ZLIB, _RAW_DEFLATE = 15, -15
_LAYERS = 2  # there are documents that unpack to themselves without end
_NOT_READ = frozenset({"br", "zstd", "compress", "dcb", "dcz"})
_STARTS_OF_TEXT = (
    b"<{[ \t\r\n\xef\xfe\xff"  # of XML, JSON and byte order marks; none starts a deflate stream in practice
)


def declared_encoding(header: str) -> str:
    """Return what a Decoder needs to know of a Content-Encoding. Raise BadResponse for one that is not read."""
    declared = {part.strip().lower() for part in header.split(",")}
    if unread := declared & _NOT_READ:
        raise BadResponse(f"the body is encoded as {min(unread)}, which is not read")
    return "deflate" if "deflate" in declared else ""


def is_start_of_text(start: bytes) -> bool:
    """Tell plain bytes of XML, HTML or JSON, whatever is said of their encoding."""
    return bool(start) and start[0] in _STARTS_OF_TEXT


class Decoder:
    """Undo gzip or deflate piece by piece, up to max_bytes of output."""

    def __init__(self, encoding: str, max_bytes: int, layers: int = _LAYERS) -> None:
        self._encoding = encoding
        self._max_bytes = max_bytes
        self._layers = layers  # of packing that are undone at most
        self._within: Decoder | None = None  # undoes the next one
        self._size = 0
        self._parts: list[bytes] = []
        self._start: bytes | None = b""  # held back until its first two bytes show the true encoding
        self._inflate: _Decompress | None = None

    @property
    def has_ended(self) -> bool:
        """Tell whether the compressed stream reached its end mark; plain bytes have none to miss."""
        return (self._inflate is None or self._inflate.eof) and (self._within is None or self._within.has_ended)

    def feed(self, piece: bytes) -> None:
        """Take the next bytes as they came; raise TooLarge or BadResponse."""
        if self._start is not None:
            piece = self._start + piece
            self._start = piece if len(piece) < len(GZIP_MAGIC) else None
            if self._start is not None:
                return
            self._inflate = _inflater(piece, self._encoding)
        if self._inflate is None:
            self._keep(piece)
        else:
            self._expand(self._inflate, piece)

    def finish(self) -> bytes:
        """Return all that was decoded. A file that was packed already when the server packed it is unpacked, too."""
        if self._start:
            self._keep(self._start)
        content = b"".join(self._parts)
        if self._inflate is None or self._layers == 1 or not content.startswith(GZIP_MAGIC):
            return content
        self._within = Decoder("", self._max_bytes, self._layers - 1)
        self._within.feed(content)
        return self._within.finish()

    def _expand(self, inflate: "_Decompress", data: bytes) -> None:
        while data:
            if inflate.eof:
                if not data.startswith(GZIP_MAGIC):
                    return  # padding after the end is common and means nothing
                inflate = self._inflate = zlib.decompressobj(GZIP_WINDOW)
            try:
                self._keep(inflate.decompress(data, self._max_bytes - self._size + 1))
            except zlib.error as error:
                raise BadResponse("the compressed body is damaged") from error
            data = inflate.unused_data if inflate.eof else inflate.unconsumed_tail

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._max_bytes:
            raise TooLarge(f"the body is longer than {self._max_bytes} bytes")
        self._parts.append(piece)


def _inflater(start: bytes, encoding: str) -> "_Decompress | None":
    if start.startswith(GZIP_MAGIC):  # declared or not: no feed and no page starts like this
        return zlib.decompressobj(GZIP_WINDOW)
    if encoding != "deflate" or is_start_of_text(start):
        return None
    is_zlib = start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.decompressobj(_ZLIB if is_zlib else _RAW_DEFLATE)
