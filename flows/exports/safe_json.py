"""JSON that is safe to print."""

import json
import re
from typing import Final

from msgspec.structs import asdict

from models.wording import UNSAFE_CHARACTERS

# What JSON allows and a terminal or a reader of lines may obey (C1 controls, line separators, marks that turn the
# direction of writing), and halves of a character, which no encoding takes. They can only stand inside a string, where
# an escape means the same.
_UNSAFE: Final = re.compile(f"[{UNSAFE_CHARACTERS}\u2028\u2029]")


def json_text(value: object, *, indent: int | None = None) -> str:
    """Return JSON without a character that would act on a terminal; on one line unless indented.

    A Struct becomes an object of its fields.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=asdict)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
