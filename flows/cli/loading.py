"""How a command's modules are imported."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Objects made between two looks for garbage. By default they are 700: a night keeps thousands of each feed for a while,
# of which nearly nothing refers to itself, and is looked through again and again.
_SELDOM: Final = 20_000


@contextmanager
def loading() -> Iterator[None]:
    """Import what is imported within. Nothing of it is garbage, ever: to look for some is a twentieth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_SELDOM)
        gc.enable()
