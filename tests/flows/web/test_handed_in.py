"""What was handed in stands under its publisher's site, nowhere under the name of a source."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from msgspec.structs import replace

from config.settings import Secret, Settings
from flows.cli.archive import raw_store
from flows.web.app import make_app
from flows.web.reading import ReadingRoom
from flows.web.safety import names_of
from models.migrations.migrate import upgrade
from models.storage.database import create_database_engine, write_transaction
from tests.builders import Archive, Piece
from tests.flows.web.conftest import NOW, Reader

SEA = Piece(url="https://www.paper.example/sea", authors=())
CLIPPING = Piece(title="A dike of clay", text="The dike is raised, for the sea level rises.", url=None, authors=())
SHOWN = replace(CLIPPING, title="Methane leaks", text="Methane leaks from the wells.", url="https://one.example/red")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, archive_of: Callable[[Path], str]) -> Iterator[Reader]:
    """Give a reader of an archive in which two stories were handed in, and another one is a feed's too."""
    home = tmp_path_factory.mktemp("handed-in")
    url = archive_of(home)
    engine = create_database_engine(url)
    upgrade(engine)
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.night(archive.feed("one"), SHOWN)
        archive.night(archive.import_source("import:box"), SEA, CLIPPING, SHOWN)
    settings = Settings(home=home, database_url=Secret(url))
    room = ReadingRoom(settings=settings, engine=engine, raw=raw_store(settings), clock=lambda: NOW)
    yield Reader(make_app(room, names_of("127.0.0.1", 4280, ())))
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "outlet"),
    [(SEA.url, "paper.example"), (SHOWN.url, "One")],
    ids=["by its site", "by the feed that shows it too"],
)
def test_a_story_is_cited_by_its_publisher(reader: Reader, url: str, outlet: str) -> None:
    """In each form, and above its text."""
    place = reader.get(f"/story/{url}").headers["location"]
    apa, bibtex, ris, csl = (reader.get(f"{place}/cite?as={form}").text for form in ("apa", "bibtex", "ris", "csl"))
    assert apa.startswith(f"{outlet} (2026, July 14). ")
    assert f"journal = {{{outlet}}}" in bibtex
    assert f"T2  - {outlet}\r\n" in ris
    assert f'"container-title": "{outlet}"' in csl
    story = BeautifulSoup(reader.get(place).text, "lxml")
    assert [one.get_text() for one in story.select(".byline span")][:1] == [outlet]


def test_a_text_without_an_address_has_no_outlet(reader: Reader) -> None:
    """It is cited by its title, and said to be handed in."""
    place = reader.get("/story/3").headers["location"]
    assert reader.get(f"{place}/cite?as=apa").text == "A dike of clay (2026, July 14).\n"
    assert "journal" not in reader.get(f"{place}/cite?as=bibtex").text


@pytest.mark.parametrize(
    "path", ["/", "/search", "/outlets", "/outlets/import:box", "/runs/latest", "/story/2", "/story/3"]
)
def test_no_page_takes_a_source_for_an_outlet(reader: Reader, path: str) -> None:
    """The words import:box are in addresses alone."""
    answer = reader.get(path)
    page = BeautifulSoup(reader.get(answer.headers.get("location", path)).text, "lxml")
    assert "import:box" not in page.get_text().lower()


def test_a_list_names_the_site(reader: Reader) -> None:
    """It leads to what was handed in together."""
    page = BeautifulSoup(reader.get("/search?order=newest").text, "lxml")
    links = {(link.get_text(), link["href"]) for link in page.select("article.card .facts a")}
    assert links == {
        ("paper.example", "/outlets/import%3Abox"),
        ("handed in (box)", "/outlets/import%3Abox"),
        ("One", "/outlets/one"),
    }
