"""What a process has freed goes back to the system, where the allocator is one that would keep it."""

import ctypes
import sys

import pytest

from flows.workers.memory import Held, _trim, give_back_memory, resident_bytes

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


@pytest.mark.parametrize("lacking", ["ctypes", "what it loads"])
def test_nothing_is_given_back_where_nothing_can_be_loaded(lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python without ctypes, or one linked statically, does its work all the same."""
    if lacking == "ctypes":
        monkeypatch.setitem(sys.modules, "ctypes", None)
    else:
        monkeypatch.setattr(ctypes, "CDLL", _load_nothing)
    _trim.cache_clear()
    give_back_memory()
    assert _trim() is None
    _trim.cache_clear()


def _load_nothing(_name: str | None) -> None:
    raise OSError


def _in_pieces() -> list[bytes]:
    """Take much memory in small pieces and free all but every hundredth."""
    pieces = [bytes(PIECE) for _ in range(MUCH // PIECE)]
    return pieces[::100]
