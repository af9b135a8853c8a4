"""Which schedules are taken: those that every reader of them understands alike, ours and Prefect's.

Prefect starts the nights, and our own reader says when one was due. Where the two differ, a night would be missed in
silence, or be made good for ever.
"""

import re
from datetime import datetime
from typing import Final

from cronsim import CronSim, CronSimError

_STAR: Final = r"\*(?:/\d{1,2})?"
_NUMBER: Final = r"\d{1,2}"
_NAME: Final = r"[a-z]{3}"
_NAMES_OF: Final = ("minute", "hour", "day-of-month", "month", "day-of-week")
_PARTS: Final = (
    rf"{_STAR}|{_NUMBER}(?:-{_NUMBER})?(?:/\d{{1,2}})?",
    rf"{_STAR}|{_NUMBER}(?:-{_NUMBER})?(?:/\d{{1,2}})?",
    rf"{_STAR}|l|{_NUMBER}(?:-{_NUMBER})?(?:/\d{{1,2}})?",
    rf"{_STAR}|{_NAME}|{_NUMBER}(?:/\d{{1,2}})?|(?:{_NAME}-{_NAME}|{_NUMBER}-{_NUMBER})(?:/\d{{1,2}})?",
    rf"{_STAR}|(?:{_NAME}|{_NUMBER})(?:#\d)?|(?:{_NAME}-{_NAME}|{_NUMBER}-{_NUMBER})(?:/\d{{1,2}})?",
)
_RANGE: Final = re.compile(r"(\w+)-(\w+)")


def check_cron(value: str) -> None:
    """Raise ValueError, with a sentence, for what is no schedule or not one that all readers take alike."""
    fields = value.lower().split()
    if len(fields) != 5:  # CronSim would take six too, the first of them seconds
        raise ValueError('a schedule has five fields (minute hour day month weekday), for example "15 4 * * *"')
    try:
        next(CronSim(value, datetime(2000, 1, 1)))  # noqa: DTZ001 (which moment it is matters to no schedule)
    except CronSimError as error:
        raise ValueError(f"this is no schedule, {str(error).lower()}") from None
    except StopIteration:
        raise ValueError("this schedule names a day that never comes") from None
    for name, field, part in zip(_NAMES_OF, fields, _PARTS, strict=True):
        if not _is_plain(field, part):
            raise ValueError(f"Prefect, which starts the nights, does not read the {name} {field!r} as cron does")
    if "*" not in (fields[2], fields[4]):
        raise ValueError("Prefect reads a day-of-month and a day-of-week together otherwise than cron does: name one")


def _is_plain(field: str, part: str) -> bool:
    parts = field.split(",")
    ranges = [found.groups() for one in parts if (found := _RANGE.match(one))]
    is_mixed = len({"#" in one for one in parts}) > 1 or (len(parts) > 1 and any("*" in one for one in parts))
    return (
        all(re.fullmatch(part, one) for one in parts) and not is_mixed and all(first != last for first, last in ranges)
    )
