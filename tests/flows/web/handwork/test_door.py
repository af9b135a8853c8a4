"""How often a token may be guessed."""

import pytest

from flows.web.handwork.door import MOST_WRONG, WITHIN_S, SignInGuard, TooOften


def test_guesses_are_forgotten_after_a_while() -> None:
    """Right tokens are no guesses; while too many were wrong none is looked at; each is forgotten a minute later."""
    now = [0.0]
    door = SignInGuard("right", lambda: now[0])
    for _ in range(MOST_WRONG - 1):
        assert door.admits("right")
        assert not door.admits("wrong")
        now[0] += 1
    assert not door.admits("wröng")
    with pytest.raises(TooOften) as held:
        door.admits("right")
    assert held.value.wait_s == WITHIN_S - MOST_WRONG + 1
    now[0] = WITHIN_S
    assert door.admits("right")
    assert not door.admits("")
    with pytest.raises(TooOften):
        door.admits("right")
