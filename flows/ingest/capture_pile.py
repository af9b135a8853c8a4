"""The captures of an import that are yet to be taken: of each its place and its moment alone, for there are many."""

from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from msgspec import Struct

from flows.steps.captures import PlacedCapture

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


class CapturePlace(Struct, frozen=True, kw_only=True):
    """Where a capture stands."""

    document: int  # which of the import's
    offset: int  # of its record there
    page: int  # the same for all captures of a page
    moment: int


class CapturePile:
    """Captures in the order of their moments; of one moment, in the order in which they were put here."""

    def __init__(self) -> None:
        self._documents, self._offsets, self._pages, self._moments = array("i"), array("q"), array("q"), array("q")

    def __len__(self) -> int:
        return len(self._offsets)

    def __iter__(self) -> Iterator[CapturePlace]:
        for at in sorted(range(len(self)), key=self._moments.__getitem__):
            yield CapturePlace(
                document=self._documents[at], offset=self._offsets[at], page=self._pages[at], moment=self._moments[at]
            )

    def add(self, document: int, capture: PlacedCapture) -> None:
        """Put a capture here as it was found in a document."""
        name = (document, capture.offset) if capture.url_key is None else capture.url_key
        moment = (capture.at - _EPOCH) // _TICK
        self.put(CapturePlace(document=document, offset=capture.offset, page=hash(name), moment=moment))

    def put(self, place: CapturePlace) -> None:
        """Put a capture here from another pile."""
        self._documents.append(place.document)
        self._offsets.append(place.offset)
        self._pages.append(place.page)
        self._moments.append(place.moment)

    def pages(self) -> frozenset[int]:
        """Return the pages that have captures here."""
        return frozenset(self._pages)

    def repeated(self) -> frozenset[int]:
        """Return the pages that have several captures here."""
        return frozenset(page for page, after in pairwise(sorted(self._pages)) if page == after)
