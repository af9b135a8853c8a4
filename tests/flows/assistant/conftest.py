"""A small archive made by hand, at a desk where tools are used."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.settings import Secret, Settings
from flows.assistant.tools import ToolContext
from flows.steps.changes import corrections_between
from flows.steps.versions import CORRECTION_RULES
from models.archive.texts.corrections import keep_corrections, next_untold, pass_on
from models.migrations.migrate import upgrade
from models.storage.database import create_database_engine, write_transaction
from tests.builders import Archive
from tests.flows.web.conftest import fill


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, archive_of: Callable[[Path], str]) -> Iterator[ToolContext]:
    """Give an open archive of two nights: three stories and a near miss, then a correction."""
    home = tmp_path_factory.mktemp("desk")
    url = archive_of(home)
    engine = create_database_engine(url)
    upgrade(engine)
    with write_transaction(engine) as connection:
        fill(Archive(connection))
        while batch := next_untold(connection, CORRECTION_RULES, 10):
            told = [corrections_between(one.revised) for one in batch.revisions]
            keep_corrections(connection, CORRECTION_RULES, batch.revisions, told)
            pass_on(connection, CORRECTION_RULES, batch)
    yield ToolContext(settings=Settings(home=home, database_url=Secret(url)), engine=engine)
    engine.dispose()
