"""The archive as the pages read it: one consistent view a request, and counts that are kept for a minute."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Any, Final, NamedTuple, TypeVar, cast
from zoneinfo import ZoneInfo

from fastapi import Request
from msgspec import Struct, field
from sqlalchemy import Connection, Engine

from config.settings import Settings
from models.storage.database import snapshot
from models.storage.raw_store import RawStore

_KEPT_S: Final = 60.0  # how long a count may be behind what was written
_MOST_KEPT: Final = 256
_T = TypeVar("_T")


class _Kept(NamedTuple):
    """Something on the shelf."""

    at: float
    mark: object
    value: Any


class Shelf(Struct, frozen=True):
    """What is counted over all stories, kept for a minute: every page shows it, and a run or a person changes it."""

    clock: Callable[[], float] = time.monotonic
    _kept: dict[object, _Kept] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: object, make: Callable[[], _T], mark: object = None) -> _T:
        """Return what is kept under a key, made anew where it is older than a minute.

        With a mark, which changes with all that it is made of, it is kept for as long as the mark stays the same.
        """
        now = self.clock()
        with self._lock:
            held = self._kept.get(key)
        if held is not None and (now - held.at < _KEPT_S or (mark is not None and mark == held.mark)):
            return cast("_T", held.value)
        made = make()
        with self._lock:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = _Kept(now, mark, made)
        return made

    def clear(self) -> None:
        """Give up what is kept: a person has changed something, and looks whether it is so."""
        with self._lock:
            self._kept.clear()


class ReadingRoom(Struct, frozen=True, kw_only=True):
    """An open archive and how it is shown."""

    settings: Settings
    engine: Engine
    raw: RawStore
    clock: Callable[[], datetime]  # gives aware moments
    shelf: Shelf = field(default_factory=Shelf)

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone in which moments are shown and days begin."""
        return self.settings.zone

    @contextmanager
    def view(self) -> Iterator[Connection]:
        """Open one consistent view of the archive. Raise StorageError."""
        with snapshot(self.engine) as connection:
            yield connection


def room_of(request: Request) -> ReadingRoom:
    """Return the archive that an application shows."""
    return cast("ReadingRoom", request.app.state.room)
