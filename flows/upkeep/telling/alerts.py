"""Look at the archive's health after a night, and tell somebody when it has changed, not every night anew."""

import json
import logging
import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from config.settings import Settings
from flows.runs.schedule import last_time
from flows.upkeep.telling.delivery import deliver, kind_of
from flows.upkeep.telling.health import LOOK_BACK, Finding, Surroundings, findings
from flows.upkeep.telling.notices import notice_findings
from models.queries.ledger.feed_stats import feed_stats
from models.queries.ledger.runs import last_whole_night
from models.queries.notices import last_notices
from models.storage.database import read_transaction
from models.storage.whole_file import replace_text

log = logging.getLogger(__name__)
TITLE: Final = "Climate archive"
Send = Callable[[Sequence[str], str, str], bool]  # addresses, title, text


def look(settings: Settings, engine: Engine, now: datetime) -> list[Finding]:
    """Return what needs a person now."""
    with read_transaction(engine) as connection:
        feeds = feed_stats(connection, now - LOOK_BACK)
        last = last_whole_night(connection)
        notices = last_notices(connection)
    around = Surroundings(
        now=now,
        due_at=last_time(settings.nightly_cron, settings.zone, now),
        last_night_at=last,
        free_bytes=shutil.disk_usage(settings.home).free,
        prefect_bytes=sum(file.stat().st_size for file in (settings.home / "prefect").glob("prefect.db*")),
    )
    return findings(feeds, around) + list(notice_findings(settings, notices))


def tell_changes(settings: Settings, found: Iterable[Finding], send: Send | None = None) -> str | None:
    """Send what is new and what is well again to the addresses of the settings. Return the text, if any.

    Where nobody could be reached the change is told the next time.
    """
    file = settings.home / "health.json"
    before, today = _remembered(file), {f"{one.subject} {one.state}": one.message for one in found}
    lines = [message for key, message in today.items() if key not in before]
    lines += [f"Well again: {message}" for key, message in before.items() if key not in today]
    if not lines:
        return None
    text = "\n".join(lines)
    addresses = [url.revealed() for url in settings.alerts.urls]
    if addresses and not (send or _send)(addresses, TITLE, text):
        log.warning("an alert could not be sent; it is tried again after the next night")
        return text
    _remember(file, today)
    return text


def _remember(file: Path, today: dict[str, str]) -> None:
    try:
        replace_text(file, json.dumps(today, ensure_ascii=False, indent=1))
    except OSError as error:
        log.warning("%s could not be written, so that the same is told again: %s", file, error.strerror or error)


def _remembered(file: Path) -> dict[str, str]:
    try:
        written = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return {str(key): str(value) for key, value in written.items()} if isinstance(written, dict) else {}


def try_addresses(settings: Settings) -> list[tuple[str, str | None]]:
    """Send a test to each address of the settings; return its kind, and why it took nothing, where it did not."""
    addresses = [url.revealed() for url in settings.alerts.urls]
    return [(kind_of(one), deliver(one, TITLE, "A test: alerts of this archive arrive here.")) for one in addresses]


def _send(addresses: Sequence[str], title: str, text: str) -> bool:
    """Send to each address; one that takes nothing is named by its place. Tell whether anybody was reached."""
    refusals = [deliver(address, title, text) for address in addresses]
    for place, refusal in enumerate(refusals, start=1):
        if refusal:
            log.warning(
                "address %d of %d in CLIMATE_ARCHIVE_ALERTS__URLS took no alert: %s", place, len(addresses), refusal
            )
    return None in refusals
