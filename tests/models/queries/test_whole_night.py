"""Which nights the archive has had."""

from datetime import timedelta

from sqlalchemy import Engine, update

from models.queries.ledger.runs import last_whole_night
from models.reports import RunStatus
from models.storage.database import write_transaction
from models.tables.runs import Run
from tests.builders import NOON, Archive


def test_only_a_whole_night_that_succeeded_counts(engine: Engine) -> None:
    """A failed night, one over some feeds and an import leave the last whole night where it was."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        assert last_whole_night(connection) is None
        archive.end(archive.begin(), RunStatus.COMPLETED_WITH_ERRORS)
        archive.now += timedelta(days=1)
        archive.end(archive.begin(), RunStatus.FAILED)
        archive.end(archive.begin("import"))
        partial = archive.begin()
        archive.end(partial)
        connection.execute(update(Run).where(Run.id == partial).values(parameters={"feeds": ["one"]}))
        assert last_whole_night(connection) == NOON
