"""The digest that lets an unchanged entry stop early. It sees what an entry says, not when it says it."""

import hashlib
import json
from collections.abc import Sequence


def entry_digest(  # noqa: PLR0913  (the six fields the digest stands on, each by name)
    *,
    title_html: str,
    html: str,
    guid: str | None,
    url_key: str | None,
    authors: Sequence[str],
    tags: Sequence[str],
) -> str:
    """Return the sha256, in hex, of an entry's fields as JSON: no field can run into the next."""
    # ASCII JSON also takes a lone surrogate, which no encoding would.
    fields = [title_html, html, guid, url_key, list(authors), list(tags)]
    return hashlib.sha256(json.dumps(fields, separators=(",", ":")).encode("ascii")).hexdigest()
