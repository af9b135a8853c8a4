"""Each entry finds its story, and each story its text: decided by the real steps, written by the real archive."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from models.queries.ledger.checks import audit
from models.storage.database import create_database_engine, write_transaction
from tests.flows.steps.evidence_cases import EVIDENCE
from tests.flows.steps.fate_cases import ADMISSION, MERGERS, WITHDRAWN
from tests.flows.steps.identity_cases import DOCUMENTS, KEYS
from tests.flows.steps.lead_cases import TEXT_SOURCES, VERSIONS
from tests.flows.steps.name_cases import NAMES
from tests.scenarios import Case, play, tell, undone

CASES = [*EVIDENCE, *KEYS, *NAMES, *DOCUMENTS, *TEXT_SOURCES, *VERSIONS, *ADMISSION, *WITHDRAWN, *MERGERS]


@pytest.fixture(scope="module")
def shared_engine(new_database: Callable[[], str]) -> Iterator[Engine]:
    """Give one database to all scenarios, each of which is rolled back."""
    created = create_database_engine(new_database())
    yield created
    created.dispose()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_scenario(shared_engine: Engine, case: Case) -> None:
    """What its name says holds, and the ledger adds up."""
    with write_transaction(shared_engine) as connection, undone(connection):
        assert play(connection, case.nights, case.feeds) == list(case.outcomes)
        assert tell(connection) == list(case.stories)
        assert audit(connection).findings == ()
