"""Write the next migration for what models.tables has beyond the last: python -m models.migrations "Add a column"."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from models.database import create_database_engine, writing
from models.migrate import config_for, head_revision, upgrade


def main(message: str) -> None:
    """Compare the tables with a fresh database at the last revision and write the difference as a new script."""
    number = f"{int(head_revision() or 0) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        engine = create_database_engine(f"sqlite:///{Path(folder, 'fresh.db')}")
        if number != "0001":
            upgrade(engine)
        with writing(engine) as connection:
            command.revision(config_for(connection), message, autogenerate=True, rev_id=number)
        engine.dispose()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
