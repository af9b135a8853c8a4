"""Who is signed in: a cookie that this process signed, that ends by itself, and that signing out makes void.

The key is made when the process starts and kept nowhere: with the process, every session ends.
"""

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from msgspec import Struct

LENGTH: Final = timedelta(hours=8)  # a working day


class SignedPerson(Struct, frozen=True, kw_only=True):
    """Somebody who signed in."""

    name: str  # that they gave
    session: str
    ends_at: datetime


class Sessions:
    """Begins sessions, knows them again, and ends them."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Take a clock that gives aware moments."""
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._ended: dict[str, datetime] = {}  # before their time, with when that is
        self._lock = Lock()

    def begin(self, name: str) -> SignedPerson:
        """Begin a session."""
        return SignedPerson(name=name, session=secrets.token_urlsafe(18), ends_at=self._clock() + LENGTH)

    def cookie_of(self, person: SignedPerson) -> str:
        """Return what a browser is to show with each request."""
        told = json.dumps([person.name, person.session, person.ends_at.timestamp()]).encode()
        packed = urlsafe_b64encode(told).decode()
        return f"{packed}.{self._signed('session', packed)}"

    def person_of(self, cookie: str) -> SignedPerson | None:
        """Return whose cookie it is; None where it is not ours, or its session has ended."""
        packed, _, signature = cookie.rpartition(".")
        if not _are_equal(signature, self._signed("session", packed)):
            return None
        name, session, ends_at = json.loads(urlsafe_b64decode(packed))
        person = SignedPerson(name=name, session=session, ends_at=datetime.fromtimestamp(ends_at, UTC))
        with self._lock:
            is_over = session in self._ended
        return None if is_over or self._clock() >= person.ends_at else person

    def end(self, person: SignedPerson) -> None:
        """End a session now."""
        now = self._clock()
        with self._lock:
            self._ended = {one: ends_at for one, ends_at in self._ended.items() if ends_at > now}
            self._ended[person.session] = person.ends_at

    def form_key_of(self, person: SignedPerson) -> str:
        """Return what each form of a session holds, and no other page can know."""
        return self._signed("form", person.session)

    def is_form_key(self, person: SignedPerson, given: str) -> bool:
        """Tell whether a form is of this session."""
        return _are_equal(given, self.form_key_of(person))

    def _signed(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"{purpose}:{text}".encode(errors="replace"), hashlib.sha256).hexdigest()


def _are_equal(given: str, right: str) -> bool:
    """Compare in a time that tells nothing."""
    return hmac.compare_digest(given.encode(errors="replace"), right.encode())
