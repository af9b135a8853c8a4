"""An unexpected exception as a recorded problem, and the fetch it happened on without the server's own words."""

from typing import Final

from models.errors import Bug
from models.stages import FetchResult, Problem, Request

MAX_CHARACTERS: Final = 200


def bug_problem(error: BaseException) -> Problem:
    """Describe an unexpected exception in one line: its class and message, without SQL statement and parameters."""
    # SQLAlchemy's own words begin with the driver's and go on with the whole statement, stories' texts and all.
    cause = getattr(error, "orig", None) or error
    line = str(cause).strip().partition("\n")[0]
    return Problem(error=Bug.__name__, message=f"bug: {type(cause).__name__}: {line}"[:MAX_CHARACTERS])


def redact(found: FetchResult, url: str) -> FetchResult:
    """Return a fetch result without redirects, headers and validators; what names the body is kept for diagnosis."""
    return FetchResult(
        url=url,
        final_url=url,
        status=found.status,
        digest=found.digest,
        size_bytes=found.size_bytes,
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
