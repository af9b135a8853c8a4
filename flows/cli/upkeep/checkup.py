"""Check the installation, one item after the other. Nothing is changed."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Final

from msgspec import Struct
from packaging.requirements import Requirement

from config.feeds import load_feeds
from config.settings import Settings, load_settings
from config.topics import load_topics
from config.watches import load_watches
from flows.cli.archive import archive_reading, existing_engine, has_archive, raw_store
from flows.upkeep.telling.delivery import unreadable
from flows.upkeep.telling.health import LOW_SPACE_BYTES
from flows.upkeep.telling.watch_people import people
from models.errors import ArchiveError, ConfigError, StorageError
from models.queries.filters import StoryFilter, count_stories
from models.queries.ledger.documents import count_documents
from models.wording import counted

OLDEST_PYTHON: Final = (3, 11)
NO_SPACE_BYTES: Final = 200_000_000  # a night may fill it
_OTHERS: Final = 0o077  # the bits of a file's mode for those who are not its owner
_PACKAGE: Final = "climate-archive"


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class Check(Struct, frozen=True):
    """One thing that was looked at."""

    check: str
    status: Level
    message: str


_Look = Callable[[Settings], tuple[Level, str]]


def checkup() -> list[Check]:
    """Look at everything; without readable settings, only at what needs none."""
    checks = [Check("python", *_python()), Check("packages", *_packages())]
    try:
        settings = load_settings()
    except ConfigError as error:
        return [*checks, Check("settings", Level.PROBLEM, str(error))]
    return [*checks, *(Check(name, *_seen(look, settings)) for name, look in _LOOKS.items())]


def _seen(look: _Look, settings: Settings) -> tuple[Level, str]:
    try:
        return look(settings)
    except ArchiveError as error:
        return Level.PROBLEM, str(error)
    except OSError as error:  # a place that cannot even be looked at
        return Level.PROBLEM, f"{error.filename}: {error.strerror}."


def _python() -> tuple[Level, str]:
    level = Level.OK if sys.version_info >= OLDEST_PYTHON else Level.PROBLEM
    return level, f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def _packages() -> tuple[Level, str]:
    try:
        declared = metadata.requires(_PACKAGE) or []
    except metadata.PackageNotFoundError:
        return Level.WARNING, f"{_PACKAGE} runs from its folder and is not installed: its packages cannot be compared."
    wrong = [problem for line in declared if (problem := _mismatch(Requirement(line)))]
    if wrong:
        return Level.PROBLEM, f"Install it again: {'; '.join(wrong)}"
    return Level.OK, f"{_PACKAGE} {metadata.version(_PACKAGE)}, {counted(len(declared), 'package')} as declared"


def _mismatch(wanted: Requirement) -> str | None:
    if wanted.marker is not None and not wanted.marker.evaluate():
        return None
    try:
        found = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return f"{wanted.name} is missing"
    return None if wanted.specifier.contains(found, prereleases=True) else f"{wanted} is needed, {found} is there"


def _settings(settings: Settings) -> tuple[Level, str]:
    if not settings.fetch.contact:
        advice = "set CLIMATE_ARCHIVE_FETCH__CONTACT to an address, so that publishers can reach you"
        return Level.WARNING, f"All are readable; {advice}."
    return Level.OK, f"All are readable; contact {settings.fetch.contact}"


def _alerts(settings: Settings) -> tuple[Level, str]:
    addresses = [url.revealed() for url in settings.alerts.urls]
    if not addresses and settings.alerts.brief:
        return (
            Level.WARNING,
            "CLIMATE_ARCHIVE_ALERTS__BRIEF sends the brief to nobody: CLIMATE_ARCHIVE_ALERTS__URLS is empty",
        )
    if not addresses:
        return Level.OK, "nobody is told of trouble: CLIMATE_ARCHIVE_ALERTS__URLS is empty"
    wrong = [f"address {place} of {len(addresses)}: {why}" for place, why in _unreadable(addresses)]
    if wrong:
        return Level.PROBLEM, f"CLIMATE_ARCHIVE_ALERTS__URLS, {'; '.join(wrong)}."
    return (
        Level.OK,
        f"{counted(len(addresses), 'address', 'addresses')}; `climate-archive health --test-alert` tries them",
    )


def _watches(settings: Settings) -> tuple[Level, str]:
    if settings.watches_file is None:
        return Level.OK, "none: CLIMATE_ARCHIVE_WATCHES_FILE names no file"
    listed = load_watches(settings)
    wrong = [f"{one.name}: {one.problem}" for one in people(settings, listed) if one.problem]
    if wrong:
        return Level.PROBLEM, f"{settings.watches_file}, {'; '.join(wrong)}."
    return Level.OK, f"{counted(len(listed), 'watch', 'watches')} in {settings.watches_file}"


def _unreadable(addresses: Sequence[str]) -> Iterator[tuple[int, str]]:
    for place, address in enumerate(addresses, start=1):
        if why := unreadable(address):
            yield place, why


def _secrets(_settings: Settings) -> tuple[Level, str]:
    file = Path(".env")
    if file.is_file() and file.stat().st_mode & _OTHERS:
        return Level.WARNING, f"{file.absolute()} can be read by others, and may hold passwords: chmod 600 it."
    return Level.OK, "no file with secrets is open to others"


def _feeds(settings: Settings) -> tuple[Level, str]:
    return (
        Level.OK,
        f"{counted(len(load_feeds(settings.feeds_file)), 'feed')} in {settings.feeds_file or 'the installed list'}",
    )


def _topics(settings: Settings) -> tuple[Level, str]:
    taxonomy = load_topics(settings.topics_file)
    return Level.OK, f"{counted(len(taxonomy.topics), 'topic')} in {settings.topics_file or 'the installed list'}"


def _folder(settings: Settings) -> tuple[Level, str]:
    folder = _existing(settings.home)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return Level.PROBLEM, f"{folder} cannot be written: give yourself the right, or set CLIMATE_ARCHIVE_HOME."
    return Level.OK, str(settings.home) if folder == settings.home else f"{settings.home} will be made"


def _space(settings: Settings) -> tuple[Level, str]:
    free = shutil.disk_usage(_existing(settings.home)).free
    levels = {Level.PROBLEM: NO_SPACE_BYTES, Level.WARNING: LOW_SPACE_BYTES}
    level = next((level for level, least in levels.items() if free < least), Level.OK)
    return level, f"{free / 1e9:.1f} GB free"


def _database(settings: Settings) -> tuple[Level, str]:
    if not has_archive(settings):
        return Level.OK, "none yet: the first run makes it"
    with existing_engine(settings) as engine:
        name = engine.dialect.name
    with archive_reading(settings) as connection:
        stories = counted(count_stories(connection, StoryFilter()), "story", "stories")
        return Level.OK, f"{name}, at today's tables, {stories}"


def _raw_store(settings: Settings) -> tuple[Level, str]:
    if not has_archive(settings):
        return Level.OK, "none yet: the first run makes it"
    with archive_reading(settings) as connection:
        named = count_documents(connection)
    stored = sum(1 for _ in raw_store(settings).digests())
    if stored < named:
        raise StorageError(f"{named - stored} of {named} documents are missing: `climate-archive verify` names them.")
    return Level.OK, counted(stored, "document")


_LOOKS: Final[dict[str, _Look]] = {
    "settings": _settings,
    "secrets": _secrets,
    "alerts": _alerts,
    "feeds": _feeds,
    "topics": _topics,
    "watches": _watches,
    "data folder": _folder,
    "disk space": _space,
    "database": _database,
    "raw store": _raw_store,
}


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest above it that is there."""
    return next(one for one in _upwards(folder) if one.exists())


def _upwards(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.parents
