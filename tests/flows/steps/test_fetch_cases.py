"""Every row of the site's table comes to what the table says."""

import pytest

from flows.steps.fetch import Fetcher
from tests.site.cases import CASES, Case
from tests.site.server import Site


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.kind}: {case.name}") for case in CASES])
async def test_case(case: Case, site: Site, fetcher: Fetcher) -> None:
    """A misbehaving server ends in the named error or in its document, after the number of requests that is due."""
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
