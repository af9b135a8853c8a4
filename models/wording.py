"""Numbers with their nouns, for sentences, and the characters that no sentence shows."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # most commands say numbers, and few tell of a run
    from models.reports import MeaningCounts

# For a regular expression's brackets. Controls (all but tab and line ends) move a terminal's cursor and are no XML; the
# overrides of direction show a text as another (CVE-2021-42574); half a pair or a byte order mark is no text.
UNSAFE_CHARACTERS: Final = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff"


def counted(count: int, thing: str, things: str | None = None) -> str:
    """Say how many there are of a thing: "1 story" where things is "stories", else with an s for all but one."""
    return f"{count} {thing if count == 1 else things or f'{thing}s'}"


def readings(counts: "MeaningCounts") -> str:
    """Say what a run's second reader did and left; nothing where there was nothing to read."""
    parts = [f"read {counts.read}"] if counts.read else []
    parts += [f"admitted {counts.admitted} of them"] if counts.admitted else []
    parts += [f"could not read {counts.failed}"] if counts.failed else []
    parts += [f"left {counts.waiting} for later"] if counts.waiting else []
    return f"Second reader: {', '.join(parts)}." if parts else ""
