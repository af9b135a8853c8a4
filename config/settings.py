"""Where and how much: every setting of the archive, read once from the environment and passed down.

Nothing is read at import. `CLIMATE_ARCHIVE_FETCH__CONCURRENCY` is `settings.fetch.concurrency`. A field's annotation
holds the reader of its text, which raises ValueError: pydantic's models would be a fifth of a small command.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import force_setattr

from config._dotenv import read_dotenv
from config._values import Secret as Secret
from config._values import host_names, listed, path, ratio, seconds, secrets, truth, whole_number
from models.errors import ConfigError

PREFIX = "CLIMATE_ARCHIVE_"
MAX_SHARDS = 8  # a shard is a flow run of its own, which costs a start of Prefect
_AS_NEAR = 0.08  # by which a likeness, from 0 to 1, may be below the highest and still be what was meant
_MOST_NAMED = 3
LEAST_TOKEN = 24  # characters: what nobody guesses, however long it is tried
# No message repeats these: a database's URL may hold a password.
_SECRET = frozenset({f"{PREFIX}DATABASE_URL", f"{PREFIX}WEB__TOKEN"})
_SHARDS = f"{PREFIX}SHARDS"
DATABASE_SCHEMES = ("sqlite", "postgresql", "postgresql+psycopg")

_Group = TypeVar("_Group", bound=Struct)


def _database_url(text: str) -> Secret:
    if text.partition("://")[0] not in DATABASE_SCHEMES:
        raise ValueError(f"it must begin with one of {', '.join(f'{scheme}://' for scheme in DATABASE_SCHEMES)}")
    return Secret(text)


def _token(text: str) -> Secret:
    told = text.strip()
    if len(told) < LEAST_TOKEN:
        raise ValueError(f"it has {len(told)} characters, and needs {LEAST_TOKEN} that nobody can guess")
    return Secret(told)


def _schedule(text: str) -> str:
    from config._cron import check_cron  # most archives keep the hour that stands below

    check_cron(text)
    return text


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder, such as "Europe"
        raise ValueError("no such time zone; a name looks like Europe/Berlin") from None
    return text


def _servers(text: str) -> frozenset[str]:
    from config._host_names import read_server  # most archives name none

    return frozenset(map(read_server, listed(text)))


def _header_text(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("it goes into a request header: plain ASCII on one line")
    return text.strip()


class PageSettings(Struct, frozen=True, kw_only=True):
    """How many article pages are asked for."""

    per_night: Annotated[int, whole_number(0)] = 3000
    per_host: Annotated[int, whole_number(0)] = 200  # a night
    near_misses: Annotated[int, whole_number(0)] = 50  # a night, of entries that the gate would turn away


class FetchSettings(Struct, frozen=True, kw_only=True):
    """How the network is used. Times are in seconds."""

    total_timeout_s: Annotated[float, seconds()] = 30.0  # one try, from connect to the last byte
    connect_timeout_s: Annotated[float, seconds()] = 5.0
    read_timeout_s: Annotated[float, seconds()] = 10.0  # without a byte
    feed_deadline_s: Annotated[float, seconds()] = 90.0  # one feed with its retries; waiting for a slot does not count
    concurrency: Annotated[int, whole_number(1)] = 20  # requests at once
    per_host: Annotated[int, whole_number(1)] = 2  # requests at once to one host
    host_interval_s: Annotated[float, seconds(may_be_none=True)] = 1.0  # between two requests to one host
    # Before the last request for a feed that failed twice tonight.
    second_pass_delay_s: Annotated[float, seconds(may_be_none=True)] = 30.0
    allow_private: Annotated[frozenset[str], _servers] = frozenset()  # "host:port" that may be a private address
    contact: Annotated[str, _header_text] = ""  # who runs this archive: an address or URL, shown in the User-Agent


class MeaningSettings(Struct, frozen=True, kw_only=True):
    """How much the sentence encoder reads, where it is installed."""

    # Where terms and words leave a doubt, and of all that is about climate.
    second_reader: Annotated[bool, truth] = True
    # Reading may add so much of a run's waiting for servers; inf: no bound.
    share: Annotated[float, ratio] = 0.25

    @property
    def readers(self) -> dict[str, bool]:
        """Return who reads, as `config.topics.load_topics` is told."""
        return {"second_reader": self.second_reader}


class AlertSettings(Struct, frozen=True, kw_only=True):
    """Who is told when something needs a person."""

    urls: Annotated[tuple[Secret, ...], secrets] = ()  # apprise's addresses, with commas between; they hold secrets
    brief: Annotated[bool, truth] = False  # send them what each night brought, too


class WebSettings(Struct, frozen=True, kw_only=True):
    """How the archive is shown in a browser."""

    port: Annotated[int, whole_number(0, 65535)] = 4280
    # HOST or HOST:PORT as a browser sends it, beside this machine's own.
    names: Annotated[tuple[str, ...], host_names] = ()
    # With it a person may sign in and work by hand; without, the pages only read.
    token: Annotated[Secret | None, _token] = None


class Settings(Struct, frozen=True, kw_only=True):
    """All settings. Frozen; build it with `load_settings` (the environment) or by keyword (a test)."""

    home: Annotated[Path, path] = Path("data")  # made absolute
    # By default archive.db in home. It may hold a password, so it is never shown.
    database_url: Annotated[Secret | None, _database_url] = None
    feeds_file: Annotated[Path | None, path] = None  # default: the feeds.yaml that is installed with the program
    topics_file: Annotated[Path | None, path] = None  # default: the topics.yaml that is installed with the program
    watches_file: Annotated[Path | None, path] = None  # default: there are no saved searches
    nightly_cron: Annotated[str, _schedule] = "15 4 * * *"  # 02:15 would fall into the clock change
    timezone: Annotated[str, _time_zone] = "UTC"  # of the schedule, and of the days in searches
    shards: Annotated[int, whole_number(0, MAX_SHARDS)] = 0  # other workers that a night may be shared with
    pages: PageSettings = PageSettings()
    fetch: FetchSettings = FetchSettings()
    meaning: MeaningSettings = MeaningSettings()
    alerts: AlertSettings = AlertSettings()
    web: WebSettings = WebSettings()

    def __post_init__(self) -> None:
        force_setattr(self, "home", self.home.absolute())

    @property
    def sqlalchemy_url(self) -> str:
        """Return the database's address with its password: for the engine alone, not for a log. Raise ConfigError."""
        if self.database_url is not None:
            return self.database_url.revealed()
        if "?" in str(self.home):  # there the address would end, and the database lie elsewhere
            raise ConfigError(f"{self.home} holds a question mark: no data folder with an SQLite database may.")
        return f"sqlite:///{self.home / 'archive.db'}"

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone in which days begin."""
        return ZoneInfo(self.timezone)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of an environment.

    By default that is the process's own, over the `.env` file of the working directory. Only names with our prefix
    are looked at, so that file may hold another program's settings too. An empty value means the default.

    Raises:
        ConfigError: A setting is misspelt or has an impossible value; one line per mistake.

    """
    known = setting_names()
    given = _ours(process_environment() if environ is None else environ, known)
    if unknown := sorted(given.keys() - set(known)):
        raise ConfigError("\n".join(_misspelt(name, known) for name in unknown))
    mistakes: dict[str, str] = {}
    settings = _read(Settings, PREFIX, given, mistakes)
    if settings.shards and settings.sqlalchemy_url.startswith("sqlite"):
        mistakes[_SHARDS] = "a night is shared out on PostgreSQL alone: set CLIMATE_ARCHIVE_DATABASE_URL too"
    if mistakes:
        raise ConfigError("\n".join(_sentence(name, mistakes[name], given) for name in known if name in mistakes))
    return settings


def setting_names() -> tuple[str, ...]:
    """Return the name of every environment variable that is a setting, in the order of the fields."""
    return tuple(_names(Settings, PREFIX))


def _names(group: type[Struct], prefix: str) -> Iterator[str]:
    for field, kind in group.__annotations__.items():
        name = prefix + field.upper()
        if _is_group(kind):
            yield from _names(kind, f"{name}__")
        else:
            yield name


def _is_group(kind: Any) -> bool:  # noqa: ANN401 (an annotation)
    return isinstance(kind, type)


def _read(group: type[_Group], prefix: str, given: Mapping[str, str], mistakes: dict[str, str]) -> _Group:
    """Build a group of settings; one that has a mistake keeps its default, and the mistake is noted."""
    values: dict[str, Any] = {}
    for field, kind in group.__annotations__.items():
        name = prefix + field.upper()
        if _is_group(kind):
            values[field] = _read(kind, f"{name}__", given, mistakes)
        elif name in given:
            [read] = kind.__metadata__
            try:
                values[field] = read(given[name])
            except ValueError as error:
                mistakes[name] = str(error)
    return group(**values)


def process_environment() -> dict[str, str]:
    """Return the process's environment over the `.env` file of the working directory. Raise ConfigError."""
    file = Path(".env")
    try:
        written = read_dotenv(file, PREFIX) if file.exists() else {}
    except OSError as error:
        raise ConfigError(f"The file .env in the working directory cannot be read: {error}.") from None
    return dict(written) | dict(os.environ)


def _ours(environ: Mapping[str, str], known: Sequence[str]) -> dict[str, str]:
    named = {name.upper(): value for name, value in environ.items() if name.upper().startswith(PREFIX)}
    # An empty misspelt name is still misspelt.
    return {name: value for name, value in named.items() if value.strip() or name not in known}


def _misspelt(name: str, known: Sequence[str]) -> str:
    """Name the setting most like a wrong name, and every other one that is hardly less like it."""
    from difflib import SequenceMatcher

    word = name.removeprefix(PREFIX)
    ratios = {one: SequenceMatcher(None, one.removeprefix(PREFIX), word).ratio() for one in known}
    best = max(ratios.values())
    near = [one for one in sorted(known, key=lambda one: -ratios[one]) if ratios[one] > best - _AS_NEAR]
    return f"{name} is not a setting; did you mean {' or '.join(near[:_MOST_NAMED])}?"


def _sentence(name: str, reason: str, given: Mapping[str, str]) -> str:
    shown = "" if name in _SECRET else f" (it is {given[name]!r})"
    return f"{name}: {reason}{shown}."
