"""The steps that the jobs run. A process that forks workers loads them, so that each has them."""

import sys
from importlib import import_module
from typing import Final

from models.later import stand_in

_OF_FEEDS: Final = ("changes", "classify", "clean", "copies", "parse")
_OF_PAGES: Final = ("captures", "documents", "extract")
# BeautifulSoup imports it for whoever finds tags by CSS, which no step does: a fifth of all that is imported here.
_FOR_CSS: Final = "soupsieve"


def load_steps() -> None:
    """Load what feeds are read with."""
    sys.modules.setdefault(_FOR_CSS, stand_in(_FOR_CSS))
    _load(_OF_FEEDS)


def load_page_steps() -> None:
    """Load what pages, and documents that are handed in, are read with; a feed needs nothing of it."""
    _load(_OF_PAGES)


def _load(steps: tuple[str, ...]) -> None:
    for step in steps:
        import_module(f"flows.steps.{step}")
