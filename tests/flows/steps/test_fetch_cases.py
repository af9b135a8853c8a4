"""Every row of the site's table comes to what the table says."""

import pytest
from msgspec.structs import replace

from tests.site.cases import CASES, Case
from tests.site.server import Site
from tests.site.visitor import HASTY, PATIENT, Pauses, allowing, visitor


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.kind}: {case.name}") for case in CASES])
async def test_case(case: Case, site: Site, pauses: Pauses) -> None:
    """A misbehaving server ends in the named error or in its document, after the number of requests that is due."""
    limits = replace(HASTY if case.is_silent else PATIENT, allow_private=allowing(site))
    async with visitor(pauses, limits) as fetcher:
        result = await fetcher.fetch_feed(site.serve(case.path, case.handler))

    assert (result.problem.error if result.problem else None) == case.error
    assert result.status == case.status
    assert len(site.log) == len(result.requests) == case.requests
    if case.error is None:
        assert result.body == case.body
        assert result.is_complete is case.is_complete
    else:
        assert result.body is None


def test_paths_are_distinct() -> None:
    """No two cases are served under one path."""
    assert len({case.path for case in CASES}) == len(CASES)
