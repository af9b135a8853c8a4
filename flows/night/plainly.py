"""What was fetched, less all that a bug may have stumbled over, so that the bug itself can be written down."""

from models.stages import FetchResult, Request


def plain(found: FetchResult, url: str) -> FetchResult:
    """Return a result of asking for a URL without anything that a server says; the bytes are kept, to see why."""
    return FetchResult(
        url=url,
        final_url=url,
        status=found.status,
        body=found.body,
        digest=found.digest,
        requests=tuple(
            Request(
                url=url,
                attempt=request.attempt,
                started_at=request.started_at,
                elapsed_ms=request.elapsed_ms,
                status=request.status,
                size_bytes=request.size_bytes,
            )
            for request in found.requests
        ),
    )
