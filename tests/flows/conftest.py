"""The demo site, for nights of whole runs."""

from collections.abc import Iterator

import pytest

from flows.demo.server import DemoSite


@pytest.fixture
def demo_site() -> Iterator[DemoSite]:
    """Run the demo site for one test."""
    with DemoSite() as running:
        yield running
