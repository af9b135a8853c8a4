"""The ledger of the raw store: which original documents should be there."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from models.database import BATCH_ROWS
from models.tables import RawBlob


def count_documents(connection: Connection) -> int:
    """Count the documents that the archive names."""
    return connection.scalar(select(func.count()).select_from(RawBlob)) or 0


def document_digests(connection: Connection) -> Iterator[str]:
    """Give the digest of every document that the archive names, in order, in flat memory."""
    last = ""
    while page := connection.scalars(
        select(RawBlob.digest).where(RawBlob.digest > last).order_by(RawBlob.digest).limit(BATCH_ROWS)
    ).all():
        yield from page
        last = page[-1]


def is_document(connection: Connection, digest: str) -> bool:
    """Tell whether the archive names this document."""
    return connection.scalar(select(RawBlob.digest).where(RawBlob.digest == digest)) is not None
