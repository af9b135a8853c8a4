"""Nights over the demo site and over a site that can misbehave, each into an archive of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from flows.demo.server import DemoSite
from tests.nights import Nights
from tests.site.server import Site


@pytest.fixture
def demo_site() -> Iterator[DemoSite]:
    """Run the demo site for one test."""
    with DemoSite() as running:
        yield running


@pytest.fixture
def demo_nights(demo_site: DemoSite, tmp_path: Path, database_url: str) -> Nights:
    """Give nights over the demo site."""
    feeds = yaml.safe_load(demo_site.feeds_yaml())["feeds"]
    return Nights(home=tmp_path / "home", database_url=database_url, allow=demo_site.address, feeds=feeds)


@pytest.fixture
def nights(site: Site, tmp_path: Path, database_url: str) -> Nights:
    """Give nights over a site without feeds yet."""
    return Nights(home=tmp_path / "home", database_url=database_url, allow=site.address)
