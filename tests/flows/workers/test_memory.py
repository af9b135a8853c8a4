"""What a process has freed goes back to the system, where the allocator is one that would keep it."""

import ctypes

import pytest

from flows.workers.memory import Held, resident_bytes

pytestmark = pytest.mark.skipif(
    not resident_bytes() or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="needs glibc and /proc"
)
MUCH = 100_000_000
PIECE = 1_000  # beyond what Python's own allocator hands out


def test_what_lies_between_pieces_that_are_kept_goes_back() -> None:
    """The allocator alone gives back no more than what lies behind the last of them."""
    held = Held()
    kept = _in_pieces()
    before = resident_bytes()
    held.give_back()
    assert resident_bytes() < before - MUCH / 2
    assert len(kept) == MUCH // PIECE // 100


def test_little_stays() -> None:
    """Most calls of a worker leave less behind than it is worth to look for."""
    kept = _in_pieces()
    held, before = Held(), resident_bytes()
    held.give_back()
    assert resident_bytes() >= before
    assert kept


def _in_pieces() -> list[bytes]:
    """Take much memory in small pieces and free all but every hundredth."""
    pieces = [bytes(PIECE) for _ in range(MUCH // PIECE)]
    return pieces[::100]
