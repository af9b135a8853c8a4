"""The command itself: its list, its start, its errors."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from msgspec import Struct

from config.settings import PREFIX
from flows.cli.exit_codes import exit_code_of
from flows.cli.main import COMMANDS, LazyGroup
from models.errors import ConfigError, DiskFailed, LockHeld, NotFound
from models.migrations.migrate import upgrade
from models.storage.database import create_database_engine, write_transaction
from tests.databases import on_both, on_postgresql
from tests.processes import PATIENCE_S, outer_environment

ROOT = Path(__file__).parents[3]
Command = Callable[..., Any]


def _python(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = outer_environment() | {f"{PREFIX}HOME": str(home), "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        [sys.executable, *arguments],
        env=clean,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


class Made(Struct, frozen=True):
    """An archive in a data folder, and what the settings say of it."""

    home: Path
    environment: dict[str, str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, archive_of: Callable[[Path], str]) -> Made:
    """Give a data folder with an empty archive."""
    folder = tmp_path_factory.mktemp("made")
    url = archive_of(folder)
    engine = create_database_engine(url)
    upgrade(engine)
    engine.dispose()
    return Made(folder, {f"{PREFIX}DATABASE_URL": url})


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_the_list_says(name: str) -> None:
    """Each name leads to a command of that name, with a help of its own."""
    command = LazyGroup("x").get_command(click.Context(click.Command("x")), name)
    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help


def _every_command() -> Iterator[tuple[list[str], click.Command]]:
    for name in COMMANDS:
        command = LazyGroup("x").get_command(click.Context(click.Command("x")), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from (([name, inner], one) for inner, one in command.commands.items())
        else:
            yield [name], command


@pytest.mark.parametrize("words", [words for words, _ in _every_command()], ids=" ".join)
def test_every_help_has_an_example(command: Command, words: list[str]) -> None:
    """Each command's help shows a call of it that can be copied."""
    usage, _, rest = command(*words, "--help").out.partition("\n")
    assert usage.startswith(f"Usage: climate-archive {' '.join(words)} ")
    assert f"climate-archive {' '.join(words)}" in rest


@pytest.mark.parametrize("group", ["", "runs", "feeds", "evaluate", "db"])
def test_no_summary_is_cut(command: Command, monkeypatch: pytest.MonkeyPatch, group: str) -> None:
    """At 80 columns every command's summary is whole in the help of its group."""
    monkeypatch.setenv("COLUMNS", "80")
    listed = command(*group.split(), "--help").out.partition("Commands:\n")[2]
    assert listed
    assert "..." not in listed
    assert max(map(len, listed.splitlines())) <= 80


def test_help_lists_the_commands_without_importing_them(tmp_path: Path) -> None:
    """All commands are named; none is loaded, nor is the database's library."""
    code = "import sys; sys.argv = ['x', '--help']\nfrom flows.cli.main import main\ntry: main()\n"
    heavy = ("sqlalchemy", "flows.cli.stories.search", "prefect")
    code += f"finally: print([name for name in sys.modules if name in {heavy}])"
    done = _python("-c", code, home=tmp_path)
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)
    assert done.stdout.endswith("[]\n")


def test_reading_never_imports_prefect(made: Made) -> None:
    """No read command loads Prefect, Alembic, the client, the parsers, an ORM, a dialect unasked, or rich in a pipe.

    SQLite's, which is small, comes with the tables: they name its options on either database.
    """
    commands = ["search sea", "show 1", "export", "runs list", "runs show latest", "runs check", "feeds list"]
    code = (
        f"import sys\nfrom flows.cli.main import main\nfor words in {commands}:\n    sys.argv = ['x', *words.split()]\n"
    )
    code += "    try: main()\n    except SystemExit as ended: print(words, 'ended with', ended.code)\n"
    heavy: tuple[str, ...] = (
        "prefect",
        "alembic",
        "feedparser",
        "aiohttp",
        "lxml",
        "rich",
        "dotenv",
        "pydantic",
        "sqlalchemy.orm",
    )
    if "postgresql" not in str(made.environment):
        heavy += ("sqlalchemy.dialects.postgresql",)
    code += f"print('loaded', [name for name in {heavy} if name in sys.modules], flush=True)"
    done = _python("-c", code, home=made.home, **made.environment)
    ends = [line for line in done.stdout.splitlines() if " ended with " in line]
    assert [line.rpartition(" ")[2] for line in ends] == ["0", "4", "0", "0", "4", "0", "0"], done.stderr
    assert done.stdout.endswith("loaded []\n"), done.stdout


def test_a_search_makes_only_the_tables_that_it_reads(made: Made) -> None:
    """It loads neither tables that it does not ask nor what a run reports."""
    tables = ("acts", "changes", "corrections", "counts", "documents", "runs", "vectors", "watches")
    heavy = ("models.reports", *(f"models.tables.{table}" for table in tables))
    code = "import sys; sys.argv = ['x', 'search', 'sea']\nfrom flows.cli.main import main\ntry: main()\n"
    code += f"finally: print('loaded', [name for name in {heavy} if name in sys.modules], flush=True)"
    done = _python("-c", code, home=made.home, **made.environment)
    assert done.stdout.endswith("loaded []\n"), done.stdout + done.stderr


def test_a_night_only_names_what_its_workers_do(tmp_path: Path) -> None:
    """The process of a run loads no parser, encoder or ORM, and Alembic only for a database that is behind."""
    heavy: tuple[str, ...] = (
        "bs4",
        "soupsieve",
        "lxml",
        "nh3",
        "trafilatura",
        "ftfy",
        "feedparser",
        "alembic",
        "numpy",
        "rich",
    )
    heavy += ("pydantic", "sqlalchemy.orm", "tld")
    heavy += (
        "flows.steps.copies",
        "flows.steps.changes",
        "flows.upkeep.telling.brief",
        "models.queries.searching.search",
    )
    code = (
        "import sys\nimport flows.cli.runs.performing, flows.runs.derived.meaning, flows.upkeep.telling.after_night\n"
    )
    done = _python("-c", f"{code}print([name for name in {heavy} if name in sys.modules])", home=tmp_path)
    assert done.stdout == "[]\n", done.stderr


def test_certificates_are_loaded_for_the_first_https_address(tmp_path: Path) -> None:
    """A night over plain http loads none, and whatever else wants them gets them."""
    code = (
        "import flows.cli.runs.performing, ssl\nfrom flows.steps._fetching.http_client import aiohttp, trusted\n"
        "contexts = [one for one in vars(aiohttp.connector).values() if isinstance(one, ssl.SSLContext)]\n"
        "print([one.cert_store_stats()['x509'] for one in contexts], trusted.cache_info().currsize)\n"
        "print([one.cert_store_stats()['x509'] for one in (trusted(), ssl.create_default_context())])"
    )
    certificate = ROOT / "tests" / "site" / "self_signed.pem"
    done = _python("-c", code, home=tmp_path, SSL_CERT_FILE=str(certificate), SSL_CERT_DIR=str(tmp_path))
    assert done.stdout == "[0, 0] 0\n[1, 1]\n", done.stderr


def test_the_version_is_told(command: Command) -> None:
    """It needs no settings and no archive."""
    answer = command("--version")
    assert (answer.code, answer.out.split()[0]) == (0, "climate-archive")


@pytest.mark.parametrize(
    "arguments",
    [["search", "x"], ["show", "1"], ["export"], ["runs", "check"], ["verify"], ["withdraw", "1", "--reason", "x"]],
    ids=" ".join,
)
def test_without_an_archive_a_command_says_how_to_begin(command: Command, home: Path, arguments: list[str]) -> None:
    """One sentence that names `run` and `demo`; nothing is made."""
    answer = command(*arguments)
    assert (answer.code, answer.out) == (1, "")
    assert "climate-archive run" in answer.err
    assert "climate-archive demo" in answer.err
    assert [path.name for path in home.iterdir()] == ["feeds.yaml"]


@on_postgresql
def test_an_empty_database_of_a_server_is_no_archive_yet(
    command: Command, monkeypatch: pytest.MonkeyPatch, empty_database_url: str
) -> None:
    """It is as good as a file that is not there: reading says how to begin, what needs no archive does its work."""
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", empty_database_url)
    unread = command("search", "x")
    assert (unread.code, "`climate-archive demo` shows one" in unread.err) == (1, True)
    assert [row["state"] for row in command("feeds", "list", "--json").document] == ["new", "new"]
    checks = {one["check"]: one["message"] for one in command("doctor", "--json").document["checks"]}
    assert checks["database"] == checks["raw store"] == "none yet: the first run makes it"


@pytest.mark.parametrize(
    ("name", "value", "arguments"),
    [
        pytest.param("NO_SUCH_SETTING", "1", ["runs", "list"], id="a misspelt setting"),
        pytest.param("TIMEZONE", "Mars", ["search", "x"], id="an impossible value"),
        pytest.param("FEEDS_FILE", "/no/such/file", ["feeds", "list"], id="a file that is not there"),
        pytest.param("DATABASE_URL", "mysql://x", ["search"], id="another database"),
    ],
)
def test_a_wrong_setting_is_a_usage_error(
    command: Command, monkeypatch: pytest.MonkeyPatch, name: str, value: str, arguments: list[str]
) -> None:
    """Exit 2 and a sentence, on stderr alone."""
    monkeypatch.setenv(f"{PREFIX}{name}", value)
    answer = command(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert len(answer.err.splitlines()) <= 2


def test_an_unreachable_server_is_one_sentence(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1; the password is not shown."""
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", "postgresql://ann:secret@127.0.0.1:1/archive")
    answer = command("search", "x")
    assert answer.code == 1
    assert "cannot be reached" in answer.err
    assert "secret" not in answer.err


@on_both
@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        pytest.param(
            "UPDATE alembic_version SET version_num = '0000'", "climate-archive db upgrade", id="older tables"
        ),
        pytest.param("UPDATE alembic_version SET version_num = '9999'", "newer version", id="newer tables"),
        pytest.param("DROP TABLE alembic_version", "begins one beside them", id="tables of others"),
    ],
)
def test_other_tables_are_refused(full: Command, database_url: str, statement: str, sentence: str) -> None:
    """A read command changes no tables; it says what to do."""
    engine = create_database_engine(database_url)
    with write_transaction(engine) as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
    answer = full("search", "x")
    assert (answer.code, answer.out) == (1, "")
    assert sentence in answer.err


@pytest.mark.parametrize(
    ("error", "code"), [(ConfigError("x"), 2), (NotFound("x"), 4), (LockHeld("x"), 1), (DiskFailed("x"), 1)]
)
def test_each_error_has_the_exit_code_of_the_contract(error: Any, code: int) -> None:
    """2 configuration, 4 not found, 1 anything else."""
    assert exit_code_of(error) == code


def test_an_unknown_command_is_a_usage_error(command: Command) -> None:
    """Exit 2, on stderr."""
    answer = command("serch")
    assert (answer.code, answer.out) == (2, "")
    assert "serch" in answer.err


def test_an_installation_that_is_not_whole_is_a_sentence(tmp_path: Path) -> None:
    """Also for small commands, which load SQLAlchemy before anything else."""
    (tmp_path / "sqlalchemy").mkdir()
    (tmp_path / "sqlalchemy" / "__init__.py").write_text("raise ImportError('a part of it is missing')")
    answer = _python("-m", "flows", "search", "sea", home=tmp_path, PYTHONPATH=f"{tmp_path}:{ROOT}")
    told = "A bug: ImportError: a part of it is missing. `climate-archive --debug ...` shows where.\n"
    assert (answer.returncode, answer.stdout, answer.stderr) == (1, "", told)


def test_a_bug_is_a_sentence_and_with_debug_a_traceback(tmp_path: Path) -> None:
    """A person is spared the traceback until they ask for it."""
    code = (
        "import sys; sys.argv = ['x', *{words}]\nfrom flows.cli import main\n"
        "main.COMMANDS = {{'x': main.Place('builtins:no_such_name', '')}}\nmain.main()"
    )
    plain = _python("-c", code.format(words=["x"]), home=tmp_path)
    assert plain.returncode == 1
    assert plain.stderr.startswith("A bug: AttributeError")
    assert "Traceback" not in plain.stderr
    debug = _python("-c", code.format(words=["--debug", "x"]), home=tmp_path)
    assert debug.returncode == 1
    assert "Traceback" in debug.stderr


def test_an_error_shows_its_place_with_debug(tmp_path: Path) -> None:
    """Expected errors too."""
    done = _python("-m", "flows", "--debug", "search", "x", home=tmp_path)
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_a_reader_that_leaves_is_no_error(made: Made) -> None:
    """A closed pipe ends the command without a word."""
    script = f"{sys.executable} -m flows export --format csv | true; {sys.executable} -m flows runs list | true"
    script += f"; {sys.executable} -m flows search --json | head -c 1"
    environment = outer_environment() | {f"{PREFIX}HOME": str(made.home), "PYTHONPATH": str(ROOT)} | made.environment
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        env=environment,
        cwd=made.home,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.stderr == ""


def test_a_full_disk_at_the_other_end_is_a_sentence(made: Made) -> None:
    """Output that cannot be written ends with exit 1 and a reason."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full, which Linux has")
    done = _python("-m", "flows", "export", "--format", "csv", "-o", "/dev/full", home=made.home, **made.environment)
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "flows", "runs", "list"]
        environment = (
            outer_environment() | {f"{PREFIX}HOME": str(made.home), "PYTHONPATH": str(ROOT)} | made.environment
        )
        done = subprocess.run(
            command, env=environment, cwd=made.home, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (1, "The output cannot be written: No space left on device.\n")


def test_a_character_that_a_terminal_cannot_show_is_no_error(tmp_path: Path) -> None:
    """It is shown by its number."""
    done = _python("-m", "flows", "show", "\u6d77", home=tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_an_interrupt_is_told_by_its_exit_code(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with 130."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(LazyGroup, "get_command", interrupt)
    assert command("search", "x").code == 130


def test_an_interrupt_that_a_library_caught_is_one(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect's models make an error of their own of it while they are loaded: no bug of ours."""

    def interrupt(*_: object) -> None:
        raise ValueError("Error calling function `_ser_model`: KeyboardInterrupt: ") from KeyboardInterrupt()

    monkeypatch.setattr(LazyGroup, "get_command", interrupt)
    answer = command("search", "x")
    assert (answer.code, answer.err) == (130, "Interrupted.\n")
