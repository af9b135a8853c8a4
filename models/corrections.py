"""What a revision changed, as values: the kinds of corrections, and one correction."""

from enum import StrEnum

from msgspec import Struct


class CorrectionKind(StrEnum):
    """What a revision did to a text, the gravest first."""

    NOTICE = "notice"  # the publisher says that it corrected something
    NUMBER = "number"  # another amount, or the same of another unit
    NAME = "name"
    HEADLINE = "headline"
    RETRACTION = "retraction"  # a quote or a statement was taken out
    ADDITION = "addition"
    WORDING = "wording"  # none of those


class Correction(Struct, frozen=True, kw_only=True):
    """One thing that a revision changed, with the sentences in which it stands."""

    kind: CorrectionKind
    sentence_before: str = ""
    sentence_after: str = ""
    before: str = ""  # the very words
    after: str = ""
    unit: str | None = None  # of a number: %, °C, $, tonnes


class Revised(Struct, frozen=True, kw_only=True):
    """Two texts of a story, one after the other."""

    title_before: str
    title_after: str
    text_before: str
    text_after: str
