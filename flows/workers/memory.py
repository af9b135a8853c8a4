"""Give back to the system what a process has freed, which its allocator would keep."""

import gc
import resource
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

_GROWN_BYTES: Final = 16_000_000  # to give back costs a millisecond or two: less is not worth it


class Held:
    """What a process holds in memory, looked at after each piece of work."""

    def __init__(self) -> None:
        self._size_bytes = resident_bytes()

    def give_back(self) -> None:
        """Give back what a large piece of work took, or many small ones left in pieces, once it is much."""
        if resident_bytes() > self._size_bytes + _GROWN_BYTES:
            give_back_memory()
            self._size_bytes = resident_bytes()


def give_back_memory() -> None:
    """Give back all that is free, where the allocator is glibc's."""
    if trim := _trim():
        gc.collect()
        trim(0)


def resident_bytes() -> int:
    """Return what this process holds in memory; 0 where the system has no /proc."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


@cache
def _trim() -> Callable[[int], int] | None:
    # A Python may be built without ctypes, and one that is linked statically has nothing to load.
    try:
        import ctypes  # no small night needs it

        found: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    except (ImportError, OSError):
        return None
    return found
