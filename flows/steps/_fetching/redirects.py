"""The way from an address over its redirects, followed by hand so that every hop can be judged."""

import string
from urllib.parse import quote

from yarl import URL

from flows.steps._fetching.addresses import checked_url
from models.errors import AddressRefused, RedirectFailed

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})


class RedirectChain:
    """Where a request has come to."""

    def __init__(self, start: URL, max_hops: int) -> None:
        self.here = start
        self.moved_to: URL | None = None  # as far as permanent redirects alone lead
        self._max_hops = max_hops
        self._seen = {start}
        self._is_permanent_so_far = True

    @property
    def hops(self) -> int:
        """Count the redirects followed."""
        return len(self._seen) - 1

    def follow(self, status: int, location: str | None) -> None:
        """Go where a redirect points; raise RedirectFailed or AddressRefused if that cannot be."""
        target = self._target(status, location)
        if target in self._seen:
            raise RedirectFailed(f"a loop of redirects comes back to {target}")
        if self.hops >= self._max_hops:
            raise RedirectFailed(f"more than {self._max_hops} redirects")
        self._seen.add(target)
        self.here = target
        self._is_permanent_so_far &= status in _PERMANENT
        if self._is_permanent_so_far:
            self.moved_to = target

    def is_here(self, location: str) -> bool:
        """Tell whether an address is the one that was just asked: a page that reloads itself leads nowhere."""
        try:
            return URL(location).with_fragment(None) == self.here
        except ValueError:
            return False

    def _target(self, status: int, location: str | None) -> URL:
        if not location or not location.strip():
            raise RedirectFailed(f"a redirect ({status}) without Location")
        # Bytes outside ASCII are kept as they came: aiohttp hands them on as surrogates.
        text = quote(location.strip().encode("utf-8", "surrogateescape"), safe=string.punctuation)
        try:
            target = self.here.join(URL(text))
        except ValueError as error:
            raise AddressRefused(f"a redirect to {text[:200]!r}, which is not a URL") from error
        return checked_url(str(target))
