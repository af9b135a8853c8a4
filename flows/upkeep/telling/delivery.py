"""Send a text to an address in apprise's form, or say why that cannot be; whatever is secret in an address stays so."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final
from urllib.parse import unquote

from msgspec import Struct

from models.reports import RunReport

Deliver = Callable[[str, str, str], str | None]  # address, title, text; returns why it took nothing
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,20})://")
_SEPARATORS: Final = re.compile(r"[/:@?&=,;]+")
_SHORTEST_SECRET: Final = 3
_LOG: Final = logging.getLogger("apprise")


class Occasion(Struct, frozen=True, kw_only=True):
    """After which night somebody is told, and when."""

    night: RunReport
    now: datetime
    deliver: Deliver


def unreadable(address: str) -> str | None:
    """Return why apprise cannot make out an address; None where it can."""
    import apprise  # it takes a moment, and only an alert needs it

    with _heard(address) as said:
        if apprise.Apprise().add(address):
            return None
    return _why(address, said)


def deliver(address: str, title: str, text: str) -> str | None:
    """Send to one address. Return why it took nothing; None where it was taken."""
    import apprise

    with _heard(address) as said:
        messenger = apprise.Apprise()
        if not messenger.add(address):
            return _why(address, said)
        for service in messenger:
            if service.overflow_mode is apprise.OverflowMode.UPSTREAM:
                # Left to itself apprise sends a text whole that a service refuses for its length.
                service.overflow_mode = apprise.OverflowMode.SPLIT
        if messenger.notify(title=title, body=text, body_format=apprise.NotifyFormat.TEXT):
            return None
    return said[-1] if said else "it refused, and gave no reason"


def kind_of(address: str) -> str:
    """Name an address by its scheme, which is never secret."""
    found = _SCHEME.match(address)
    return f"{found[1].lower()}://" if found else "no scheme"


def _why(address: str, said: list[str]) -> str:
    from apprise.manager_plugins import NotificationManager

    kind = kind_of(address)
    if kind.removesuffix("://") not in NotificationManager():  # type: ignore[no-untyped-call]
        return f"apprise knows no {kind}; an address begins as mailto:// or ntfy:// do"
    return said[0] if said else f"something is missing in it that {kind} needs"


@contextmanager
def _heard(address: str) -> Iterator[list[str]]:
    """Gather what apprise warns of, without the parts of the address: any of them may be a password."""
    said: list[str] = []
    handler = _Listener(said, _secrets_of(address))
    before = _LOG.propagate, _LOG.level, _LOG.disabled
    _LOG.propagate, _LOG.disabled = False, False
    _LOG.setLevel(logging.WARNING)
    _LOG.addHandler(handler)
    try:
        yield said
    finally:
        _LOG.removeHandler(handler)
        _LOG.propagate, _LOG.disabled = before[0], before[2]
        _LOG.setLevel(before[1])


def _secrets_of(address: str) -> list[str]:
    _, _, rest = address.partition("://")
    parts = {part for one in _SEPARATORS.split(rest) for part in (one, unquote(one))}
    return sorted((part for part in parts if len(part) >= _SHORTEST_SECRET), key=len, reverse=True)


class _Listener(logging.Handler):
    def __init__(self, said: list[str], secrets: list[str]) -> None:
        super().__init__()
        self._said, self._secrets = said, secrets

    def emit(self, record: logging.LogRecord) -> None:
        line = " ".join(record.getMessage().split())
        for secret in self._secrets:
            line = line.replace(secret, "***")
        self._said.append(line.rstrip(".: "))
