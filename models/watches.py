"""A saved search: what is looked for after each night, and who is told of it."""

import hashlib
from typing import Final

from msgspec import Struct

ATOM: Final = "atom"  # in place of a name: a feed of Atom among the pages


class Watch(Struct, frozen=True, kw_only=True):
    """A block of watches.yaml."""

    name: str
    query: str | None = None  # as a search takes it; None: whatever the words
    topics: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    to: tuple[str, ...]  # ATOM, or names of variables that hold an address

    @property
    def has_feed(self) -> bool:
        """Tell whether it is followed as a feed."""
        return ATOM in self.to

    @property
    def told(self) -> tuple[str, ...]:
        """Return the names of the variables that hold the addresses of those who are told."""
        return tuple(name for name in self.to if name != ATOM)

    @property
    def rules(self) -> str:
        """Return what stands for all that it looks for: where that changes, it begins anew."""
        said = repr((self.query, sorted(self.topics), sorted(self.feeds), sorted(self.languages)))
        return hashlib.sha256(said.encode()).hexdigest()[:16]
