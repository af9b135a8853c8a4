"""Every number that bounds fetching, in one place."""

from msgspec import Struct

MEGABYTE = 1_000_000


class FetchLimits(Struct, frozen=True, kw_only=True):
    """How long, how much, how often and whom a Fetcher may ask. Seconds end in _s, sizes in _bytes."""

    total_timeout_s: float = 30.0  # one try with its redirects, waits for a slot not counted
    connect_timeout_s: float = 5.0  # name, connection and TLS together
    read_timeout_s: float = 10.0  # silence between two pieces of an answer
    feed_deadline_s: float = 90.0  # all tries of one address and the pauses between them
    feed_max_bytes: int = 10 * MEGABYTE  # declared or decoded, whichever is found out first
    page_max_bytes: int = 5 * MEGABYTE
    robots_max_bytes: int = 1 * MEGABYTE  # RFC 9309 wants at least 500 KiB read
    header_max_bytes: int = 16_384  # one header line; aiohttp takes at most 128 of them
    concurrency: int = 20  # requests at once
    per_host: int = 2  # requests at once to one host
    host_interval_s: float = 1.0  # between the starts of two requests to one host
    max_interval_s: float = 10.0  # how far Crawl-delay and repeated 429 may stretch that
    tries: int = 3
    timeout_tries: int = 2  # in place of tries once a deadline has passed
    max_redirects: int = 10
    retry_after_max_s: float = 30.0  # a longer Retry-After is not waited for
    refusals_per_host: int = 3  # 429 without a moment, before a host is left alone for the run
    pauses_per_host: int = 10  # answers with a moment in Retry-After, before the same
    backoff_s: tuple[float, ...] = (0.5, 1.0, 2.0)  # before the second, third, ... try
    unreachable_after: int = 5  # addresses of one host:port that could not connect, before the others are not tried
    silence_s: float = 1200.0  # of all requests for pages to hosts that do not answer; shared by those at once
    allow_private: frozenset[str] = frozenset()  # "host:port" that may be asked although not public
    contact: str = ""  # goes into the User-Agent: a URL or an e-mail address, printable ASCII
