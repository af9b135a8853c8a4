"""What a setting's text means: numbers, yes and no, lists, paths. Each reader raises ValueError with what is wrong."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

_WHOLE: Final = re.compile(r"([+-]?[0-9]+(?:_[0-9]+)*)(?:\.0+)?")
_LONGEST: Final = 4300  # characters of a number
_TRUTHS: Final[Mapping[str, bool]] = dict.fromkeys(("1", "on", "t", "true", "y", "yes"), True) | dict.fromkeys(
    ("0", "off", "f", "false", "n", "no"), False
)


class Secret:
    """A text that no representation shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def revealed(self) -> str:
        """Return the text: for whoever it is meant for, not for a log."""
        return self._text

    def __repr__(self) -> str:
        return f"{type(self).__name__}('**********')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """Make the reader of whole numbers within bounds."""

    def read(text: str) -> int:
        if len(text) > _LONGEST:
            raise ValueError("Unable to parse input string as an integer, exceeded maximum size")
        found = _WHOLE.fullmatch(text.strip())
        if found is None:
            raise ValueError("Input should be a valid integer, unable to parse string as an integer")
        value = int(found[1])
        if value < least:
            raise ValueError(f"Input should be greater than {'or equal to 0' if least == 0 else least - 1}")
        if most is not None and value > most:
            raise ValueError(f"Input should be less than or equal to {most}")
        return value

    return read


def seconds(*, may_be_none: bool = False) -> Callable[[str], float]:
    """Make the reader of spans of time: above nothing, or nothing too."""

    def read(text: str) -> float:
        value = _number(text)
        if not abs(value) < float("inf"):  # nor is what is no number at all
            raise ValueError("Input should be a finite number")
        if value < 0 or (value == 0 and not may_be_none):
            raise ValueError(f"Input should be greater than {'or equal to 0' if may_be_none else 0}")
        return value

    return read


def ratio(text: str) -> float:
    """Read a share of something: nothing or more, `inf` where there is no bound."""
    value = _number(text)
    if not value >= 0:  # nor is what is no number at all
        raise ValueError("Input should be greater than or equal to 0")
    return value


def truth(text: str) -> bool:
    """Read a yes or no."""
    if text.lower() not in _TRUTHS:
        raise ValueError("Input should be a valid boolean, unable to interpret input")
    return _TRUTHS[text.lower()]


def path(text: str) -> Path:
    """Read a path and make it absolute, so that a change of the working directory moves nothing."""
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        raise ValueError("the home folder of that user is not known") from None


def listed(text: str) -> tuple[str, ...]:
    """Read what stands between commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def secrets(text: str) -> tuple[Secret, ...]:
    """Read secrets that stand between commas."""
    return tuple(map(Secret, listed(text)))


def host_names(text: str) -> tuple[str, ...]:
    """Read names of hosts that stand between commas."""
    from config._host_names import read_host_name  # most archives name none

    return tuple(map(read_host_name, listed(text)))


def _number(text: str) -> float:
    try:
        if text.isascii():
            return float(text)
    except ValueError:
        pass
    raise ValueError("Input should be a valid number, unable to parse string as a number")
