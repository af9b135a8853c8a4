"""Give a lock, beside each `NAME[EXTRA]==VERSION`, the same pin without the extra: python .ci/plain_pins.py FILE...

pip 23 looks for hashes under the very name that a package asks for, with its extras or without. It fails on an extra of
lxml, written html_clean here and html-clean there; what that brings is a requirement of ours anyway.
"""

import re
import sys
from pathlib import Path

_BLOCK = re.compile(r"^([\w.-]+)\[[^\]]+\](==.*\n(?:[ \t].*\n)*)", re.MULTILINE)
_PLAIN_ONLY = ("lxml",)


def with_plain_pins(lock: str) -> str:
    """Return a lock with a plain pin before each that names extras; one that has them stays as it is."""

    def both(found: re.Match[str]) -> str:
        plain = found[1] + found[2]
        if found[1] in _PLAIN_ONLY:
            return plain
        return found[0] if plain in lock else plain + found[0]

    return _BLOCK.sub(both, lock)


for name in sys.argv[1:]:
    path = Path(name)
    path.write_text(with_plain_pins(path.read_text("utf-8")), "utf-8")
