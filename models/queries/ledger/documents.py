"""The ledger of the raw store: which original documents should be there."""

from sqlalchemy import Connection, func, select

from models.storage.database import BATCH_ROWS
from models.tables.documents import RawBlob


def count_documents(connection: Connection) -> int:
    """Count the documents that the archive names."""
    return connection.scalar(select(func.count()).select_from(RawBlob)) or 0


def document_digests(connection: Connection, after: str = "") -> list[str]:
    """Return the next digests that the archive names, in order; none when all were given."""
    page = select(RawBlob.digest).where(RawBlob.digest > after).order_by(RawBlob.digest).limit(BATCH_ROWS)
    return list(connection.scalars(page))


def is_document(connection: Connection, digest: str) -> bool:
    """Tell whether the archive names this document."""
    return connection.scalar(select(RawBlob.digest).where(RawBlob.digest == digest)) is not None
