"""What a benchmark says: a number a round, the aim it is held against, and the table of them all."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from statistics import median
from typing import Any

from msgspec import Struct


class Bound(StrEnum):
    """On which side of its aim a number should lie."""

    AT_MOST = "<="
    AT_LEAST = ">="


class Measurement(Struct, frozen=True, kw_only=True):
    """One number, measured once a round; the median stands for all."""

    benchmark: str
    what: str
    values: tuple[float, ...]
    unit: str  # "x" for a ratio, "%", "stories/s", ...
    aim: float | None = None  # None: only reported
    bound: Bound = Bound.AT_MOST

    @property
    def measured(self) -> float:
        """Return the median of the rounds."""
        return median(self.values)

    @property
    def is_met(self) -> bool | None:
        """Tell whether the aim is met; None where there is none."""
        if self.aim is None:
            return None
        return self.measured <= self.aim if self.bound is Bound.AT_MOST else self.measured >= self.aim


def as_json(measurements: Iterable[Measurement]) -> list[dict[str, Any]]:
    """Return what `--json` prints."""
    return [
        {
            "benchmark": one.benchmark,
            "what": one.what,
            "unit": one.unit,
            "bound": one.bound.value if one.aim is not None else None,
            "aim": one.aim,
            "measured": one.measured,
            "rounds": list(one.values),
            "is_met": one.is_met,
        }
        for one in measurements
    ]


def as_table(measurements: Sequence[Measurement]) -> list[str]:
    """Return the lines of a table: what, aim, median, and the number of every round."""
    rows = [("benchmark", "what", "aim", "measured", "", "rounds"), *map(_row, measurements)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _row(one: Measurement) -> tuple[str, ...]:
    aim = "" if one.aim is None else f"{one.bound} {one.aim:g} {one.unit}"
    verdict = {True: "met", False: "MISSED", None: ""}[one.is_met]
    measured = f"{_short(one.measured)} {one.unit}"
    return one.benchmark, one.what, aim, measured, verdict, " ".join(_short(value) for value in one.values)


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
