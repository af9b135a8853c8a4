"""What workers have loaded before their first call: as much as their run needs."""

from collections.abc import Callable

import pytest

from config.topics import read_topics
from flows.workers.jobs import prepare_for_archive, prepare_for_pages
from flows.workers.pool import JobPool
from tests.processes import PATIENCE_S

NAMES = ("flows.steps.clean", "trafilatura", "soupsieve.css_match")
LOADED = f"{{name: name in __import__('sys').modules for name in {NAMES}}}"
FOUND = "__import__('bs4').BeautifulSoup('<p class=lead>Ice</p>', 'lxml').select('p.lead')[0].text"


@pytest.mark.parametrize(
    ("initializer", "reads_pages"),
    [
        pytest.param(prepare_for_archive, False, id="feeds alone"),
        pytest.param(prepare_for_pages, True, id="pages too"),
    ],
)
async def test_workers_have_loaded_what_their_run_reads(
    initializer: Callable[..., object], *, reads_pages: bool
) -> None:
    """Not what only pages need where none is read, and nothing for finding tags by CSS, which is there all the same."""
    async with JobPool(initializer, read_topics(), {"second_reader": False}, "sqlite", processes=1) as pool:
        loaded = await pool.call(eval, LOADED, timeout_s=PATIENCE_S)
        assert loaded == {"flows.steps.clean": True, "trafilatura": reads_pages, "soupsieve.css_match": False}
        assert await pool.call(eval, FOUND, timeout_s=PATIENCE_S) == "Ice"
