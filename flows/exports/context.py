"""What a format may need beside the stories: when the export is made, of what, and the original documents."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from msgspec import Struct, field

from flows.exports.feed_head import FeedHead
from models.queries.captures import Capture


class ExportContext(Struct, frozen=True, kw_only=True):
    """One export."""

    made_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    head: FeedHead = field(default_factory=FeedHead)  # of a feed
    captures: Callable[[Sequence[int]], Sequence[Capture]] = lambda _ids: ()  # of these stories, in order
    body: Callable[[str], bytes | None] = lambda _digest: None  # of a document; None where it is not kept
    is_packed: bool = True  # of a web archive: by gzip, a record a member
