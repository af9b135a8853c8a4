"""Decide and write in one transaction; where the decision lacks a text or labels, have them made and try again."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from sqlalchemy import Connection

from flows.runs.session import ArchiveSession
from models.stages import Heading

Material = TypeVar("Material")
Written = TypeVar("Written")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
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
    lack_of: Callable[[Connection, Material], Lack],
    supply: Callable[[Material, Lack], Awaitable[Material]],
    write: Callable[[Connection, Material], Written | None],
) -> Written:
    """Supply what the decision on this material lacks, then write it in one transaction; return what that returns.

    The transaction decides again, and returns None where the archive has moved so that something is lacking: then all
    is done once more.
    """
    while True:
        while lack := await session.read(lack_of, material):
            material = await supply(material, lack)
        written = await session.write(write, material)
        if written is not None:
            return written
