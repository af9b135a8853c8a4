"""What Alembic runs to bring a database to a revision, on the connection that models.migrations.migrate hands over."""

from alembic import context

from models.migrations.migrate import context_options
from models.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    **context_options(),
)
context.run_migrations()
