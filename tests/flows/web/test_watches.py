"""The pages of saved searches: what each looks for, what has met it, and that as a feed."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from msgspec.structs import replace
from sqlalchemy import delete, insert

from config.settings import PREFIX, Secret, Settings
from flows.cli.archive import raw_store
from flows.cli.main import cli
from flows.upkeep.telling.after_night import look_after
from flows.web.app import make_app
from flows.web.reading import ReadingRoom, Shelf
from flows.web.safety import names_of
from models.migrations.migrate import upgrade
from models.queries.ledger.runs import run_report
from models.storage.database import create_database_engine, read_transaction, write_transaction
from models.tables.keys import table_of
from models.tables.watches import WatchMatch
from tests.builders import Archive
from tests.flows.web.conftest import NOW, Reader, fill

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
WATCHES = """watches:
  - {name: sea, query: sea, languages: [en], to: [atom, NEWSROOM]}
  - {name: near, topics: policy, feeds: two, to: NEWSROOM}
"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, archive_of: Callable[[Path], str]) -> Iterator[ReadingRoom]:
    """Give an open archive of two nights, of which the first was told to nobody: the address is not there."""
    home = tmp_path_factory.mktemp("watched")
    url = archive_of(home)
    feeds = "".join(f"  - {{id: {name}, name: {name}, url: 'https://{name}.example'}}\n" for name in ("one", "two"))
    (home / "feeds.yaml").write_text(f"feeds:\n{feeds}")
    (home / "watches.yaml").write_text(WATCHES)
    engine = create_database_engine(url)
    upgrade(engine)
    with write_transaction(engine) as connection:
        fill(Archive(connection))
    settings = Settings(
        home=home, database_url=Secret(url), feeds_file=home / "feeds.yaml", watches_file=home / "watches.yaml"
    )
    with read_transaction(engine) as connection:
        first = run_report(connection, 1)
    look_after(settings, first, lambda _address, _title, _text: None)
    yield ReadingRoom(settings=settings, engine=engine, raw=raw_store(settings), clock=lambda: NOW)
    engine.dispose()


@pytest.fixture
def reader(watched: ReadingRoom) -> Reader:
    """Give a reader of the pages, of which nothing is kept from before."""
    return Reader(make_app(replace(watched, shelf=Shelf()), names_of("127.0.0.1", 4280, ())))


def soup_of(reader: Reader, path: str) -> Any:
    """Return a page, parsed."""
    answer = reader.get(path)
    assert answer.status_code == 200, answer.text[:2000]
    assert len(BeautifulSoup(answer.text, "lxml").find_all("h1")) == 1
    return BeautifulSoup(answer.text, "lxml")


def test_watches_are_listed_with_what_met_them(reader: Reader) -> None:
    """Each leads to its stories, to the search it is, and to its feed, where it has one."""
    rows = soup_of(reader, "/watches").select("tbody tr")
    assert [row.th.a.get_text() for row in rows] == ["sea", "near"]
    assert [row.select_one("td.n").get_text() for row in rows] == ["1", "1"]
    assert [row.select_one(".badge").get_text() for row in rows] == ["not taken", "not taken"]
    assert [link["href"] for link in rows[0].find_all("a")] == [
        "/watches/sea",
        "/search?q=sea&lang=en&order=newest",
        "/watches/sea.atom",
    ]
    assert rows[1].select_one("td.long a")["href"] == "/search?topic=policy&feed=two&order=newest"


def test_a_watch_shows_its_stories_and_who_was_told(reader: Reader) -> None:
    """The latest match first; the reason why nothing was taken names the variable alone."""
    page = soup_of(reader, "/watches/sea")
    assert [head.get_text() for head in page.select(".card h3")] == ["Sea level rises"]
    assert "1 story not taken: there is no such variable" in page.select_one("#told + ul").get_text()
    assert page.select_one('link[rel="alternate"]')["href"] == "/watches/sea.atom"
    assert soup_of(reader, "/watches/sea?after=2020-01-01T00:00:00%2B00:00~1~").select(".card") == []


def test_a_watch_is_followed_as_a_feed(reader: Reader) -> None:
    """Under a name of its own, and the same bytes as long as nothing more meets it."""
    answer = reader.get("/watches/sea.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed: Any = BeautifulSoup(answer.content, "xml").feed
    assert feed.find("id", recursive=False).get_text() == "urn:climate-archive:watch:sea"
    assert feed.title.get_text() == "Climate news archive: sea"
    assert [entry.title.get_text() for entry in feed.find_all("entry")] == ["Sea level rises"]
    assert reader.get("/watches/sea.atom").headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize("path", ["/watches/none", "/watches/none.atom", "/watches/near.atom", "/watches/sea.rss"])
def test_what_is_no_watch_is_said(reader: Reader, path: str) -> None:
    """A name that is none, and one that is no feed."""
    assert reader.get(path).status_code == 404


def test_a_list_with_mistakes_names_no_path(reader: Reader, watched: ReadingRoom) -> None:
    """The page says which command names the mistake; without a file it says how to begin."""
    broken = watched.settings.home / "broken.yaml"
    broken.write_text("watches: {}\n")
    for file, said in ((broken, "watches check"), (None, "CLIMATE_ARCHIVE_WATCHES_FILE")):
        settings = replace(watched.settings, watches_file=file)
        other = Reader(make_app(replace(watched, settings=settings, shelf=Shelf()), names_of("127.0.0.1", 4280, ())))
        text = soup_of(other, "/watches").select_one(".nothing").get_text()
        assert said in text
        assert "broken.yaml" not in text
        assert soup_of(other, "/health").h1
        answer = other.get("/api/watches")
        assert (answer.status_code, "broken.yaml" in answer.text) == (503 if file else 200, False)


def test_a_run_says_whom_it_told(reader: Reader) -> None:
    """On its page as in the API."""
    assert "NEWSROOM took nothing of the watch sea (1 story)" in soup_of(reader, "/runs/1").get_text()
    assert [one["watch"] for one in reader.get("/api/runs/1").json()["notices"]] == ["sea", "near"]


@pytest.mark.parametrize(
    ("arguments", "path"),
    [(("watches", "list"), "/api/watches"), (("watches", "show", "sea"), "/api/watches/sea")],
    ids=["list", "show"],
)
def test_the_api_says_of_watches_what_the_commands_print(
    reader: Reader,
    watched: ReadingRoom,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    path: str,
) -> None:
    """The same names, the same values; a watch besides where its next page is."""
    for name in ("HOME", "DATABASE_URL", "FEEDS_FILE", "WATCHES_FILE"):
        value = "sqlalchemy_url" if name == "DATABASE_URL" else name.lower()
        monkeypatch.setenv(f"{PREFIX}{name}", str(getattr(watched.settings, value)))
    printed = json.loads(CliRunner().invoke(cli, [*arguments, "--json"]).stdout)
    answered = reader.get(path).json()
    assert answered == (printed if isinstance(printed, list) else printed | {"next": None})


def test_a_watch_is_read_page_by_page(reader: Reader, watched: ReadingRoom) -> None:
    """By `next`, until it is null; a name that is none, and a place that is none, are refused as everywhere."""
    with write_transaction(watched.engine) as connection:
        again = {"watch": "sea", "story_id": 3, "matched_at": LONG_AGO, "is_known": False}
        added = connection.execute(insert(table_of(WatchMatch)).values(again)).inserted_primary_key
    path: str | None = "/api/watches/sea?limit=1"
    seen = []
    while path:
        answer = reader.get(path).json()
        seen += [one["title"] for one in answer["matches"]]
        path = answer["next"]
    with write_transaction(watched.engine) as connection:
        assert added is not None
        connection.execute(delete(table_of(WatchMatch)).where(table_of(WatchMatch).c.id == added[0]))
    assert seen == ["Sea level rises", "El mar sube"]
    assert reader.get("/api/watches/none").status_code == 404
    assert reader.get("/api/watches/sea?after=1~2").status_code == 400
