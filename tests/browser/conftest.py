"""A real browser on the pages of the demo's archive, served over loopback by the real server."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from config.settings import Secret, WebSettings
from flows.cli.archive import raw_store
from flows.demo.server import DemoSite
from flows.upkeep.telling.after_night import look_after
from flows.web.app import make_app
from flows.web.reading import ReadingRoom, Shelf
from flows.web.safety import names_of
from flows.web.server import bound, url_of
from models.storage.database import create_database_engine
from tests.answering import answering
from tests.nights import EVENING, Nights

playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
TOKEN = "a token that nobody guesses"  # of a site that is gone when the tests are over
WATCHES = """watches:
  - {name: mangroves, query: mangrove* OR seagrass, to: [atom]}
  - {name: clean-power, topics: [clean-energy], languages: [en, es], to: [atom]}
"""
NOW = EVENING + timedelta(days=1, hours=10)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser, and skip it by name where there is none."""
    here = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    for item in here:
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None:
            item.add_marker(
                pytest.mark.skip(reason="no Chromium on this machine: make test-browser says how to get one")
            )


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the data folder of the demo's archive."""
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="session")
def room(home: Path, archive_of: Callable[[Path], str], worker_processes: object) -> Iterator[ReadingRoom]:
    """Give the archive of two nights over the demo site, of which each looked for what is watched."""
    import asyncio

    (home / "watches.yaml").write_text(WATCHES)
    with DemoSite() as demo:
        url = archive_of(home)
        feeds = yaml.safe_load(demo.feeds_yaml())["feeds"]
        nights = Nights(home=home, database_url=url, allow=demo.address, feeds=feeds)
        settings = replace(nights.settings, watches_file=home / "watches.yaml")
        look_after(settings, asyncio.run(nights.run()), tell_nobody)
        demo.night = 2
        look_after(settings, asyncio.run(nights.after(1)), tell_nobody)
    engine = create_database_engine(url)
    yield ReadingRoom(settings=settings, engine=engine, raw=raw_store(settings), clock=lambda: NOW)
    engine.dispose()


def tell_nobody(_address: str, _title: str, _text: str) -> None:
    """Take what would be sent: these watches are feeds alone."""


@pytest.fixture(scope="session")
def site(room: ReadingRoom) -> Iterator[str]:
    """Serve it; give its address."""
    with _served(room) as url:
        yield url


@pytest.fixture(scope="session")
def site_with_hands(room: ReadingRoom) -> Iterator[str]:
    """Serve it to people who may work by hand, too."""
    settings = replace(room.settings, web=WebSettings(token=Secret(TOKEN)))
    with _served(replace(room, settings=settings, shelf=Shelf())) as url:
        yield url


@contextmanager
def _served(room: ReadingRoom) -> Iterator[str]:
    sock = bound("127.0.0.1", 0)
    app = make_app(room, names_of("127.0.0.1", sock.getsockname()[1], ()))
    with answering(app, sock):
        yield url_of(sock)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start a browser, and end it with its module: it holds the loop of this thread, in which no night can be then.

    The nights of the session are made before, where a test asks for them: what lasts longer is set up first.
    """
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Any, site: str) -> Iterator[Callable[..., Any]]:
    """Give a way to open a page of the archive, which must ask no other host and complain of nothing."""
    contexts: list[Any] = []
    asked: list[str] = []
    complaints: list[str] = []

    def show(path: str, *, width: int = 1280, script: bool = True, scheme: str = "light") -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{site}{path}", wait_until="load")
        return page

    yield show
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith(f"{site}/")] == []
    assert [said for said in complaints if "status of 404" not in said] == []
