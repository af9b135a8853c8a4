"""Nights over the demo site and over a site that can misbehave, each into an archive of its own."""

import os
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine

from flows.demo.server import DemoSite
from tests.flows.ingest.one_feed import Feed
from tests.nights import Nights
from tests.site.server import Site


@pytest.fixture(autouse=True)
def _one_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a night start one worker process: they read little, and starting one is most of it."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)


@pytest.fixture
def demo_nights(demo_site: DemoSite, tmp_path: Path, database_url: str) -> Nights:
    """Give nights over the demo site."""
    feeds = yaml.safe_load(demo_site.feeds_yaml())["feeds"]
    return Nights(home=tmp_path / "home", database_url=database_url, allow=demo_site.address, feeds=feeds)


@pytest.fixture
def nights(site: Site, tmp_path: Path, database_url: str) -> Nights:
    """Give nights over a site without feeds yet."""
    return Nights(home=tmp_path / "home", database_url=database_url, allow=site.address)


@pytest.fixture
def feed(nights: Nights, site: Site, engine: Engine) -> Feed:
    """Give a feed that is not served yet."""
    return Feed(nights, site, engine)
