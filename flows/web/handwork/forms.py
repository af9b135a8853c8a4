"""What a form sends: read to a bound, and only from a page of ours."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qs

from fastapi import HTTPException, Request
from msgspec import Struct

from flows.web.safe_text import plain

_MOST_BYTES: Final = 20_000
_MOST_FIELDS: Final = 40
_KIND: Final = "application/x-www-form-urlencoded"


class Form(Struct, frozen=True):
    """The fields of a form."""

    fields: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str:
        """Return a field as it was given; empty where it was not."""
        return (self.fields.get(name) or ("",))[0]

    def line(self, name: str) -> str:
        """Return a field as one line, without controls and blanks around it."""
        return " ".join(plain(self.one(name)).split())

    def chosen(self, name: str) -> tuple[str, ...]:
        """Return what was chosen, each once, in its order."""
        return tuple(dict.fromkeys(value for value in self.fields.get(name, ()) if value))


async def posted(request: Request) -> Form:
    """Read the form of a request. Raise HTTPException where it is none, too large, or of no page of ours."""
    _require_own_page(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _KIND:
        raise HTTPException(415, "Only a form of these pages can be sent here.")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            raise HTTPException(413, "That is too much for one form.")
    try:
        told = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise HTTPException(400, "That form cannot be read.") from None
    return Form(told)


def _require_own_page(request: Request) -> None:
    """Raise HTTPException where a browser does not say that a page of ours sends this.

    An Origin of others has been refused before (`flows.server.own_origin`).
    """
    if "origin" not in request.headers and request.headers.get("sec-fetch-site") != "same-origin":
        raise HTTPException(403, "Nothing says that a page of this archive sends this: an Origin is needed.")
