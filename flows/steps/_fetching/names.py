"""Name resolution in threads of its own: a hanging resolver must not starve other users of the loop's thread pool."""

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flows.steps._fetching.http_client import AbstractResolver, ResolveResult

GetAddrInfo = Callable[..., list[tuple[Any, ...]]]


class HostResolver(AbstractResolver):
    """Resolve host names with getaddrinfo, so that /etc/hosts and the system's own configuration count."""

    def __init__(self, getaddrinfo: GetAddrInfo, threads: int) -> None:
        self._getaddrinfo = getaddrinfo
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="resolve")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """List the addresses of a name; raise socket.gaierror if there is none."""
        infos = await asyncio.get_running_loop().run_in_executor(self._pool, self._look_up, host, port, family)
        return [
            ResolveResult(hostname=host, host=address[0], port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)
            for kind, _, _, _, address in infos
        ]

    async def close(self) -> None:
        """Let go of the threads without waiting for a resolver that hangs."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _look_up(self, host: str, port: int, family: int) -> list[tuple[Any, ...]]:
        try:
            return self._getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        except UnicodeError as error:  # a label of 64 letters or more
            raise socket.gaierror(socket.EAI_NONAME, f"{host[:80]} cannot be a host name") from error
