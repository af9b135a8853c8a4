"""What a format may need beside the stories: what it is called, when it is made, and the original documents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from models.queries.captures import Capture


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportContext:
    """One export."""

    name: str = "stories"  # of a feed, by which its readers know it for good
    title: str | None = None  # of a feed; None: the archive's
    made_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    captures: Callable[[Sequence[int]], Sequence[Capture]] = lambda _ids: ()  # of these stories, in order
    body: Callable[[str], bytes | None] = lambda _digest: None  # of a document; None where it is not kept
    is_packed: bool = True  # of a web archive: by gzip, a record a member
