"""What many tests stand on: an archive's database on SQLite and on PostgreSQL, and the folder of shared samples."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, make_url

from config.settings import PREFIX
from flows.runs import opening
from models.migrations.migrate import upgrade
from models.storage.database import create_database_engine
from tests.databases import KINDS, ONE, drawn_for
from tests.postgresql import TestServer, test_server
from tests.worker_processes import SharedPools, shared_pools

# As in worker processes, before anything loads the matrix library: on several threads it rounds otherwise.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A slow machine is no failure: nothing here is judged by its time. Seeds are fixed, so that a run can be repeated.
hypothesis_settings.register_profile(
    "archive", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("archive")

pytest_plugins = ["tests.site.fixtures"]

# A worker takes a file at a time: begun last, one of these would keep one core at work and leave the others without.
LONGEST_FIRST = (
    "flows/test_shard.py",
    "flows/server/test_serve.py",
    "browser/test_reading.py",
    "flows/server/test_serve_killed.py",
    "flows/test_nightly.py",
    "flows/test_prune.py",
    "flows/ingest/test_killed.py",
    "flows/ingest/test_disk_trouble.py",
    "site/test_nights.py",
    "test_docs.py",
    "models/backup/test_restoring.py",
    "flows/steps/test_fetch_cases.py",
    "flows/steps/test_dedupe_properties.py",
    "flows/workers/test_pool.py",
    "models/backup/test_taking.py",
)


# The tests here are of nights and commands: the storage below them is tested on both kinds of database elsewhere.
WHOLE_NIGHTS = (
    *(f"flows/{room}" for room in ("ingest", "runs", "upkeep", "server", "cli")),
    "flows/test_reclassify_killed.py",
    "flows/steps/test_dedupe_properties.py",
)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Give tests that often wait one process more than there are cores: the quick ones, and those of a browser."""
    is_waiting = "browser" in config.option.markexpr  # which the quick ones leave out
    return len(os.sched_getaffinity(0)) + 1 if is_waiting and hasattr(os, "sched_getaffinity") else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files without the marks that are asked for, where no others are: they are fifteen of two hundred.

    Importing the others takes each process of the tests longer than many of those have to do. A mark is written out in
    its file, or is the name of its folder.
    """
    asked = config.option.markexpr.split(" or ")
    if collection_path.suffix != ".py" or not {"system", "browser"}.issuperset(asked):
        return None
    text = collection_path.read_text("utf-8")
    has_one = any(mark == collection_path.parent.name or f"pytest.mark.{mark}" in text for mark in asked)
    return None if has_one else True


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a person have all tests on PostgreSQL."""
    parser.addoption("--postgresql", action="store_true", help="run every archive of the tests on PostgreSQL")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test of databases on each kind, a whole night on one of them, where no mark says on which."""
    marks = metafunc.definition.iter_markers("parametrize")
    if "dialect" not in metafunc.fixturenames or any(mark.args[0] == "dialect" for mark in marks):
        return
    kinds: tuple[str, ...] = KINDS
    if metafunc.config.getoption("postgresql"):
        kinds = KINDS[1:]
    elif _is_a_whole_night(metafunc.definition) and not metafunc.definition.get_closest_marker("on_both"):
        kinds = (drawn_for(metafunc.definition.nodeid),)
    metafunc.parametrize("dialect", kinds, indirect=True, scope="session")


def _is_a_whole_night(item: pytest.Item) -> bool:
    return any(item.path.is_relative_to(Path(__file__).parent / folder) for folder in WHOLE_NIGHTS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest in front."""
    place = {Path(__file__).parent / name: at for at, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


@pytest.fixture(scope="session")
def dialect(request: pytest.FixtureRequest, is_on_postgresql: bool) -> str:
    """Name the database a test runs on."""
    name: str = request.param
    if name == "sqlite" and is_on_postgresql:
        pytest.skip("it is about SQLite's file, and all archives are to be on PostgreSQL")
    return KINDS[is_on_postgresql] if name == ONE else name


@pytest.fixture(scope="session")
def is_on_postgresql(request: pytest.FixtureRequest) -> bool:
    """Tell whether every archive is to be on PostgreSQL."""
    return bool(request.config.getoption("postgresql"))


@pytest.fixture(scope="session")
def archive_of(is_on_postgresql: bool, request: pytest.FixtureRequest) -> Callable[[Path], str]:
    """Give a function that names a data folder's new archive: the file in it, with --postgresql an empty database."""
    if not is_on_postgresql:
        return lambda home: f"sqlite:///{home / 'archive.db'}"
    server: TestServer = request.getfixturevalue("postgresql_server")
    return lambda _home: server.create()


@pytest.fixture(scope="session", autouse=True)
def _archive_of_this_worker(is_on_postgresql: bool, request: pytest.FixtureRequest) -> Iterator[None]:
    """Have the settings name a database of this worker's where all are on PostgreSQL, and no test find another."""
    with pytest.MonkeyPatch.context() as patched:
        if is_on_postgresql:
            server: TestServer = request.getfixturevalue("postgresql_server")
            patched.setenv(f"{PREFIX}DATABASE_URL", server.create())
        # Loading the encoder takes each process a second: only the tests of the second reader ask for it.
        patched.setenv(f"{PREFIX}MEANING__SECOND_READER", "false")
        patched.setenv(f"{PREFIX}MEANING__SHARE", "0")
        yield


@pytest.fixture(scope="session", autouse=True)
def worker_processes() -> Iterator[SharedPools]:
    """Have the nights that are worked in this process share their worker processes."""
    with shared_pools() as pools, pytest.MonkeyPatch.context() as patched:
        patched.setattr(opening, "JobPool", pools.lend)
        yield pools


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
