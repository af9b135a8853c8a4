"""The demo site, running, and a client that reads it."""

from collections.abc import Iterator

import pytest

from flows.demo.server import DemoSite
from tests.flows.demo.reader import Reader


@pytest.fixture
def site() -> Iterator[DemoSite]:
    """Run a site for one test."""
    with DemoSite() as running:
        yield running


@pytest.fixture
def reader(site: DemoSite) -> Reader:
    """Read that site."""
    return Reader(site)
