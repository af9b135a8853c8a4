"""Write the next migration for what models.tables has beyond the last: python -m models.migrations "Add a column"."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from models.migrations.migrate import config_for, head_revision, upgrade
from models.storage.database import create_database_engine, write_transaction


def write_next_migration(message: str) -> None:
    """Compare the tables with a fresh database at the last revision and write the difference as a new script."""
    number = f"{int(head_revision() or 0) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        engine = create_database_engine(f"sqlite:///{Path(folder, 'fresh.db')}")
        if number != "0001":
            upgrade(engine)
        with write_transaction(engine) as connection:
            config = config_for(connection)
            _format_with_ruff(config)
            command.revision(config, message, autogenerate=True, rev_id=number)
        engine.dispose()


def _format_with_ruff(config: Config) -> None:
    """Let Alembic hand the new script to ruff; both steps, for each sees what the other leaves."""
    steps = {"format": "format --quiet", "sort": "check --fix --quiet"}
    config.set_section_option("post_write_hooks", "hooks", ", ".join(steps))
    for name, options in steps.items():
        config.set_section_option("post_write_hooks", f"{name}.type", "module")
        config.set_section_option("post_write_hooks", f"{name}.module", "ruff")
        config.set_section_option("post_write_hooks", f"{name}.options", f"{options} REVISION_SCRIPT_FILENAME")


if __name__ == "__main__":
    write_next_migration(" ".join(sys.argv[1:]))
