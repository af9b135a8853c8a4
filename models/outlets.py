"""Who published a story: the feeds that show it; of one that was only handed in, the site that its address names."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

IMPORT: Final = "import"  # the feed of what was handed in; under a source of its own, import:SOURCE


class Outlet(Struct, frozen=True):
    """Where a story stood."""

    feed_id: str  # that shows it, or under which it was handed in
    site: str | None = None  # the publisher's host, of a story that was only handed in; else the feed names the outlet

    @property
    def is_known(self) -> bool:
        """Tell whether anybody is known to have published it: a text without an address is a person's own."""
        return self.site is not None or not is_import(self.feed_id)


def outlets(feed_ids: Sequence[str], url: str | None) -> tuple[Outlet, ...]:
    """Return the outlets of a story that these feeds show, in their order. Who hands a story in is none."""
    shown = tuple(Outlet(feed_id) for feed_id in feed_ids if not is_import(feed_id))
    return shown or tuple(Outlet(feed_id, site_of(url)) for feed_id in feed_ids[:1])


def is_import(feed_id: str) -> bool:
    """Tell the feeds of what was handed in."""
    return feed_id == IMPORT or feed_id.startswith(f"{IMPORT}:")


def handed_in(feed_id: str) -> str | None:
    """Say where a feed's documents come from, if they were handed in; None of any other feed."""
    source = feed_id.removeprefix(IMPORT).removeprefix(":")
    return f"handed in{f' ({source})' if source else ''}" if is_import(feed_id) else None


def site_of(url: str | None) -> str | None:
    """Return the host of an address of the web, without www; None of any other."""
    try:
        parts = urlsplit(url or "")
        host = parts.hostname if parts.scheme in {"http", "https"} else None
    except ValueError:
        return None
    return host.removeprefix("www.") or None if host else None
