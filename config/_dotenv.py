"""The file `.env`: lines of NAME=value. Of settings that cannot be read none is passed over."""

from collections.abc import Mapping
from pathlib import Path

from models.errors import ConfigError


def read_dotenv(path: Path, prefix: str) -> Mapping[str, str]:
    """Return what a file sets; a dollar sign is one, for passwords hold them.

    Other programs' lines may be of any form. Raise OSError, UnicodeDecodeError, or ConfigError for a line with a name
    of this prefix that sets nothing.
    """
    from dotenv.parser import parse_stream  # a twentieth of a small command, and most folders have no such file

    with path.open(encoding="utf-8-sig") as file:  # Windows' editors begin a file with a mark
        lines = list(parse_stream(file))
    for line in lines:
        if line.value is None and line.original.string.strip().upper().removeprefix("EXPORT ").lstrip().startswith(
            prefix
        ):
            raise ConfigError(  # without the line, which may hold a password
                f"The file .env in the working directory, line {line.original.line}: a setting is written NAME=value, "
                "and where a quote opens the value, the same quote closes it."
            )
    return {line.key: line.value for line in lines if line.key is not None and line.value is not None}
