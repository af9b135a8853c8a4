"""The file `.env`: lines of NAME=value. Of settings that cannot be read none is passed over."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from models.errors import ConfigError

if TYPE_CHECKING:
    from dotenv.parser import Binding

_FILE: Final = "The file .env in the working directory"


def read_dotenv(path: Path, prefix: str) -> Mapping[str, str]:
    """Return what a file sets; a dollar sign is one, for passwords hold them.

    Other programs' lines may be of any form. Raise OSError, or ConfigError for what is no text and for a line that
    names one of this prefix and does not set it.
    """
    from dotenv.parser import parse_stream  # a twentieth of a small command, and most folders have no such file

    try:
        with path.open(encoding="utf-8-sig") as file:  # Windows' editors begin a file with a mark
            lines = list(parse_stream(file))
    except UnicodeDecodeError:
        raise ConfigError(f"{_FILE} is not in UTF-8, as PowerShell and old editors write files: save it so.") from None
    for line in lines:
        if (number := _passed_over(line, prefix)) is not None:
            raise ConfigError(  # without the line, which may hold a password
                f"{_FILE}, line {number}: a setting is written NAME=value, one a line, and where a quote opens the "
                "value, here or in a line before, the same quote closes it."
            )
    return {line.key: line.value for line in lines if line.key is not None and line.value is not None}


def _passed_over(line: "Binding", prefix: str) -> int | None:
    """Return the number of the first line that names one of this prefix in vain: such as `set NAME=value`.

    A value of several lines that holds one has swallowed it, for want of a quote; two settings in a line are one value.
    """
    # Before the sign, and in no comment; behind a blank, a bullet, a quote, but not within another name.
    named = re.compile(rf"[^=#]*?(?<!\w){prefix}", re.IGNORECASE)
    texts = re.split(r"\r\n|\r|\n", line.original.string)
    numbers = [number for number, text in enumerate(texts, line.original.line) if named.match(text)]
    if line.value is None or not (line.key or "").upper().startswith(prefix):
        return next(iter(numbers), None)
    is_doubled = re.search(rf"(?<!\w){prefix}\w+=", line.value, re.IGNORECASE)
    return next(iter(numbers[1:]), numbers[0] if is_doubled else None)
