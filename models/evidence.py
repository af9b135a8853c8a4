"""What spoke for a label."""

from msgspec import Struct


class Evidence(Struct, frozen=True):
    """What spoke for a label, where it stands in the stored title or text: a term, a learnt n-gram, a key sentence.

    Of the second reader it is the title or sentence that carried the label: kind `meaning`.

    The publisher's own tag, or the section that its address names, has no place there: start and end are 0.
    """

    term: str  # empty for a sentence, or what carried the meaning: it is long, and its place says which
    field: str  # title | lead | body | tags | section
    weight: float
    start: int  # code points from the start of the title (field title) or of the text (lead, body)
    end: int
    kind: str = "term"  # term | ngram | sentence | meaning | tag
