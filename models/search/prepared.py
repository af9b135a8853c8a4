"""A story's words as an index writes them, made without a database: in whichever process has its text at hand."""

from collections.abc import Iterator
from typing import Final

from models.search.analysis import indexed, tokens_with_stems

SQLITE: Final = "sqlite"

_TITLE: Final = ("A", "B")  # weight classes of a tsvector: of the words and of their stems
_BODY: Final = ("C", "D")
_GAP: Final = 10  # positions between title and body, so that no phrase spans both
_LAST_POSITION: Final = 16_383  # a tsvector counts no further
_MOST_POSITIONS: Final = 255  # of one word
_MOST_BYTES: Final = 900_000  # of a tsvector's one megabyte; the words of a longer text are left out from there on


def prepared(database: str, title: str, text: str, language: str | None) -> tuple[str, ...]:
    """Return the values of a story's row in the index of a kind of database, without its key.

    On SQLite title, body, title_stems and body_stems; on PostgreSQL the tsvector.
    """
    if database != SQLITE:
        return (_vector(title, text, language),)
    (words, stems), (body, body_stems) = indexed(title, language), indexed(text, language)
    return words, body, stems, body_stems


def _vector(title: str, text: str, language: str | None) -> str:
    """Write a tsvector: each word once, with its positions."""
    places: dict[str, list[str]] = {}
    size = 0
    for token, position, weight in _positions(title, text, language):
        size += len(token.encode()) + 8 if token not in places else 2
        if size > _MOST_BYTES:
            break
        of_token = places.setdefault(token, [])
        if len(of_token) < _MOST_POSITIONS:
            of_token.append(f"{min(position, _LAST_POSITION)}{weight}")
    return " ".join(f"'{token}':{','.join(of_token)}" for token, of_token in places.items())


def _positions(title: str, text: str, language: str | None) -> Iterator[tuple[str, int, str]]:
    position = 0
    for token, position, weight in _of_part(title, language, _TITLE, 1):
        yield token, position, weight
    yield from _of_part(text, language, _BODY, position + _GAP)


def _of_part(
    text: str, language: str | None, weights: tuple[str, str], position: int
) -> Iterator[tuple[str, int, str]]:
    """Give the tokens of a text with their positions, each word's stem where the word begins."""
    of_words, of_stems = weights
    for tokens, stem in tokens_with_stems(text, language):
        if stem:
            yield stem, position, of_stems
        for token in tokens:
            yield token, position, of_words
            position += 1
