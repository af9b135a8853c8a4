"""What every answer carries, whatever page made it: a policy under which a browser runs and loads nothing but ours."""

from collections.abc import Iterable, MutableMapping
from typing import Any, Final

from flows.server.own_origin import App, Receive, Scope, Send

# No inline script or style, no other host, no frame around us, no form that leaves.
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# What the archive holds of a publisher, as a download: it may do nothing at all in this place.
SANDBOX: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"
_HEADERS: Final = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",  # a publisher need not learn who reads its story here, or what was searched for
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), browsing-topics=()",
    b"cache-control": b"private, no-cache",  # may be kept, and is asked after each time: an ETag answers
}


class SafeHeaders:
    """Adds the headers of safety to each answer that does not set them itself."""

    def __init__(self, app: App) -> None:
        """Take the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def send_safe(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _completed(message.get("headers", ()))
            await send(message)

        await self._app(scope, receive, send_safe)


def names_of(host: str, port: int, others: Iterable[str]) -> tuple[str, ...]:
    """Return the names, as browsers send them, under which a server answers: this machine's own, and others."""
    own = (authority(name, port) for name in (host, "127.0.0.1", "localhost", "::1"))
    return tuple(dict.fromkeys(sent for name in (*own, *others) for sent in (name, _without_port(name))))


def authority(host: str, port: int) -> str:
    """Return a host and a port as they stand in an address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _without_port(name: str) -> str:
    """Return a name without the port of http or https, which a browser leaves out."""
    return name.removesuffix(":80").removesuffix(":443")


def _completed(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    given = [(name.lower(), value) for name, value in headers if name.lower() != b"server"]
    names = {name for name, _ in given}
    return given + [(name, value) for name, value in _HEADERS.items() if name not in names]
