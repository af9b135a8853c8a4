"""What Prefect's server does not look at: by which name it is called, and whose page asks. An ASGI wrapper; no Prefect.

A page of anybody's, open in a browser on this machine, can send requests to loopback, also under a name of its own that
its owner lets point there (DNS rebinding). Both show in headers that a page cannot set.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_OWN: Final = (b"same-origin", b"none")  # none: typed by a person, or no browser
_MISDIRECTED, _FORBIDDEN = 421, 403
_POLICY_VIOLATION: Final = 1008  # of a websocket


class OwnOrigin:
    """Hands on what is asked under one of the server's names and by no page but its own; all else is refused."""

    def __init__(self, app: App, names: Iterable[str], advice: str = "") -> None:
        """Take the application, its names as a browser sends them, and what to do where another is meant."""
        self._app = app
        self._misdirected = f"This server does not go by that name. {advice}".rstrip()
        self._names = frozenset(name.lower().encode() for name in names)
        self._origins = frozenset(scheme + name for name in self._names for scheme in (b"http://", b"https://"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or open a websocket."""
        refusal = None if scope["type"] == "lifespan" else self._refusal(scope["headers"])
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            await _refuse(send, *refusal)

    def _refusal(self, headers: Iterable[tuple[bytes, bytes]]) -> tuple[int, str] | None:
        found: dict[bytes, list[bytes]] = {}
        for name, value in headers:
            found.setdefault(name.lower(), []).append(value.strip().lower())
        hosts, origins = found.get(b"host", []), found.get(b"origin", [])
        if len(hosts) != 1 or hosts[0] not in self._names:
            return _MISDIRECTED, self._misdirected
        if any(origin not in self._origins for origin in origins) or not (origins or _is_own_or_a_link(found)):
            return _FORBIDDEN, "Another site's page may not ask this server."
        return None


def _is_own_or_a_link(headers: dict[bytes, list[bytes]]) -> bool:
    """Tell whether a request without an Origin is no other page's; a link that somebody follows may be."""
    sites, kinds = headers.get(b"sec-fetch-site", []), headers.get(b"sec-fetch-dest", [])
    return all(site in _OWN for site in sites) or kinds == [b"document"]


async def _refuse(send: Send, status: int, why: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{why}\n".encode()})
