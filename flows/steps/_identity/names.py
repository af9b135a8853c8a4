"""The names that an entry brings: its guid, its address, their stems, and what they become where they are ambiguous."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from flows.steps.text.urls import url_key
from models.identity import MAX_KEY_BYTES, Item, KeyKind, KeyName
from models.outlets import IMPORT, is_import

_TITLED: Final = {KeyKind.GUID: KeyKind.TITLED_GUID, KeyKind.URL: KeyKind.TITLED_URL}
_WORDED: Final = {KeyKind.GUID: KeyKind.WORDED_GUID, KeyKind.URL: KeyKind.WORDED_URL}
# The best first.
_BORN_BY: Final = (
    KeyKind.URL,
    KeyKind.GUID,
    KeyKind.TITLED_URL,
    KeyKind.TITLED_GUID,
    KeyKind.WORDED_URL,
    KeyKind.WORDED_GUID,
    KeyKind.STEM,
    KeyKind.DIGEST,
)
# What software writes where it has no id.
_NO_GUID: Final = frozenset({"n/a", "na", "none", "null", "nil", "undefined", "unknown", "-", "0", "false"})
# A counter of updates is short, where an article's own number is long, and stands behind a mark: `;3`, `/3`, `?v=2`.
_COUNTER: Final = re.compile(r"(?:[^\w=]|\W(?:v|rev|version|update)[=_.-]?)[0-9]{1,2}\Z", re.IGNORECASE)
_VERSION: Final = re.compile(r"\W(?:v|rev|revision|version)[=_.-]?[0-9]{1,2}\Z", re.IGNORECASE)


def entry_keys(item: Item, feed_id: str) -> tuple[KeyName, ...]:
    """Return the names by which an entry might be known, the guid first."""
    entry = item.entry
    names = []
    if entry.guid and entry.guid.strip().casefold() not in _NO_GUID:
        names.append(KeyName.of(KeyKind.GUID, _scope(feed_id), entry.guid))
    if entry.url_key:
        names.append(KeyName.of(KeyKind.URL, "", entry.url_key))
    return tuple(names)


def stem_keys(item: Item, feed_id: str) -> tuple[KeyName, ...]:
    """Return what is left of a guid and of an address without fragment, scheme and counter, where that is less."""
    entry = item.entry
    names = [name for name in (entry.guid, entry.url_key) if name]
    stems = dict.fromkeys(stem for name in names for stem in _stems(name))
    return tuple(KeyName.of(KeyKind.STEM, _scope(feed_id), stem) for stem in stems if stem and stem not in names)


def stem_lookups(stem: KeyName) -> tuple[KeyName, ...]:
    """Return the names under which an earlier state of an entry may be known: its counter was another, or none."""
    guid = KeyName(kind=KeyKind.GUID, scope=stem.scope, key=stem.key)
    return stem, guid, KeyName(kind=KeyKind.URL, scope="", key=stem.key)


def without_version(name: str) -> str:
    """Return a guid or an address without its fragment and a number that it calls a version."""
    return _VERSION.sub("", _bare(name))


def _stems(name: str) -> tuple[str, str]:
    return _short_stems(name) if len(name) <= MAX_KEY_BYTES else _stems_of(name)


@lru_cache(maxsize=4096)  # each is asked for three times while its document is decided
def _short_stems(name: str) -> tuple[str, str]:
    return _stems_of(name)


def _stems_of(name: str) -> tuple[str, str]:
    """Return a name without its fragment, and without a counter too: what looks like one may be the article's own."""
    bare = _bare(name)
    return bare, _COUNTER.sub("", bare)


def _bare(name: str) -> str:
    return (url_key(name) if name.startswith(("http://", "https://")) else None) or name.partition("#")[0]


def titled_keys(names: Iterable[KeyName], title_mark: str) -> tuple[KeyName, ...]:
    """Return the keys that ambiguous keys make together with a title; none where it has no word: that says nothing."""
    return _completed(names, title_mark, _TITLED)


def worded_keys(names: Iterable[KeyName], text_hash: str) -> tuple[KeyName, ...]:
    """Return the keys that ambiguous keys make together with a text; none where there is no text."""
    return _completed(names, text_hash, _WORDED)


def _completed(names: Iterable[KeyName], by: str, kinds: dict[KeyKind, KeyKind]) -> tuple[KeyName, ...]:
    if not by:
        return ()
    return tuple(KeyName(kind=kinds[name.kind], scope=name.scope, key=f"{by} {name.key}") for name in names)


def digest_key(item: Item, feed_id: str) -> KeyName:
    """Return the key of a story that is born of an entry without another key."""
    return KeyName(kind=KeyKind.DIGEST, scope=_scope(feed_id), key=item.entry.digest)


def story_uid(names: Sequence[KeyName]) -> str:
    """Return 16 hex digits from the key that a story is born with: its address before its guid, else its digest."""
    born = min(names, key=lambda one: _BORN_BY.index(one.kind))
    return hashlib.sha256("\0".join((born.kind, born.scope, born.key)).encode()).hexdigest()[:16]


def _scope(feed_id: str) -> str:
    """Return whose a key is: documents are named by what they hold, whatever source they are handed in under."""
    return IMPORT if is_import(feed_id) else feed_id
