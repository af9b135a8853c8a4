"""What a broken request means in terms of models.errors, and as a value."""

import os
import socket

from flows.steps._fetching.addresses import RefusedAddressError
from flows.steps._fetching.http_client import aiohttp
from models.errors import (
    AddressRefused,
    BadResponse,
    ConnectFailed,
    Permanent,
    TemporaryDnsFailure,
    TimedOut,
    TlsFailed,
    Transient,
    TryLater,
    UnknownHost,
)
from models.stages import Problem

BROKEN_REQUEST = (aiohttp.ClientError, TimeoutError)  # all that failure_of can name

# Not every platform has all of them; the first two say that the name is known but has no address.
_NO_SUCH_NAME = frozenset(
    getattr(socket, name) for name in ("EAI_NODATA", "EAI_ADDRFAMILY", "EAI_NONAME") if hasattr(socket, name)
)

# The first class that fits decides: the order goes from the special to the general.
_MEANINGS: tuple[tuple[type[Exception], type[Transient | Permanent], str], ...] = (
    (aiohttp.ClientSSLError, TlsFailed, "{host} offers no TLS connection that can be trusted: {detail}"),
    (aiohttp.ConnectionTimeoutError, TimedOut, "{host} could not be connected to in time"),
    (aiohttp.SocketTimeoutError, TimedOut, "{host} fell silent"),
    (TimeoutError, TimedOut, "{host} took longer than a request may take"),
    (aiohttp.InvalidURL, AddressRefused, "{host} cannot be asked: {detail}"),
    (aiohttp.ClientResponseError, BadResponse, "{host} does not speak HTTP: {detail}"),
    (aiohttp.ServerDisconnectedError, ConnectFailed, "{host} closed the connection without an answer"),
    (aiohttp.ClientConnectorError, ConnectFailed, "{host} could not be connected to: {detail}"),
    (aiohttp.ClientError, ConnectFailed, "{host} broke the connection: {detail}"),
)


def failure_of(error: Exception, host: str) -> Transient | Permanent:
    """Name what went wrong while asking host ("example.org:443")."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return _name_failure(error, host)
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, RefusedAddressError):
        return AddressRefused(f"{host} may not be asked: {error.os_error.strerror}")
    for kind, meaning, sentence in _MEANINGS:
        if isinstance(error, kind):
            return meaning(sentence.format(host=host, detail=_detail(error)))
    raise error


def could_not_connect(error: Transient | Permanent) -> bool:
    """Tell whether a failure happened before there was any connection."""
    cause = error.__cause__
    if isinstance(error, AddressRefused | TlsFailed):
        return False
    return isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)


def problem_of(error: Transient | Permanent) -> Problem:
    """Turn an error into the value that travels on."""
    return Problem(
        error=type(error).__name__,
        message=str(error),
        is_transient=isinstance(error, Transient),
        retry_at=error.retry_at if isinstance(error, TryLater) else None,
    )


def _name_failure(error: aiohttp.ClientConnectorDNSError, host: str) -> Transient | Permanent:
    if error.os_error.errno in _NO_SUCH_NAME:
        return UnknownHost(f"{host} does not exist: there is no such name")
    return TemporaryDnsFailure(f"the name of {host} could not be resolved now: {error.os_error.strerror}")


def _detail(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientResponseError):
        return " ".join(error.message.split())[:200]
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return getattr(error.certificate_error, "verify_message", "") or "certificate refused"
    number = error.errno if isinstance(error, OSError) else None
    is_plain = number is not None and not isinstance(error, aiohttp.ClientSSLError)
    return os.strerror(number) if is_plain and number else " ".join(str(error).split())[:200]
