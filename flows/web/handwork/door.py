"""The token of the settings, and how often it may be guessed."""

import hashlib
import hmac
import math
import time
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Final

MOST_WRONG: Final = 10  # guesses of everybody together; behind a proxy all of them come from one address
WITHIN_S: Final = 60.0


class TooOften(Exception):
    """Too many guesses were wrong: what was given was not looked at."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


class SignInGuard:
    """Compares what is given with the token, in a time that tells nothing."""

    def __init__(self, token: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the token; its digest alone is kept."""
        self._digest = _digest(token)
        self._clock = clock
        self._wrong: deque[float] = deque()
        self._lock = Lock()

    def admits(self, given: str) -> bool:
        """Tell whether this is the token. Raise TooOften while too many guesses were wrong."""
        with self._lock:
            now = self._clock()
            while self._wrong and self._wrong[0] <= now - WITHIN_S:
                self._wrong.popleft()
            if len(self._wrong) >= MOST_WRONG:
                raise TooOften(math.ceil(self._wrong[0] + WITHIN_S - now))
            is_right = hmac.compare_digest(_digest(given), self._digest)
            if not is_right:
                self._wrong.append(now)
            return is_right


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="replace")).digest()
