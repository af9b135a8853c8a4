"""Make names of bylines: one name each, whole, no addresses, no "by", no role."""

import re
from collections.abc import Callable, Iterable, Sequence
from html import unescape

from msgspec import Struct

from flows.steps._changes.credits import agency_of
from flows.steps._cleaning.characters import mended
from flows.steps._cleaning.tree import without_tags
from flows.steps._extracting.byline_clauses import authors_clause
from flows.steps._extracting.headline import without_site
from flows.steps._extracting.role_words import AFTER_NAME, DEGREES, LEADS, PARTICLES
from flows.steps._extracting.roles import MARKS, is_role, is_role_of_place, without_role

# "et", "y", "e", "i" and their like join names only before another name; in other languages they may be one.
_JOIN = re.compile(
    r"\s*[;|&、，；＆•·]\s*|\s+/\s*|\s*/\s+|\s+(?:and|AND|und|UND|with|mit|avec|con|och|og|en|и|та|και|"
    r"(?:et|y|e|i|a|ve|és|ja|și|ir|un|eta|và)(?=\s+[^\W\d_a-zß-ÿ]))\s+|\s*,\s*(?:and|und|et|y|e|och|og|en|&)\s+"
)
# What follows is who took the pictures, edited it, or where it was sent from.
_OTHERS = re.compile(
    r"\s+(?:edited|photograph(?:s|y)|photos?|pictures?|foto(?:s|grafi[ae])?|bild(?:er)?|redigeret|mise en ligne)"
    r"(?:\s+(?:by|von|af|av|par|di|de))?\s*:\s*\S.*|／.{1,10}(?:報導|报道|電|电)\Z",
    re.IGNORECASE,
)
# Two surnames of one person, by language: "José Ortega y Gasset". Where a first name stands behind it, they are two.
_SURNAMES = re.compile(r"(?<!\w)(\w+ [\w.’'-]+) (y|i|e) ([^\W\d_a-zß-ÿ][\w’'-]*)(?=\s*(?:[,;|&]|\Z| [yie] ))")
_BINDS_SURNAMES = {"ca": "yi", "pt": "ye", "gl": "ye"}
_BOUND = "\ue000"  # stands for a space that parts no names
# Where a reporter is, or what he is, behind his name.
_PLACE = re.compile(r"(?<=\w)\s+(?:(?:reporting )?(?:in|from|aus)|desde)\s+[^\W\d_a-zß-ÿ][\w .'’-]{1,40}\Z")
# A part that says where or for whom somebody works, and is no name.
_OF_SOMETHING = re.compile(r"(?:for|of|from|in|at|à|au|aux|en|aus|bei|special to|author at)\s+\S", re.IGNORECASE)
_CJK_ROLE = re.compile(r"\s*(?:本[报報])?(?:记者|記者|编辑|編輯|通讯员|论说委员|기자|특파원|논설위원)\Z")
_HAN_NAMES = re.compile(r"[\u3400-\u9fff]{2,4}(?:[ ・][\u3400-\u9fff]{2,4})+")
_COMMA = re.compile(r"\s*,\s*")
_REPORTED = re.compile(
    r"(?:(?:reported|story|text|words|written|photographs?|photos?|report|analysis|review|opinion)\s+)?by[:\s]\s*|"
    r"autor(?:in)?\s+|(?:autor(?:in|es|a)?|author|auteur|auteure|autore|text|texte|tekst|testo|texto|текст|"
    r"автор)s?\s*:\s*|"
    r"(?:geschrieben von|skrevet a[fv]|skriven av|escrito p[oe]r|écrit par|scritto da|geschreven door|napisał[ao]?|"
    r"napsala?|írta)\s*:?\s+|"
    r"(?:yazan|kirjoittaja|teksti|szerző|autorka|rédacteur|rédactrice|tác giả|penulis|oleh|"
    r"συντάκτης|συντάκτρια|بقلم|الكاتب|מאת|लेखक|ผู้เขียน)\s*:\s*|"
    r"(?:本报记者|本報記者|记者|記者)\s*[:：/／]?\s*(?=\w)|(?:文|撰文|作者)\s*[:：/／ ]\s*",
    re.IGNORECASE,
)
_LEAD = re.compile(r"([^\W\d_]+)(:?)\s+(?=\S)")
_ASIDE = re.compile(r"\s*[(（\[][^()（）\[\]]*[)）\]]?")
_TAG = re.compile(r"</?[a-z][^<>]{0,500}>", re.IGNORECASE)
_HANDLE = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w.])@\w+")  # an address of mail, a name at another site
_NO_NAME = re.compile(r"https?:|www\.|@|\d{3}|[<>{}=]|\.(?:com|net|org)\b", re.IGNORECASE)
_PLACEHOLDERS = frozenset(
    {"admin", "administrator", "author", "editor", "guest", "none", "null", "undefined", "unknown", "webmaster"}
    | {"follow", "name", "no author", "super user", "view all posts", "wordpressadmin"}
)
_LONGEST_NAME = 80
_MOST_WORDS = 6  # of a name that is a guess
_MOST_SMALL_WORDS = 3
_LONGEST_LINE = 2_000


class Byline(Struct, frozen=True):
    """Words that name authors; whether they are one person's, by what they stand in."""

    text: str
    is_person: bool = False


def author_list(
    *sources: Iterable[Byline], guesses: Callable[[], Iterable[str]] = tuple, sites: Sequence[str], language: str = ""
) -> tuple[str, ...]:
    """Return the people of the first source that names any; where none does, what the first source names: a site.

    Guesses speak where no source names a person. language is the page's, a tag of BCP 47: "Par" opens a byline in
    French and is a first name in Swedish.
    """
    own = {site.casefold() for site in sites}
    named = [_all_names(source, language, sites) for source in sources]
    people = [tuple(name for name in names if name.casefold() not in own) for names in named]
    if told := next(filter(None, people), None):
        return told
    guessed = _all_names(map(Byline, guesses()), language, sites)
    guessed = guessed if all(map(_may_be_name, guessed)) else ()
    in_full = guessed if guessed and _is_in_full(guessed[0]) else ()
    return next(filter(None, [in_full, *named, guessed]), ())


def _is_in_full(name: str) -> bool:
    """Tell a name with a first and a last one: what was found on the page may be a word of its furniture."""
    words = name.split()
    return len(words) > 1 and all(word[0].isupper() or word.lower() in PARTICLES for word in words)


def _may_be_name(guess: str) -> bool:
    """Tell a name from what an author is said to do, which stands beside it."""
    words = guess.split()
    small = [word for word in words if word[0].islower() and word.lower() not in PARTICLES]
    return len(words) <= _MOST_WORDS and not (len(words) > _MOST_SMALL_WORDS and small)


def _all_names(source: Iterable[Byline], language: str, sites: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a source, each once however it is written."""
    names: dict[str, str] = {}
    for line in source:
        for name in _names(line, language):
            bare = without_site(name, sites=sites) or name
            names.setdefault(bare.casefold(), bare)
    return tuple(names.values())


def _names(line: Byline, language: str) -> list[str]:
    text = _TAG.sub("", without_tags(unescape(line.text[:_LONGEST_LINE])))
    text = _ASIDE.sub("", " ".join(_HANDLE.sub(" ", mended(text)).split()))
    text = _OTHERS.sub("", _without_lead(authors_clause(text), line, language.lower().partition("-")[0]))
    if "/" in text and agency_of("", [text]):
        text = text.replace("/", ";")
    names: list[str] = []
    for group in _JOIN.split(_with_bound_surnames(text, language)):
        names += _of_group([part.strip() for part in _COMMA.split(group)])
    found = [name for name in map(_stripped, names) if name and _is_name(name)]
    is_desk = not found and len(text.split()) == 1 and _is_name(text)  # "Redaktion" is all that signs
    return [text.strip(MARKS)] if is_desk and text.strip(MARKS) else found


def _with_bound_surnames(text: str, language: str) -> str:
    """Return text with marks for the spaces within two surnames of one person."""
    binding = _BINDS_SURNAMES.get(language.lower().partition("-")[0], "y")

    def bound(match: re.Match[str]) -> str:
        return f"{match[1]}{_BOUND}{match[2]}{_BOUND}{match[3]}" if match[2] in binding else match[0]

    return _SURNAMES.sub(bound, text)


def _stripped(name: str) -> str:
    """Return a name without marks around it; the full stop of "Jr." is its own."""
    bare = _PLACE.sub("", name.replace(_BOUND, " ").strip(MARKS))
    return f"{bare}." if bare.endswith((" Jr", " Sr")) and name.rstrip(" ,;").endswith(".") else bare


def _without_lead(text: str, line: Byline, language: str) -> str:
    """Return text without "By" and the like; a word that may be a first name goes only where it cannot be one."""
    if lead := _REPORTED.match(text):
        return text[lead.end() :]
    lead = _LEAD.match(text)
    if lead is None or (word := lead[1].lower()) not in LEADS:
        return text
    rest = text[lead.end() :]
    if lead[2]:
        return rest
    names = _COMMA.split(_JOIN.split(rest)[0])[0].split()
    is_whole = len(names) >= 2 and names[0].lower() not in PARTICLES  # "von der Heide" is a surname
    speaks = LEADS[word]
    is_spoken = speaks is None or language in speaks or (not language and not line.is_person)
    return rest if is_whole and is_spoken else text


def _of_group(parts: list[str]) -> list[str]:
    """Return the names among parts that commas part: "Jr" belongs to the name before it, a role to nobody."""
    names: list[str] = []
    for part in parts:
        word = part.strip(MARKS).lower()
        if word in AFTER_NAME and names:
            names[-1] = f"{names[-1]} {part.rstrip(',')}"
        elif word and not _is_degree(word) and not (names and _OF_SOMETHING.match(part)):
            name = _CJK_ROLE.sub("", _without_degrees(part if names else without_role(part)))
            if is_role(name) or (names and is_role_of_place(name)):
                continue
            names += re.split("[ ・]", name) if _HAN_NAMES.fullmatch(name) else [name]
    return names


def _is_degree(word: str) -> bool:
    return all(one.strip(".,") in DEGREES for one in word.split())


def _without_degrees(part: str) -> str:
    """Return "Ana Marsh" for "Ana Marsh PhD" and for "Dr. Ana Marsh"."""
    words = part.split()
    while len(words) > 2 and words[-1].lower().strip(".,") in DEGREES:
        words.pop()
    while len(words) > 2 and words[0].lower().strip(".,") in {"dr", "prof"}:
        words.pop(0)
    return " ".join(words)


def _is_name(part: str) -> bool:
    return len(part) <= _LONGEST_NAME and not _NO_NAME.search(part) and part.casefold() not in _PLACEHOLDERS
