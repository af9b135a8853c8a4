"""Where and how much: every setting of the archive, read once from the environment and passed down.

Nothing is read at import. `CLIMATE_ARCHIVE_FETCH__CONCURRENCY` is `settings.fetch.concurrency`. These are pydantic's
models; pydantic-settings, whose sources a small command would load for a dozen names, is not used.
"""

import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails

from config._cron import check_cron
from models.errors import ConfigError

PREFIX = "CLIMATE_ARCHIVE_"
MAX_SHARDS = 8  # a shard is a flow run of its own, which costs a start of Prefect
_AS_NEAR = 0.08  # by which a likeness, from 0 to 1, may be below the highest and still be what was meant
_MOST_NAMED = 3
LEAST_TOKEN = 24  # characters: what nobody guesses, however long it is tried
_SECRET = (("database_url",), ("web", "token"))  # no message repeats them; a database's URL may hold a password
DATABASE_SCHEMES = ("sqlite", "postgresql", "postgresql+psycopg")


class PageSettings(BaseModel):
    """How many article pages are asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_night: NonNegativeInt = 3000
    per_host: NonNegativeInt = 200  # a night
    near_misses: NonNegativeInt = 50  # a night, of entries that the gate would turn away


class FetchSettings(BaseModel):
    """How the network is used. Times are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    total_timeout_s: PositiveFloat = 30.0  # one try, from connect to the last byte
    connect_timeout_s: PositiveFloat = 5.0
    read_timeout_s: PositiveFloat = 10.0  # without a byte
    feed_deadline_s: PositiveFloat = 90.0  # one feed with its retries; waiting for a slot does not count
    concurrency: PositiveInt = 20  # requests at once
    per_host: PositiveInt = 2  # requests at once to one host
    host_interval_s: NonNegativeFloat = 1.0  # between two requests to one host
    second_pass_delay_s: NonNegativeFloat = 30.0  # before the last request for a feed that failed twice tonight
    allow_private: frozenset[str] = frozenset()  # "host:port" that may be a private address
    contact: str = ""  # who runs this archive: an address or URL, shown in the User-Agent

    @field_validator("allow_private", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return frozenset(part.strip().lower() for part in value.split(",") if part.strip())

    @field_validator("allow_private")
    @classmethod
    def _has_ports(cls, value: frozenset[str]) -> frozenset[str]:
        for part in sorted(value):
            host, _, port = part.rpartition(":")
            if not host or not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65536:
                raise ValueError(f"{part!r} is not host:port, for example 127.0.0.1:8080")
        return value

    @field_validator("contact")
    @classmethod
    def _fits_a_header(cls, value: str) -> str:
        if not (value.isascii() and value.isprintable()):
            raise ValueError("it goes into a request header: plain ASCII on one line")
        return value.strip()


class MeaningSettings(BaseModel):
    """How much the sentence encoder reads, where it is installed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    second_reader: bool = True  # the meaning of a story is read where terms and learnt words leave a doubt
    every_doubt: bool = True  # also where the doubt is small, and all that is about climate: better labels
    vectors_per_night: NonNegativeInt = 1000  # stories whose vectors are made at the end of a night

    @property
    def readers(self) -> dict[str, bool]:
        """Return who reads, as `config.topics.load_topics` is told."""
        return {"second_reader": self.second_reader, "every_doubt": self.every_doubt}


class AlertSettings(BaseModel):
    """Who is told when something needs a person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urls: tuple[SecretStr, ...] = ()  # apprise's addresses, with commas between; they hold secrets

    @field_validator("urls", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())


class WebSettings(BaseModel):
    """How the archive is shown in a browser."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    port: Annotated[int, Field(ge=0, le=65535)] = 4280
    names: tuple[str, ...] = ()  # HOST:PORT as a browser sends it, beside this machine's own
    token: SecretStr | None = None  # with it a person may sign in and work by hand; without, the pages only read

    @field_validator("names", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip().lower() for part in value.split(",") if part.strip())

    @field_validator("token")
    @classmethod
    def _is_long(cls, value: SecretStr | None) -> SecretStr | None:
        told = value.get_secret_value().strip() if value else None
        if told is not None and len(told) < LEAST_TOKEN:
            raise ValueError(f"it has {len(told)} characters, and needs {LEAST_TOKEN} that nobody can guess")
        return None if told is None else SecretStr(told)


class Settings(BaseModel):
    """All settings. Frozen; build it with `load_settings` (the environment) or by keyword (a test)."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    home: Path = Path("data")  # made absolute
    database_url: SecretStr | None = None  # default: archive.db in home; it may hold a password, so it is never shown
    feeds_file: Path | None = None  # default: the feeds.yaml that is installed with the program
    topics_file: Path | None = None  # default: the topics.yaml that is installed with the program
    nightly_cron: str = "15 4 * * *"  # 02:15 would fall into the clock change
    timezone: str = "UTC"  # of the schedule, and of the days in searches
    shards: Annotated[int, Field(ge=0, le=MAX_SHARDS)] = 0  # other workers that a night may be shared with
    pages: PageSettings = Field(default_factory=PageSettings)
    fetch: FetchSettings = Field(default_factory=FetchSettings)
    meaning: MeaningSettings = Field(default_factory=MeaningSettings)
    alerts: AlertSettings = Field(default_factory=AlertSettings)
    web: WebSettings = Field(default_factory=WebSettings)

    @property
    def sqlalchemy_url(self) -> str:
        """Return the database's address with its password: for the engine alone, not for a log."""
        if self.database_url is None:
            return f"sqlite:///{self.home / 'archive.db'}"
        return self.database_url.get_secret_value()

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone in which days begin."""
        return ZoneInfo(self.timezone)

    @field_validator("home", "feeds_file", "topics_file")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value and value.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _is_known_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and value.get_secret_value().partition("://")[0] not in DATABASE_SCHEMES:
            raise ValueError(f"it must begin with one of {', '.join(f'{scheme}://' for scheme in DATABASE_SCHEMES)}")
        return value

    @field_validator("shards")
    @classmethod
    def _has_a_server(cls, value: int, info: ValidationInfo) -> int:
        url = info.data.get("database_url")
        if value and (url is None or url.get_secret_value().startswith("sqlite")):
            raise ValueError("a night is shared out on PostgreSQL alone: set CLIMATE_ARCHIVE_DATABASE_URL too")
        return value

    @field_validator("nightly_cron")
    @classmethod
    def _is_schedule(cls, value: str) -> str:
        check_cron(value)
        return value

    @field_validator("timezone")
    @classmethod
    def _is_known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder, such as "Europe"
            raise ValueError("no such time zone; a name looks like Europe/Berlin") from None
        return value


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of an environment.

    By default that is the process's own, over the `.env` file of the working directory. Only names with our prefix
    are looked at, so that file may hold another program's settings too. An empty value means the default.

    Raises:
        ConfigError: A setting is misspelt or has an impossible value; one line per mistake.

    """
    given = _ours(_process_environment() if environ is None else environ)
    names = setting_names()
    if unknown := sorted(given.keys() - set(names)):
        raise ConfigError("\n".join(_misspelt(name, names) for name in unknown))
    try:
        return Settings.model_validate(_nested(given))
    except ValidationError as error:
        raise ConfigError("\n".join(_sentence(detail) for detail in error.errors(include_url=False))) from None


def setting_names() -> tuple[str, ...]:
    """Return the name of every environment variable that is a setting, in the order of the fields."""
    return tuple(_names(Settings, PREFIX))


def _names(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for field_name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _names(kind, f"{prefix}{field_name.upper()}__")
        else:
            yield prefix + field_name.upper()


def _nested(given: Mapping[str, str]) -> dict[str, Any]:
    """Return values by field; those of a group stand in a mapping of their own."""
    values: dict[str, Any] = {}
    for name, value in given.items():
        group, is_grouped, field_name = name.removeprefix(PREFIX).lower().rpartition("__")
        (values.setdefault(group, {}) if is_grouped else values)[field_name] = value
    return values


def _process_environment() -> dict[str, str]:
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


def _ours(environ: Mapping[str, str]) -> dict[str, str]:
    named = {name.upper(): value for name, value in environ.items() if name.upper().startswith(PREFIX)}
    known = setting_names()
    # An empty misspelt name is still misspelt.
    return {name: value for name, value in named.items() if value.strip() or name not in known}


def _misspelt(name: str, names: tuple[str, ...]) -> str:
    """Name the setting most like a wrong name, and every other one that is hardly less like it."""
    word = name.removeprefix(PREFIX)
    ratios = {known: difflib.SequenceMatcher(None, known.removeprefix(PREFIX), word).ratio() for known in names}
    best = max(ratios.values())
    near = [known for known in sorted(names, key=lambda known: -ratios[known]) if ratios[known] > best - _AS_NEAR]
    return f"{name} is not a setting; did you mean {' or '.join(near[:_MOST_NAMED])}?"


def _sentence(detail: ErrorDetails) -> str:
    name = PREFIX + "__".join(str(part).upper() for part in detail["loc"])
    reason = detail["msg"].removeprefix("Value error, ")
    shown = "" if detail["loc"] in _SECRET else f" (it is {str(detail['input'])!r})"
    return f"{name}: {reason}{shown}."
