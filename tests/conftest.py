"""What many tests stand on: an archive's database on SQLite and on PostgreSQL, and the folder of shared samples."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, make_url

from models.database import create_database_engine
from models.migrate import upgrade
from tests.postgresql import TestServer, test_server

# A slow machine is no failure: nothing here is judged by its time. Seeds are fixed, so that a run can be repeated.
hypothesis_settings.register_profile(
    "archive", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("archive")

pytest_plugins = ["tests.site.fixtures"]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Name the database a test runs on; each storage test runs on both."""
    name: str = request.param
    return name


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """Give a database of the test's own, with all tables and nothing in them."""
    return new_database()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Give an engine on a database with all tables."""
    created = create_database_engine(database_url)
    yield created
    created.dispose()


@pytest.fixture
def empty_database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give a database of the test's own without any table; on SQLite, not even a file."""
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server: TestServer = request.getfixturevalue("postgresql_server")
    return server.create()


@pytest.fixture(scope="session")
def new_database(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], str]:
    """Give a function that makes a database with all tables; for fixtures that several tests share."""
    if dialect == "sqlite":
        file: Path = request.getfixturevalue("_sqlite_template")
        return lambda: f"sqlite:///{shutil.copy(file, tmp_path_factory.mktemp('database') / 'archive.db')}"
    server: TestServer = request.getfixturevalue("postgresql_server")
    name: str = request.getfixturevalue("_postgresql_template")
    return lambda: server.create(name)


@pytest.fixture(scope="session")
def shared_path() -> Path:
    """Give the folder of samples that lies beside a checkout; without it the test is skipped."""
    path = Path(__file__).parents[2] / "shared"
    if not path.is_dir():
        pytest.skip("needs the folder ../shared, which a checkout alone does not have")
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[TestServer]:
    """Give a PostgreSQL server; started once in a worker of the tests, when the first test asks."""
    with test_server() as server:
        yield server


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one file, which the tests copy."""
    path = tmp_path_factory.mktemp("template") / "archive.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def _postgresql_template(postgresql_server: TestServer) -> str:
    """Migrate one database, which the tests clone, and give its name."""
    url = postgresql_server.create()
    _migrate(url)
    name = make_url(url).database
    assert name is not None
    return name


def _migrate(url: str) -> None:
    created = create_database_engine(url)
    upgrade(created)
    created.dispose()
