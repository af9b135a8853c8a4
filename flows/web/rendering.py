"""Turn what was read into a page: Jinja2 with escaping on, and the words and marks that every page uses."""

import hashlib
import math
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from flows.exports.shape import iso, shown_url
from flows.web import safe_text, words
from flows.web.reading import ReadingRoom, room_of
from models.outlets import handed_in
from models.queries.ledger import feeds

STATIC: Final = files("flows.web") / "static"
_PERCENT: Final = 100


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the templates' environment. A name that a template misspells is an error, never an empty place."""
    made = Environment(
        loader=PackageLoader("flows.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "plain": safe_text.plain,
        "paragraphs": safe_text.paragraphs,
        "marked": safe_text.marked,
        "outbound": safe_text.outbound,
        "shown_url": shown_url,
        "lang": safe_text.language_tag,
        "language_name": words.language_name,
        "number": words.number,
        "day_name": words.day_name,
        "spoken": words.spoken,
        "counted": words.counted,
        "iso": iso,
        "share": share,
        "scheme_less": scheme_less,
    }
    made.globals |= {"static": static_url, "address": address}
    return made


def page(request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Render a page with what all of them show."""
    room = room_of(request)
    context = {
        "request": request,
        "path": request.url.path,
        "takes_hands": room.settings.web.token is not None,
        "person": getattr(request.state, "person", None),  # who is signed in
        "zone": room.zone,
        "time_tag": lambda moment, form="%-d %B %Y, %H:%M": words.time_tag(moment, room.zone, form),
        "topic_names": topic_names(room),
        "outlet_names": outlet_names(room),
    }
    html = environment().get_template(template).render(context | values)
    return HTMLResponse(html, status_code=status)


def topic_names(room: ReadingRoom) -> dict[str, str]:
    """Return the name of each topic by its id."""

    def read() -> dict[str, str]:
        with room.view() as connection:
            return feeds.topic_names(connection)

    return room.shelf.get("topic names", read)


def outlet_names(room: ReadingRoom) -> dict[str, str]:
    """Return the name of each feed by its id; of what was handed in, the source, if it has one."""

    def read() -> dict[str, str]:
        with room.view() as connection:
            named = feeds.feed_names(connection)
        return {feed_id: handed_in(feed_id) or name for feed_id, name in named.items()}

    return room.shelf.get("outlet names", read)


@lru_cache(maxsize=64)
def static_url(name: str) -> str:
    """Return the address of a file of ours, with its digest: it changes when the file does."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def address(path: str, query: dict[str, Any] | list[tuple[str, Any]] | None = None) -> str:
    """Return an address with its query; what is empty is left out."""
    pairs = list(query.items()) if isinstance(query, dict) else list(query or ())
    given = [(name, value) for name, value in pairs if value not in (None, "", False)]
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def share(part: float, whole: float) -> str:
    """Return a part of a whole in percent; a dash where there is no whole."""
    if not whole or math.isnan(part / whole):
        return "–"
    percent = part / whole * _PERCENT
    return f"{percent:.1f} %" if percent < 10 else f"{percent:.0f} %"


def scheme_less(url: str | None) -> str:
    """Return an address as a person reads it."""
    return (url or "").partition("://")[2].removeprefix("www.").removesuffix("/") or (url or "")
