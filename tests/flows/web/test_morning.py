"""This morning, of a night that brought more than one screen holds."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from bs4 import BeautifulSoup
from msgspec.structs import replace
from sqlalchemy import update

from config.settings import Secret, Settings
from flows.cli.archive import raw_store
from flows.web.app import make_app
from flows.web.reading import ReadingRoom
from models.migrations.migrate import upgrade
from models.storage.database import create_database_engine, write_transaction
from models.tables.feeds import Feed
from models.tables.keys import table_of
from tests.builders import Archive, Piece
from tests.flows.web.conftest import ADDRESS, NOW, Reader

MANY = 14  # more than are shown


def test_what_is_not_shown_is_counted(tmp_path: Path, archive_of: Callable[[Path], str]) -> None:
    """Corrections and the feeds that need a person: the numbers are those of the night, each name leads to its feed."""
    url = archive_of(tmp_path)
    engine = create_database_engine(url)
    upgrade(engine)
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        feed = archive.feed("one")
        pieces = [
            Piece(title=f"Story {at}", text=f"The sea rose by {at} mm.", url=f"https://one.example/{at}")
            for at in range(MANY)
        ]
        archive.night(feed, *pieces)
        archive.now += timedelta(days=1)
        archive.night(feed, *(replace(piece, text=f"{piece.text} Nobody is sure.") for piece in pieces))
        connection.execute(update(table_of(Feed)).values(state="gone"))
    settings = Settings(home=tmp_path, database_url=Secret(url))
    room = ReadingRoom(settings=settings, engine=engine, raw=raw_store(settings), clock=lambda: NOW)
    page = BeautifulSoup(Reader(make_app(room, [ADDRESS])).get("/").text, "lxml")
    engine.dispose()
    lead, side = page.select_one(".lead"), page.select_one(".front-side")
    assert lead is not None
    assert side is not None
    assert f"{MANY} corrections" in lead.get_text()
    assert len(side.select(".correction")) == 12
    assert "2 more of this night" in side.get_text()
    assert side.select_one('.plain-list a[href="/outlets/one"]') is not None
