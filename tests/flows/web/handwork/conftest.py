"""The real application over loopback HTTP, with a token in its settings, and people who come to it as browsers do."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from bs4 import BeautifulSoup
from fastapi import FastAPI
from msgspec import Struct, field
from sqlalchemy import Engine

from config.settings import Secret, Settings, WebSettings
from flows.cli.archive import raw_store
from flows.web.app import make_app
from flows.web.handwork.desk import HandworkContext
from flows.web.reading import ReadingRoom
from flows.web.safety import names_of
from flows.web.server import bound, url_of
from models.archive.ledger.runs import FeedOutcome, record_feed
from models.queries.acts import list_acts
from models.reports import FeedReport, FeedStatus, RunStatus
from models.storage.database import read_transaction, write_transaction
from tests.builders import Archive
from tests.flows.web.conftest import NOW, fill
from tests.nights import Clock

TOKEN = "a-token-that-nobody-guesses"
PROXY = "archive.example.org"


def routes_of(app: Any) -> FastAPI:
    """Return the application within what stands around it."""
    while not isinstance(app, FastAPI):
        app = getattr(app, "_app", None) or app.app
    return app


def every_route(app: Any) -> Iterator[tuple[str, set[str]]]:
    """Give each route of an application with its methods, however deep it stands; what is no route fails."""
    stands: list[Any] = list(routes_of(app).routes)
    while stands:
        one = stands.pop()
        if hasattr(one, "original_router"):
            stands += one.original_router.routes
        else:
            yield one.path, set(one.methods)


class Place(Struct):
    """An archive that is served."""

    url: str
    room: ReadingRoom
    clock: Clock
    app: FastAPI
    visitors: "list[Visitor]" = field(default_factory=list)

    @property
    def desk(self) -> HandworkContext:
        """Return what the work by hand keeps in memory."""
        desk: HandworkContext = self.app.state.desk
        return desk

    def acts(self) -> list[tuple[str, str, str]]:
        """Return who did what with which detail, the newest first."""
        with read_transaction(self.room.engine) as connection:
            return [(act.name, act.kind, act.detail) for act in list_acts(connection, 100)]

    def visitor(self) -> "Visitor":
        """Return somebody with a browser of their own."""
        self.visitors.append(Visitor(self.url))
        return self.visitors[-1]

    def ada(self) -> "Visitor":
        """Return somebody who is signed in as Ada."""
        ada = self.visitor()
        assert ada.sign_in("Ada").status_code == 303
        return ada


class Visitor:
    """A browser without scripts: it keeps cookies, and says with each form whose page sent it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url, trust_env=False, timeout=60)

    def get(self, path: str, **given: Any) -> httpx.Response:
        """Open a page."""
        return self.client.get(path, **given)

    def soup(self, path: str) -> Any:
        """Open a page that is there."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text[:1000]
        return BeautifulSoup(answer.text, "lxml")

    def key(self, path: str = "/hand") -> str:
        """Return what the forms of this session hold."""
        found = re.search(r'name="key" value="([0-9a-f]+)"', self.get(path).text)
        assert found
        return found[1]

    def post(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form of this session, from a page of these."""
        return self.client.post(path, data={"key": self.key()} | fields, headers={"origin": self.url})

    def sign_in(self, name: str = "Ada", token: str = TOKEN, **fields: str) -> httpx.Response:
        """Give name and token."""
        data = {"name": name, "token": token} | fields
        return self.client.post("/hand/sign-in", data=data, headers={"origin": self.url})


@contextmanager
def served(room: ReadingRoom, clock: Clock) -> Iterator[Place]:
    """Serve an archive's pages on loopback for as long as the context lasts."""
    sock = bound("127.0.0.1", 0)
    sock.listen()
    app = make_app(room, names_of("127.0.0.1", sock.getsockname()[1], (PROXY,)))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
    thread.start()
    try:
        yield (place := Place(url=url_of(sock), room=room, clock=clock, app=routes_of(app)))
    finally:
        for visitor in place.visitors:
            visitor.client.close()
        server.should_exit = True
        thread.join()


def fill_with_failure(engine: Engine) -> None:
    """Have three stories, a near miss, and a run in which one feed failed."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        fill(archive)
        run_id = archive.begin()
        failed = FeedReport(feed="two", status=FeedStatus.FAILED, reason="the server answered 503", error="TryLater")
        record_feed(connection, run_id, FeedOutcome(report=failed), archive.now)
        archive.end(run_id, RunStatus.COMPLETED_WITH_ERRORS)


def opened(engine: Engine, home: Path, **web: Any) -> tuple[ReadingRoom, Clock]:
    """Open an archive, with these settings of its pages."""
    home.mkdir(exist_ok=True)
    clock = Clock(NOW)
    url = engine.url.render_as_string(hide_password=False)
    settings = Settings(home=home, database_url=Secret(url), web=WebSettings(**web))
    return ReadingRoom(settings=settings, engine=engine, raw=raw_store(settings), clock=clock), clock


@pytest.fixture
def room_of_settings(engine: Engine, tmp_path: Path) -> Callable[..., tuple[ReadingRoom, Clock]]:
    """Give a way to open such an archive."""
    fill_with_failure(engine)
    return partial(opened, engine, tmp_path / "home")


@pytest.fixture
def place(room_of_settings: Callable[..., tuple[ReadingRoom, Clock]]) -> Iterator[Place]:
    """Serve it, with a token."""
    room, clock = room_of_settings(token=Secret(TOKEN))
    with served(room, clock) as place:
        yield place


def later(place: Place, **span: float) -> None:
    """Let time pass."""
    place.clock.now += timedelta(**span)


def uid_of(place: Place, words: str) -> str:
    """Return the uid of the story that a search finds first."""
    found = httpx.get(f"{place.url}/api/search", params={"q": words}, trust_env=False).json()
    uid: str = found["stories"][0]["uid"]
    return uid
