"""Count everything anew, for an archive in which a sum is wrong."""

from sqlalchemy import Engine

from flows.runs.locks import archive_lock
from models.archive.ledger.counts import recount
from models.storage.database import write_transaction


def recount_archive(engine: Engine) -> None:
    """Make the sums behind `counts` anew. Raise StorageError, or LockHeld while a restore or migration is at work."""
    with archive_lock(engine, "recount"), write_transaction(engine) as connection:
        recount(connection)
