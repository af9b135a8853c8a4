"""Addresses in apprise's form, by the names under which a file of ours knows them.

They stand in the environment, or in `.env` over which it goes: never in a file that names them.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from config.settings import Secret, Settings, process_environment
from config.watches import ALERTS

_ONE: Final = 1


class Recipient(Struct, frozen=True, kw_only=True):
    """Somebody who is told of something."""

    name: str  # of a variable; of a further address in the same one, with its place
    address: Secret | None  # None: there is no such variable, or nothing in it


def recipients(settings: Settings, variable: str, environ: Mapping[str, str] | None = None) -> tuple[Recipient, ...]:
    """Return those whose addresses a variable holds: of the setting each of its addresses, of any other the one."""
    if variable != ALERTS:
        held = (process_environment() if environ is None else environ).get(variable, "").strip()
        return (Recipient(name=variable, address=Secret(held) if held else None),)
    return alerted(settings) or (Recipient(name=ALERTS, address=None),)


def alerted(settings: Settings) -> tuple[Recipient, ...]:
    """Return those whom the settings name for alerts."""
    return tuple(
        Recipient(name=ALERTS if place == _ONE else f"{ALERTS} {place}", address=url)
        for place, url in enumerate(settings.alerts.urls, start=1)
    )
