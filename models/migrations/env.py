"""What Alembic runs to bring a database to a revision, on the connection that models.migrations.migrate hands over."""

from alembic import context

from models.migrations.migrate import context_options
from models.tables.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    **context_options(),
)
context.run_migrations()
