"""What a version keeps beside its text: its HTML and its feed's entry, which say the same words again.

Each is packed by means of the text, of which little is left then: five kilobytes less a story. The text itself stays
plain, as SQL reads it, and who changes it packs anew what stands beside it.
"""

from typing import Final

import zstandard

_LEVEL: Final = 3  # beyond it, time grows faster than these shrink


class TextPacker:
    """Packs what says nearly the same as a text, and unpacks it again by the same text."""

    def __init__(self, text: str) -> None:
        # The text's own bytes, not a dictionary that was trained: what was packed without one unpacks with it too.
        self._words = zstandard.ZstdCompressionDict(text.encode(), dict_type=zstandard.DICT_TYPE_RAWCONTENT)

    def pack(self, *values: bytes) -> list[bytes]:
        """Pack values, each for itself; nothing stays nothing."""
        compressor = zstandard.ZstdCompressor(level=_LEVEL, dict_data=self._words, write_checksum=True)
        return [compressor.compress(value) if value else b"" for value in values]

    def unpack(self, packed: bytes) -> bytes:
        """Return what was packed. Raise zstandard.ZstdError where it is damaged, or was packed beside another text."""
        return zstandard.ZstdDecompressor(dict_data=self._words).decompress(packed) if packed else b""
