"""Where and how much: every setting of the archive, read once from the environment and passed down.

Nothing is read at import. `CLIMATE_ARCHIVE_FETCH__CONCURRENCY` is `settings.fetch.concurrency`. These are plain
dataclasses, each field with the reader of its text: pydantic's models would be a fifth of a small command.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from config._values import Secret as Secret
from config._values import host_names, listed, path, seconds, secrets, share, truth, whole_number
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

_Value = TypeVar("_Value")


def _setting(default: _Value, read: Callable[[str], Any]) -> _Value:
    """Make a field with the reader of its text, which raises ValueError."""
    value: _Value = field(default=default, metadata={"read": read})
    return value


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSettings:
    """How many article pages are asked for."""

    per_night: int = _setting(3000, whole_number(0))
    per_host: int = _setting(200, whole_number(0))  # a night
    near_misses: int = _setting(50, whole_number(0))  # a night, of entries that the gate would turn away


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """How the network is used. Times are in seconds."""

    total_timeout_s: float = _setting(30.0, seconds())  # one try, from connect to the last byte
    connect_timeout_s: float = _setting(5.0, seconds())
    read_timeout_s: float = _setting(10.0, seconds())  # without a byte
    feed_deadline_s: float = _setting(90.0, seconds())  # one feed with its retries; waiting for a slot does not count
    concurrency: int = _setting(20, whole_number(1))  # requests at once
    per_host: int = _setting(2, whole_number(1))  # requests at once to one host
    host_interval_s: float = _setting(1.0, seconds(may_be_none=True))  # between two requests to one host
    # Before the last request for a feed that failed twice tonight.
    second_pass_delay_s: float = _setting(30.0, seconds(may_be_none=True))
    allow_private: frozenset[str] = _setting(frozenset(), _servers)  # "host:port" that may be a private address
    contact: str = _setting("", _header_text)  # who runs this archive: an address or URL, shown in the User-Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class MeaningSettings:
    """How much the sentence encoder reads, where it is installed."""

    second_reader: bool = _setting(True, truth)  # where terms and words leave a doubt, and of all that is about climate
    # Reading may add so much of a run's waiting for servers; inf: no bound.
    share: float = _setting(0.25, share)

    @property
    def readers(self) -> dict[str, bool]:
        """Return who reads, as `config.topics.load_topics` is told."""
        return {"second_reader": self.second_reader}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """Who is told when something needs a person."""

    urls: tuple[Secret, ...] = _setting((), secrets)  # apprise's addresses, with commas between; they hold secrets
    brief: bool = _setting(False, truth)  # send them what each night brought, too


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """How the archive is shown in a browser."""

    port: int = _setting(4280, whole_number(0, 65535))
    # HOST or HOST:PORT as a browser sends it, beside this machine's own.
    names: tuple[str, ...] = _setting((), host_names)
    # With it a person may sign in and work by hand; without, the pages only read.
    token: Secret | None = _setting(None, _token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. Frozen; build it with `load_settings` (the environment) or by keyword (a test)."""

    home: Path = _setting(Path("data"), path)  # made absolute
    # By default archive.db in home. It may hold a password, so it is never shown.
    database_url: Secret | None = _setting(None, _database_url)
    feeds_file: Path | None = _setting(None, path)  # default: the feeds.yaml that is installed with the program
    topics_file: Path | None = _setting(None, path)  # default: the topics.yaml that is installed with the program
    watches_file: Path | None = _setting(None, path)  # default: there are no saved searches
    nightly_cron: str = _setting("15 4 * * *", _schedule)  # 02:15 would fall into the clock change
    timezone: str = _setting("UTC", _time_zone)  # of the schedule, and of the days in searches
    shards: int = _setting(0, whole_number(0, MAX_SHARDS))  # other workers that a night may be shared with
    pages: PageSettings = PageSettings()
    fetch: FetchSettings = FetchSettings()
    meaning: MeaningSettings = MeaningSettings()
    alerts: AlertSettings = AlertSettings()
    web: WebSettings = WebSettings()

    def __post_init__(self) -> None:
        object.__setattr__(self, "home", self.home.absolute())

    @property
    def sqlalchemy_url(self) -> str:
        """Return the database's address with its password: for the engine alone, not for a log."""
        return f"sqlite:///{self.home / 'archive.db'}" if self.database_url is None else self.database_url.revealed()

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
    settings: Settings = _read(Settings, PREFIX, given, mistakes)
    if settings.shards and settings.sqlalchemy_url.startswith("sqlite"):
        mistakes[_SHARDS] = "a night is shared out on PostgreSQL alone: set CLIMATE_ARCHIVE_DATABASE_URL too"
    if mistakes:
        raise ConfigError("\n".join(_sentence(name, mistakes[name], given) for name in known if name in mistakes))
    return settings


def setting_names() -> tuple[str, ...]:
    """Return the name of every environment variable that is a setting, in the order of the fields."""
    return tuple(_names(Settings, PREFIX))


def _names(kind: Any, prefix: str) -> Iterator[str]:  # noqa: ANN401 (a dataclass, which has no type of its own)
    for one in fields(kind):
        name = prefix + one.name.upper()
        if "read" in one.metadata:
            yield name
        else:
            yield from _names(one.default, f"{name}__")


def _read(kind: Any, prefix: str, given: Mapping[str, str], mistakes: dict[str, str]) -> Any:  # noqa: ANN401 (the same)
    """Build a group of settings; one that has a mistake keeps its default, and the mistake is noted."""
    values: dict[str, Any] = {}
    for one in fields(kind):
        name = prefix + one.name.upper()
        if "read" not in one.metadata:
            values[one.name] = _read(type(one.default), f"{name}__", given, mistakes)
        elif name in given:
            try:
                values[one.name] = one.metadata["read"](given[name])
            except ValueError as error:
                mistakes[name] = str(error)
    return kind(**values)


def process_environment() -> dict[str, str]:
    """Return the process's environment over the `.env` file of the working directory. Raise ConfigError."""
    try:
        written = _dotenv(Path(".env"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The file .env in the working directory cannot be read: {error}.") from None
    return {name: value for name, value in written.items() if value is not None} | dict(os.environ)


def _dotenv(path: Path) -> Mapping[str, str | None]:
    if not path.exists():
        return {}
    from dotenv import dotenv_values  # a twentieth of a small command, and most folders have no such file

    return dotenv_values(path, interpolate=False)  # a password may hold a dollar sign


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
