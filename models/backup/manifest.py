"""The file that makes a folder a backup: what is in it, and by which digests."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from models.errors import DiskFailed, StorageError
from models.storage.whole_file import read_ordinary

NAME: Final = "manifest.json"
FORMAT: Final = 1  # raised when an older program could not restore what this one writes
_MAX_BYTES: Final = 100_000_000  # a million documents may be missing
DATABASE_NAME: Final = r"^database-[0-9a-f]{16}\.sqlite$"

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _ManifestPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DatabaseCopy(_ManifestPart):
    """All rows, as an SQLite file."""

    file: Annotated[str, Field(pattern=DATABASE_NAME)]
    sha256: Digest
    size_bytes: NonNegativeInt


class Documents(_ManifestPart):
    """The original documents, in the form of the raw store."""

    count: NonNegativeInt
    size_bytes: NonNegativeInt  # as they are stored, compressed
    missing: tuple[Digest, ...] = ()  # named by the archive, but lost or damaged in its own store already


class Manifest(_ManifestPart):
    """What a backup holds."""

    format: NonNegativeInt = FORMAT
    created_at: datetime
    software: str
    source: str  # the kind of database that it was taken from
    revision: str  # of the tables
    began_at: datetime | None  # the archive's first run: tells one archive from another
    database: DatabaseCopy
    tables: Mapping[str, NonNegativeInt]  # rows
    documents: Documents


class _Head(BaseModel):
    format: NonNegativeInt


def read_manifest(folder: Path) -> Manifest | None:
    """Read a folder's manifest; None where it has none. Raise StorageError where it is no manifest of this format."""
    path = folder / NAME
    try:
        written = read_ordinary(path, _MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DiskFailed(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        if _Head.model_validate_json(written).format > FORMAT:
            raise StorageError(f"{path} was written by a newer version of this program: install that.")
        return Manifest.model_validate_json(written)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise StorageError(f"{path} is damaged: {where}: {first['msg']}.") from None
