"""A small archive with two documents on each kind of database, and empty places on either to restore it into."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from msgspec import Struct
from sqlalchemy import Engine

from models.archive.ledger.documents import Document, record_document
from models.backup.restoring import Restored, restore_backup
from models.backup.taking import Archive, BackupContext, Taken, take_backup
from models.storage.database import create_database_engine, write_transaction
from models.storage.raw_store import RawStore
from tests import builders
from tests.builders import NOON, Piece

PAGE, FEED = b"<html>page</html>", b"<rss/>"
_Item = TypeVar("_Item")


def digest_of(body: bytes) -> str:
    """Return a body's name."""
    return hashlib.sha256(body).hexdigest()


def unseen(items: Iterable[_Item], total: int, what: str) -> Iterator[_Item]:
    """Show nobody how far it has come."""
    yield from items


class Place(Struct, frozen=True):
    """An archive, or room for one."""

    home: Path
    engine: Engine

    @property
    def archive(self) -> Archive:
        """Return it as the backup knows it."""
        return Archive(engine=self.engine, raw=self.raw)

    @property
    def raw(self) -> RawStore:
        """Return its documents."""
        return RawStore(self.home / "raw", self.home / "tmp")

    def back_up(self, folder: Path, show: Any = unseen) -> Taken:
        """Take a backup of it."""
        return take_backup(self.archive, folder, BackupContext(now=NOON, software="test"), show)

    def restore(self, folder: Path) -> Restored:
        """Make it of a backup."""
        return restore_backup(folder, self.archive, self.home / "tmp", NOON, unseen)

    def keep(self, body: bytes, kind: str = "page") -> str:
        """Have it keep a document."""
        digest = self.raw.put(body)
        with write_transaction(self.engine) as connection:
            document = Document(digest=digest, kind=kind, content_type="", size_bytes=len(body))
            record_document(connection, document, NOON)
        return digest


@pytest.fixture
def full(tmp_path: Path, engine: Engine) -> Place:
    """Give an archive of four stories, of which the first has become part of the third, and two documents."""
    return filled(Place(tmp_path / "full", engine))


def filled(place: Place) -> Place:
    """Fill an archive that has its tables, in the same way each time."""
    with write_transaction(place.engine) as connection:
        archive = builders.Archive(connection)
        one = archive.feed("one")
        for number in range(4):
            when = NOON + timedelta(hours=number)
            url = f"https://one.example/{number}"
            archive.night(one, Piece(title=f"Sea {number}", text=f"Text {number}.", url=url, published_at=when))
        archive.alter(1, merged_into=3)
    place.keep(PAGE)
    place.keep(FEED, "feed")
    return place


@pytest.fixture
def folder(full: Place, tmp_path: Path) -> Path:
    """Give a folder with a backup of it."""
    full.back_up(tmp_path / "backup")
    return tmp_path / "backup"


@pytest.fixture
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Place]]:
    """Give a way to make an empty place on a kind of database."""
    with ExitStack() as opened:

        def make(kind: str) -> Place:
            home = tmp_path / f"room on {kind}"
            home.mkdir()
            is_file = kind == "sqlite"
            url = f"sqlite:///{home}/archive.db" if is_file else request.getfixturevalue("postgresql_server").create()
            engine = create_database_engine(url)
            opened.callback(engine.dispose)
            return Place(home, engine)

        yield make


@pytest.fixture
def empty(room: Callable[[str], Place], dialect: str) -> Place:
    """Give an empty place on the same kind of database."""
    return room(dialect)
