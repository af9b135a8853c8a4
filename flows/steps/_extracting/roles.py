"""Tell what somebody is from who somebody is, in a part of a byline."""

from typing import Final

from flows.steps._extracting.role_words import COMPOUND_ROLE, DESK_WORDS, ROLE_NOUNS

MARKS: Final = ' \t\n.,:;-–—|*·•"“”„«»()[]/'
_LONGEST_NAME: Final = 4  # words before a role that are a name
_FEWEST_WORDS: Final = 3  # of a role at a place


def without_role(part: str) -> str:
    """Return "Ana Marsh" for "Ana Marsh Environment editor", and a part that is only a role as it is."""
    words = part.split()
    end = len(words)
    if not words or words[-1].casefold().strip(MARKS) not in ROLE_NOUNS:
        return part
    while end and _is_role_word(words[end - 1]):
        end -= 1
    while end and words[end - 1] in {"-", "–", "—", "|"}:
        end -= 1
    name = words[:end]
    is_name = 2 <= len(name) <= _LONGEST_NAME and all(word[0].isupper() for word in name)
    return " ".join(name) if is_name and not any(map(_is_role_word, name)) else part


def is_role_of_place(part: str) -> bool:
    """Tell "New York correspondent", which behind a name is no second one."""
    words = part.split()
    return len(words) >= _FEWEST_WORDS and words[-1].casefold().strip(MARKS) in ROLE_NOUNS


def _is_role_word(word: str) -> bool:
    parts = [one.strip(MARKS) for one in word.casefold().replace("-", " ").split()]
    return all(one in ROLE_NOUNS or one in DESK_WORDS or not one for one in parts)


def is_role(part: str) -> bool:
    """Tell a role ("Climate reporter", "Umweltredakteurin") from a name."""
    words = [word.strip(MARKS) for word in part.casefold().replace("-", " ").split()]
    words = [word for word in words if word]
    if (len(words) == 1 and COMPOUND_ROLE.fullmatch(words[0])) or _is_role_somewhere(words):
        return True
    is_known = all(word in ROLE_NOUNS or word in DESK_WORDS for word in words)
    if is_known and (len(words) > 1 or words[0] in ROLE_NOUNS):
        return any(word in ROLE_NOUNS for word in words) or len(words) > 2
    return len(words) >= 3 and words[-1] in ROLE_NOUNS and words[-2] in DESK_WORDS


def _is_role_somewhere(words: list[str]) -> bool:
    """Tell "correspondent in Brussels"."""
    return len(words) > 2 and words[1] in {"in", "für", "bei", "at", "for", "de", "en"} and words[0] in ROLE_NOUNS
