"""Names of hosts as they stand in a setting: HOST or HOST:PORT, never with a scheme or a path."""

import re
from ipaddress import AddressValueError, IPv6Address
from typing import Final

_LABEL: Final = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME: Final = re.compile(rf"(?P<host>{_LABEL}(?:\.{_LABEL})*|\[(?P<v6>[0-9a-f:.]+)\])(?::(?P<port>[0-9]{{1,5}}))?")
# Any host that an address may name: in any script, with a last dot, with the zone of an IPv6 address.
_SERVER: Final = re.compile(r"(?:(?P<host>[^\s/?#@:%\\\[\]]+)|\[(?P<v6>[^\s/@\[\]]+)\]):(?P<port>[0-9]{1,5})")


def read_host_name(text: str) -> str:
    """Return a name as every browser writes it. Raise ValueError, with a sentence, where it is none."""
    found = _NAME.fullmatch(text.strip().lower())
    port = int(found["port"] or 1) if found else 0
    if found is None or not 0 < port < 65536:
        raise ValueError(
            f"{text!r} is not HOST or HOST:PORT as a browser sends it, "
            "for example archive.example.org or 192.168.1.7:8080; an IPv6 address stands in brackets"
        )
    host = found["host"] if found["v6"] is None else f"[{_compressed(found['v6'])}]"
    return f"{host}:{port}" if found["port"] else host


def read_server(text: str) -> str:
    """Return a server's host and port as they are asked for. Raise ValueError, with a sentence, where they are none."""
    found = _SERVER.fullmatch(text.strip())
    if found is None or not 0 < int(found["port"]) < 65536:
        raise ValueError(
            f"{text!r} is not host:port, for example 127.0.0.1:8080: a scheme, a path and a password have no place "
            "here, and an IPv6 address stands in brackets"
        )
    host = _asked_for(found["host"]) if found["v6"] is None else f"[{_compressed(found['v6'])}]"
    return f"{host}:{int(found['port'])}"


def _asked_for(name: str) -> str:
    if name.isascii():
        return name.lower()
    from yarl import URL  # most archives name no host in another script

    try:
        return (URL.build(scheme="http", host=name).raw_host or name).lower()
    except ValueError as error:
        raise ValueError(f"{name!r} is no host's name: {error}") from None


def _compressed(address: str) -> str:
    try:
        return IPv6Address(address).compressed.lower()
    except AddressValueError:
        raise ValueError(f"{address!r} is no IPv6 address") from None
