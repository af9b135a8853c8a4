"""Archives of the first revision, as code of that time would have left them."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import zstandard
from alembic import command
from sqlalchemy import Engine, MetaData, insert, select

from models.migrations import migrate
from models.storage.database import read_transaction, write_transaction
from models.storage.packing import TextPacker
from models.tables.schema import METADATA

AsThen = Callable[[str, Mapping[Any, Any]], dict[Any, Any]]
FIRST_REVISION = "0001"
# Its columns that have another name now.
_FIRST_NAMES = {
    "text_source": "lead",
    "relevant_at": "admitted_at",
    "relevant_run_id": "admitted_run_id",
    "is_ambiguous": "is_shared",
}


def make_first_revision(engine: Engine, scripts: Path) -> None:
    """Bring an empty database to the first revision; a folder for its migration is made."""
    shutil.copytree(migrate._SCRIPTS, scripts, ignore=shutil.ignore_patterns("000[2-9]*.py", "00[1-9]?_*.py"))
    with pytest.MonkeyPatch.context() as first:
        first.setattr(migrate, "_SCRIPTS", scripts)
        migrate.upgrade(engine)


def make_revision(engine: Engine, revision: str) -> None:
    """Bring an empty database to a revision."""
    with write_transaction(engine) as connection:
        command.upgrade(migrate.config_for(connection), revision)


def copy_rows(engine: Engine, old_engine: Engine, as_then: AsThen | None = None) -> None:
    """Copy every row of an archive of today into older tables, as far as they have its columns.

    What else differed is told by `as_then`, given a row of a table; of none, it is the first revision's.
    """
    as_then = as_then or _as_first
    now, then = MetaData(), MetaData()
    now.reflect(engine, only=list(METADATA.tables))
    then.reflect(old_engine, only=lambda name, _: name in now.tables)
    with read_transaction(engine) as source, write_transaction(old_engine) as target:
        for table in then.sorted_tables:
            found = source.execute(select(now.tables[table.name])).mappings().all()
            # A story that went stands behind the one that stays, to which it points.
            found = sorted(found, key=lambda row: row.get("merged_into") is not None)
            rows = [as_then(table.name, row) for row in found]
            if rows:
                target.execute(insert(table), [{one.name: row[one.name] for one in table.c} for row in rows])


def _as_first(_table: str, row: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return a row under the first names, its texts packed as then: an entry for itself, HTML not at all."""
    told = {_FIRST_NAMES.get(name, name): value for name, value in row.items()}
    if "raw_entry" not in row:
        return told
    packer, entry = TextPacker(row["text"]), row["raw_entry"]
    packed = None if entry is None else zstandard.compress(packer.unpack(entry))
    return {**told, "html": packer.unpack(row["html"]).decode(), "raw_entry": packed}
