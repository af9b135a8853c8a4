"""Fixtures of the loopback site."""

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from flows.steps.fetch import Fetcher
from tests.site.server import Site
from tests.site.visitor import HASTY, PATIENT, Pauses, allowing, visitor


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """Serve an empty site; tests give it handlers."""
    async with Site() as started:
        yield started


@pytest.fixture
async def canary() -> AsyncIterator[Site]:
    """Serve a site on a private address that nobody may touch; touching it fails the test."""
    async with Site() as started:
        yield started
    assert started.connections == 0, "the canary was touched"


@pytest.fixture
def pauses() -> Pauses:
    """Note what the fetcher would have slept."""
    return Pauses()


@pytest.fixture
async def fetcher(site: Site, pauses: Pauses) -> AsyncIterator[Fetcher]:
    """Open a fetcher that may ask the site, and waits for it."""
    async with visitor(pauses, replace(PATIENT, allow_private=allowing(site))) as opened:
        yield opened


@pytest.fixture
async def hasty_fetcher(site: Site, pauses: Pauses) -> AsyncIterator[Fetcher]:
    """Open a fetcher that may ask the site, and soon gives up waiting."""
    async with visitor(pauses, replace(HASTY, allow_private=allowing(site))) as opened:
        yield opened
