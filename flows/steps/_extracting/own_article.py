"""Find the object of a page's JSON-LD that is about the page's article: it must agree with what else the page says.

A page also describes what it cites, checks, lists or reports minute by minute; none of that may name the story.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct

from flows.steps._extracting.json_ld import Found, Node, listed, strings, types_of
from flows.steps._identity.likeness import normal_title, words
from flows.steps.text.urls import url_key

_ARTICLE = re.compile(r"(?:\w*Article|BlogPosting|LiveBlogPosting|Report|SocialMediaPosting|DiscussionForumPosting)\Z")
_PAGE = frozenset({"WebPage", "ItemPage"})
_ADDRESS_KEYS = ("url", "@id", "mainEntityOfPage")
# The share of the shorter headline's words that both must have, where the address agrees too or none is given, and
# where another address stands in the object, or the object in the description of something else.
_ENOUGH: Final = 0.6
_STRONG: Final = 0.8
_WHOLE: Final = 0.75  # of the longer headline's words, that the shorter must have as many as
_FEWEST_WORDS: Final = 3
_LONGEST_TITLE: Final = 300  # characters that are compared


class PageFacts(Struct, frozen=True, kw_only=True):
    """What a page says of itself outside of JSON-LD."""

    addresses: tuple[str, ...]  # fetched from, canonical, og:url
    titles: tuple[str, ...]  # og:title and its kin, the title tag, h1


class _Candidate(Struct, frozen=True, kw_only=True):
    node: Node
    is_own: bool
    has_address: bool  # of this page
    is_elsewhere: bool  # it names an address, and not this page's
    likeness: float | None  # of headlines; None where one side has none
    is_whole: bool  # the longer headline has few words that the shorter lacks
    is_short: bool  # its headline has too few words to be known by some of them

    @property
    def agrees(self) -> bool:
        if self.has_address:
            return True
        if self.likeness is None:
            return self.is_own and not self.is_elsewhere
        if self.is_own and not self.is_elsewhere:
            return self.likeness >= _ENOUGH
        return self.likeness >= _STRONG and self.is_whole and not self.is_short

    @property
    def rank(self) -> tuple[bool, bool, float, bool, int, int]:
        told = sum(key in self.node for key in ("headline", "datePublished", "author"))
        is_article = any(_ARTICLE.fullmatch(kind) for kind in types_of(self.node))
        return (
            is_article,
            self.is_own,
            round(self.likeness or 0, 1),
            self.has_address,
            told,
            len(listed(self.node.get("author"))),
        )


def own_article(found: Iterable[Found], facts: PageFacts) -> Node:
    """Return what the page's JSON-LD says of its article, the best object's words first; empty where nothing does."""
    keys = {key for address in facts.addresses if (key := _key(address))}
    titles = tuple(title[:_LONGEST_TITLE] for title in facts.titles if normal_title(title[:_LONGEST_TITLE]))
    candidates = [_candidate(one, keys, titles) for one in found if _is_article(one)]
    article: Node = {}
    # The best last, and of equal ones the first, for what comes later overwrites.
    agreed = [one for one in candidates if one.agrees]
    agreed.reverse()
    for candidate in sorted(agreed, key=lambda one: one.rank):
        article |= {key: value for key, value in candidate.node.items() if value not in (None, "", [])}
    return article


def likeness(one: str, other: str) -> float:
    """Return the share of the shorter title's words that the longer has."""
    few, many = sorted((set(words(one)), set(words(other))), key=len)
    return len(few & many) / len(few) if few else 0.0


def _is_whole(one: str, other: str) -> bool:
    few, many = sorted((set(words(one)), set(words(other))), key=len)
    return len(few) >= _WHOLE * len(many)


def _is_article(found: Found) -> bool:
    kinds = types_of(found.node)
    return any(_ARTICLE.fullmatch(kind) for kind in kinds) or (found.is_own and not _PAGE.isdisjoint(kinds))


def _candidate(found: Found, keys: set[str], titles: tuple[str, ...]) -> _Candidate:
    own_keys = {key for address in _addresses(found.node) if (key := _key(address))}
    named = next(iter(strings(found.node.get("headline")) or strings(found.node.get("name"))), "")[:_LONGEST_TITLE]
    is_comparable = bool(titles and words(named))
    return _Candidate(
        node=found.node,
        is_own=found.is_own,
        has_address=not keys.isdisjoint(own_keys),
        is_elsewhere=bool(keys and own_keys) and keys.isdisjoint(own_keys),
        is_short=len(words(named)) < _FEWEST_WORDS,
        is_whole=any(_is_whole(named, title) for title in titles),
        likeness=max(likeness(named, title) for title in titles) if is_comparable else None,
    )


def _addresses(node: Node) -> Iterable[str]:
    for key in _ADDRESS_KEYS:
        for value in listed(node.get(key)):
            yield from _strings_of(value)


def _strings_of(value: Any) -> Iterable[str]:  # noqa: ANN401  (JSON may hold anything)
    if isinstance(value, dict):
        yield from (one for key in ("@id", "url") for one in strings(value.get(key)))
    else:
        yield from strings(value)


def _key(address: str) -> str | None:
    return url_key(address.partition("#")[0]) if address.startswith(("http://", "https://")) else None
