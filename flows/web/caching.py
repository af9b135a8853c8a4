"""An answer that a reader has already need not be sent again: ETag and 304 for all that is read whole, and HEAD."""

import hashlib
from collections.abc import Iterable, MutableMapping
from typing import Any, Final

from flows.server.own_origin import App, Receive, Scope, Send

_MOST_BYTES: Final = 8_000_000  # a longer answer goes out as it comes
_Message = MutableMapping[str, Any]


class EntityTags:
    """Gives each whole answer a tag made of its bytes, and sends none that the asker names."""

    def __init__(self, app: App) -> None:
        """Take the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, is_head=scope["method"] == "HEAD", known=_known(scope["headers"]))
        await self._app({**scope, "method": "GET"}, receive, answer.take)


class _Answer:
    """One answer, held back until it is whole or too long to hold."""

    def __init__(self, send: Send, *, is_head: bool, known: frozenset[bytes]) -> None:
        self._send, self._is_head, self._known = send, is_head, known
        self._start: _Message | None = None
        self._body = b""
        self._is_passing = False

    async def take(self, message: _Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            self._is_passing = message["status"] != 200 or _says(message, b"x-streamed")
            if self._is_passing:
                await self._send(message)
        elif self._is_passing:
            await self._send({**message, "body": b""} if self._is_head else message)
        else:
            await self._hold(message)

    async def _hold(self, message: _Message) -> None:
        self._body += message.get("body", b"")
        is_more = message.get("more_body", False)
        assert self._start is not None  # ASGI: the start comes first
        if not is_more:
            await self._finish(self._start)
        elif len(self._body) > _MOST_BYTES:
            self._is_passing = True
            await self._send(self._start)
            await self._send({"type": "http.response.body", "body": self._body, "more_body": True})

    async def _finish(self, start: _Message) -> None:
        tag = b'W/"' + hashlib.sha256(self._body).hexdigest()[:32].encode() + b'"'
        headers = [*start["headers"], (b"etag", tag)]
        if tag in self._known or b"*" in self._known:
            kept = [(name, value) for name, value in headers if name not in {b"content-length", b"content-type"}]
            await self._send({"type": "http.response.start", "status": 304, "headers": kept})
            await self._send({"type": "http.response.body", "body": b""})
            return
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": b"" if self._is_head else self._body})


def _known(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    given = b",".join(value for name, value in headers if name.lower() == b"if-none-match")
    tags = (tag.strip() for tag in given.split(b","))
    return frozenset(tag if tag.startswith((b"W/", b"*")) else b"W/" + tag for tag in tags if tag)


def _says(message: _Message, name: bytes) -> bool:
    return any(key.lower() == name for key, _ in message.get("headers", ()))
