"""JSON as the archive keeps it, in columns and in packed documents."""

from typing import Final

from msgspec.json import Encoder
from msgspec.json import decode as decode


def _as_text(value: object) -> str:
    """Take a parser's own kind of string for the string that it is."""
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} has no JSON")


_ENCODER: Final = Encoder(enc_hook=_as_text)


def encode(value: object) -> bytes:
    """Write JSON in UTF-8; a Struct becomes an object of its fields."""
    return _ENCODER.encode(value)


def encode_text(value: object) -> str:
    """Write it as text."""
    return _ENCODER.encode(value).decode()
