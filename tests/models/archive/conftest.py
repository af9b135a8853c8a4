"""An empty archive to write into, on both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from models.storage.database import write_transaction
from tests.builders import Archive


@pytest.fixture
def archive(engine: Engine) -> Iterator[Archive]:
    """Give an archive inside its writer's transaction."""
    with write_transaction(engine) as connection:
        yield Archive(connection)
