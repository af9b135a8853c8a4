"""Print every version of a story, and what each one changed."""

import difflib
import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec.structs import asdict
from rich.text import Text

from flows.cli.output.terminal import moment, plain_lines, print_lines, print_text
from flows.exports.shape import iso
from models.queries.one_story import VersionRecord

_STYLES: Final = {"-": "red", "+": "green"}
# A word of a script with spaces, or one character of any other; what stands between them.
_WORDS: Final = re.compile(r"[^\W\u2E80-\u9FFF]+(?:[.,][0-9]+)*|\s+|.")


def versions_json(versions: Sequence[VersionRecord]) -> list[dict[str, Any]]:
    """Return versions as JSON shows them, the oldest first."""
    return [_version_json(version) for version in versions]


def print_revisions(versions: Sequence[VersionRecord], zone: ZoneInfo) -> None:
    """Print versions, the oldest first, each with the lines that left (-) and came (+)."""
    earlier: VersionRecord | None = None
    for version in versions:
        origin = version.source if version.feed_id is None else f"{version.source} {version.feed_id}"
        head = f"Version {version.number}: {version.reason}, {moment(version.created_at, zone)}, by {origin}"
        print_lines("", f"{head}, run {version.run_id}")
        if earlier is not None:
            for line in _changes(earlier, version):
                print_text(line)
        earlier = version


def _version_json(version: VersionRecord) -> dict[str, Any]:
    shape = asdict(version) | {"created_at": iso(version.created_at), "feed": version.feed_id}
    shape["sha256"] = shape.pop("content_hash")
    del shape["id"], shape["feed_id"]
    return shape


def _changes(earlier: VersionRecord, later: VersionRecord) -> Iterator[Text]:
    """Give the lines that left and those that came, the words of a line that changed marked."""
    old, new = ([version.title, *version.text.splitlines()] for version in (earlier, later))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for what, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if what != "equal":
            left, came = old[old_from:old_to], new[new_from:new_to]
            pairs = [_by_word(*pair) for pair in zip_longest(left, came, fillvalue="")]
            yield from (_line("-", words) for (words, _), line in zip(pairs, left, strict=False) if line.strip())
            yield from (_line("+", words) for (_, words), line in zip(pairs, came, strict=False) if line.strip())


def _line(sign: str, words: Text) -> Text:
    return Text.assemble("  ", (f"{sign} ", _STYLES[sign]), words)


def _by_word(old: str, new: str) -> tuple[Text, Text]:
    """Return two lines with the words marked in which they differ."""
    left, came = _WORDS.findall(old), _WORDS.findall(new)
    texts = (Text(), Text())
    is_whole = not (old and new)
    for what, *places in difflib.SequenceMatcher(None, left, came, autojunk=False).get_opcodes():
        for text, sign, words in (
            (texts[0], "-", left[places[0] : places[1]]),
            (texts[1], "+", came[places[2] : places[3]]),
        ):
            style = "" if what == "equal" else _STYLES[sign] if is_whole else f"bold {_STYLES[sign]}"
            text.append(plain_lines("".join(words)), style=style)
    return texts
