"""Whom nothing reached of what they want to be told, and a list of watches that cannot be read."""

from collections.abc import Iterable, Iterator
from typing import Final

from config.settings import Settings
from flows.upkeep.telling.health import Finding
from models.errors import ConfigError
from models.queries.notices import NoticeRecord

_BROKEN: Final = "No watch is looked after: `climate-archive watches check` says what is wrong with the file."


def notice_findings(settings: Settings, last: Iterable[NoticeRecord]) -> Iterator[Finding]:
    """Find who was not reached the last time, of those who are still to be told."""
    try:
        told = _told(settings)
    except ConfigError:
        yield Finding(subject="watches", state="broken", message=_BROKEN)
        return
    for notice in last:
        variable = notice.recipient.partition(" ")[0]
        is_wanted = settings.alerts.brief if notice.watch is None else variable in told.get(notice.watch, ())
        if notice.refusal and is_wanted:
            yield Finding(subject=f"{_subject(notice)} to {notice.recipient}", state="untold", message=_said(notice))


def _told(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return who is to be told of each watch. Raise ConfigError."""
    if settings.watches_file is None:
        return {}
    # A reader of YAML, which a look at an archive without watches need not load.
    from config.watches import load_watches

    return {watch.name: watch.told for watch in load_watches(settings)}


def _subject(notice: NoticeRecord) -> str:
    return f"watch {notice.watch}" if notice.watch else "brief"


def _said(notice: NoticeRecord) -> str:
    when = f"{notice.tried_at:%Y-%m-%d %H:%M} UTC"
    again = "it is told again after the next night" if notice.watch else "the next night's is tried"
    what = f"The watch {notice.watch}" if notice.watch else "The morning brief"
    return f"{what} did not reach {notice.recipient} on {when}: {notice.refusal}; {again}."
