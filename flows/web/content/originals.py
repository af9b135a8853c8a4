"""The original bytes behind a version: the stored document, or the feed's entry that is kept with the version."""

import hashlib
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection

from flows.web.reading import ReadingRoom
from models.errors import NotFound
from models.queries.provenance import entry_of, originals_of

_ENDINGS: Final = {"html": "html", "xml": "xml", "json": "json", "text/plain": "txt"}


class Bytes(Struct, frozen=True, kw_only=True):
    """An original document."""

    body: bytes
    digest: str
    ending: str  # of a file's name


def original(room: ReadingRoom, connection: Connection, story_id: int, number: int) -> Bytes:
    """Return the bytes of a version. Raise NotFound where none are kept, DocumentDamaged."""
    found = next((one for one in originals_of(connection, story_id) if one.number == number), None)
    if found is None:
        raise NotFound("There is no such version of this story.")
    if found.digest is not None and room.raw.has(found.digest):
        return Bytes(body=room.raw.get(found.digest), digest=found.digest, ending=_ending(found.content_type or ""))
    if not found.has_entry:
        raise NotFound("The original bytes of this version are not kept any more.")
    body = entry_of(connection, story_id, number)
    return Bytes(body=body, digest=hashlib.sha256(body).hexdigest(), ending="json")


def _ending(content_type: str) -> str:
    return next((ending for kind, ending in _ENDINGS.items() if kind in content_type.lower()), "bin")
