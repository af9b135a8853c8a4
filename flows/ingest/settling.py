"""Decide and write in one transaction; what the decision lacks (a text, labels) is made first, and again if need be."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

from msgspec import Struct, field
from sqlalchemy import Connection

from flows.runs.session import ArchiveSession
from models.stages import Heading

Material = TypeVar("Material")
Written = TypeVar("Written")


class Lack(Struct, frozen=True, kw_only=True):
    """What a decision lacks that only a worker process can find."""

    texts: frozenset[int] = frozenset()  # positions of items that are to be cleaned
    headings: Mapping[int, Heading] = field(default_factory=dict)  # positions -> under which they are to be judged
    versions: frozenset[int] = frozenset()  # ids of versions of older code that are to be read again

    def __bool__(self) -> bool:
        return bool(self.texts or self.headings or self.versions)


NOTHING: Final = Lack()


async def settle(
    session: ArchiveSession,
    material: Material,
    supply: Callable[[Material, Lack], Awaitable[Material]],
    write: Callable[[Connection, Material], Written | Lack],
) -> Written:
    """Write this material in one transaction and return what that returns.

    The transaction decides first. Where it lacks something, as most do nothing, it writes nothing and returns what:
    that is supplied, and another transaction decides anew, for the archive may have moved meanwhile.
    """
    while True:
        written = await session.write(write, material)
        if not isinstance(written, Lack):
            return written
        material = await supply(material, written)
