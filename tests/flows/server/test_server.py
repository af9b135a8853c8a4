"""Which Prefect server belongs to this archive: that of a `serve` at work, and no other that answers."""

import asyncio
import json
from pathlib import Path

import pytest

from config.settings import Settings
from flows.server.child import STOP_S
from flows.server.server import address_file, live_address, sole_server
from models.errors import LockHeld
from tests.site.behaviours import answer
from tests.site.server import Site


@pytest.fixture
def settings(tmp_path: Path, site: Site) -> Settings:
    """Give the settings of an archive in whose folder a killed `serve` left the address of a server that answers."""
    site.serve("/api/health", answer())
    found = Settings(home=tmp_path)
    _announce(found, site.url("/api"))
    return found


def _announce(settings: Settings, api_url: str) -> None:
    address_file(settings).write_text(json.dumps({"api_url": api_url, "ui_url": api_url.removesuffix("/api")}))


async def test_an_address_is_believed_while_serve_is_at_work(settings: Settings, site: Site) -> None:
    """What a killed one left behind is not: at its port may be anybody's server by now."""
    assert await asyncio.to_thread(live_address, settings) is None
    with sole_server(settings):
        assert await asyncio.to_thread(live_address, settings) is None
        _announce(settings, site.url("/api"))
        assert await asyncio.to_thread(live_address, settings) == site.url("/api")
    assert await asyncio.to_thread(live_address, settings) is None


def test_an_archive_is_served_once(settings: Settings) -> None:
    """The second `serve` is told of the first, and where its pages are."""
    told = r"process \d+, serve\. Its pages are at http://127\.0\.0\.1:4200\.$"
    with sole_server(settings):
        _announce(settings, "http://127.0.0.1:4200/api")
        with pytest.raises(LockHeld, match=told), sole_server(settings):
            pass


def test_an_end_in_good_order_has_its_deadlines() -> None:
    """Runs are closed and the server is ended within the 15 s that are promised, with some for all else."""
    # Here, so that collecting the quick tests does not import Prefect.
    from flows.server.serve import END_S

    assert END_S + STOP_S <= 10
