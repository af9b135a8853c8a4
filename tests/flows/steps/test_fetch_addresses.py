"""Which addresses are asked: public ones and those on the allow list; and how names, connections and TLS fail."""

import asyncio
import errno
import socket

import pytest
from msgspec.structs import replace
from yarl import URL

from flows.steps._fetching.addresses import AddressGuard, RefusedAddressError, checked_url, host_and_port, is_public
from flows.steps._fetching.http_client import trusted
from flows.steps.fetch import Fetcher
from models.errors import AddressRefused
from tests.site.behaviours import FEED, answer, redirect
from tests.site.server import SELF_SIGNED, Site, self_signed
from tests.site.visitor import PATIENT, Pauses, allowing, visitor

PRIVATE_SPELLINGS = [
    pytest.param("127.0.0.1", id="dotted"),
    pytest.param("2130706433", id="one decimal number"),
    pytest.param("0x7f000001", id="one hexadecimal number"),
    pytest.param("0177.0.0.1", id="octal"),
    pytest.param("127.1", id="short"),
    pytest.param("0.0.0.0", id="unspecified"),
    pytest.param("[::1]", id="IPv6"),
    pytest.param("[::ffff:127.0.0.1]", id="IPv4 mapped into IPv6"),
    pytest.param("[::ffff:7f00:1]", id="IPv4 mapped into IPv6, in hexadecimal"),
    pytest.param("[64:ff9b::7f00:1]", id="through NAT64"),
    pytest.param("[2002:7f00:1::]", id="through 6to4"),
    pytest.param("localhost", id="a name that resolves to a private address"),
]


@pytest.mark.parametrize("host", PRIVATE_SPELLINGS)
async def test_a_private_address_is_never_touched(host: str, site: Site, canary: Site, fetcher: Fetcher) -> None:
    """However it is written, asked directly or by redirect, a private address off the allow list is refused."""
    url = f"http://{host}:{canary.port}/secret"
    direct = await fetcher.fetch_feed(url)
    by_redirect = await fetcher.fetch_feed(site.serve("/feed", redirect(302, url)))
    for result in (direct, by_redirect):
        assert result.problem is not None
        assert (result.problem.error, result.problem.is_transient) == ("AddressRefused", False)
        assert result.body is None
    assert len(site.log) == 1


async def test_a_name_that_changes_its_mind_is_refused(site: Site, canary: Site, pauses: Pauses) -> None:
    """A public-looking name is judged by every address that it resolves to, at the moment of connecting."""

    def rebind(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("127.0.0.1", "10.0.0.7")]

    async with visitor(pauses, replace(PATIENT, allow_private=allowing(site)), getaddrinfo=rebind) as fetcher:
        result = await fetcher.fetch_feed(f"http://news.example:{canary.port}/feed")
    assert result.problem is not None
    assert result.problem.error == "AddressRefused"
    assert pauses.seconds == []


async def test_a_name_on_the_allow_list_may_be_private(site: Site, pauses: Pauses) -> None:
    """An allow list may hold a name; its address may then be private for this name, and for no other."""
    limits = replace(PATIENT, allow_private=frozenset({f"Localhost:{site.port}"}))
    async with visitor(pauses, limits) as fetcher:
        named = await fetcher.fetch_feed(f"http://localhost:{site.port}{URL(site.serve('/feed', answer())).path}")
        by_address = await fetcher.fetch_feed(site.url("/feed"))
    assert named.body == FEED
    assert by_address.problem is not None
    assert by_address.problem.error == "AddressRefused"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("64:ff9b::5db8:d70e", True),
        ("::ffff:93.184.215.14", True),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.251", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("0.0.0.0", False),
        ("::", False),
        ("::1", False),
        ("::7f00:1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::5db8:d70e", False),
        ("2002:a00:1::", False),
        ("2001:db8::1", False),
        ("2001:0:7f00:1::", False),
    ],
)
def test_public_addresses(address: str, expected: bool) -> None:
    """Only addresses of the open Internet are public, also where IPv4 hides in IPv6."""
    assert is_public(address) is expected


def test_a_socket_is_made_for_a_public_address_alone() -> None:
    """The guard makes sockets for public addresses and raises for others."""
    guard = AddressGuard(frozenset())
    public = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("93.184.215.14", 80))
    guard.make_socket(public).close()
    with pytest.raises(RefusedAddressError, match="::1 is not a public address"):
        guard.make_socket((socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("::1", 80, 0, 0)))


def test_an_allow_list_names_ipv6_in_brackets() -> None:
    """An IPv6 address on the allow list stands in brackets, as in a URL."""
    guard = AddressGuard(frozenset({"[::1]:8000"}))
    guard.make_socket((socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("::1", 8000, 0, 0))).close()
    assert host_and_port(URL("http://[::1]:8000/")) == "[::1]:8000"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="empty"),
        pytest.param("tide.example/feed", id="no scheme"),
        pytest.param("/feed", id="relative"),
        pytest.param("ftp://tide.example/feed", id="another scheme"),
        pytest.param("file:///etc/hostname", id="a file"),
        pytest.param("http:///feed", id="no host"),
        pytest.param("http://tide.example:99999/", id="a port out of range"),
        pytest.param("http://tide.example:0/", id="port 0"),
        pytest.param("http://[::1/", id="a broken bracket"),
        pytest.param("http://reader@tide.example/", id="a user name"),
        pytest.param("http://reader:secret@tide.example/", id="a password"),
        pytest.param("http://tide\u2100.example/", id="a host that normalises to a path"),
    ],
)
async def test_a_url_that_may_not_be_asked(url: str, fetcher: Fetcher) -> None:
    """A malformed URL, another scheme or a user name is refused before any request, and no secret is repeated."""
    result = await fetcher.fetch_feed(url)
    assert result.problem is not None
    assert result.problem.error == "AddressRefused"
    assert "secret" not in result.problem.message
    assert (result.requests, result.attempts, result.final_url) == ((), 0, url)


def test_a_checked_url_has_no_fragment() -> None:
    """Fragments are never sent; spaces around a URL do not count; other names are written in ASCII."""
    assert str(checked_url(" http://tide.example/a?b=1#c ")) == "http://tide.example/a?b=1"
    assert str(checked_url("https://bücher.example/")) == "https://xn--bcher-kva.example/"
    with pytest.raises(AddressRefused, match="is neither http nor https"):
        checked_url("data:text/plain," + "x" * 1000)


@pytest.mark.parametrize(
    ("trouble", "error", "requests"),
    [
        pytest.param(socket.gaierror(socket.EAI_NONAME, "no such name"), "UnknownHost", 1, id="no such name"),
        pytest.param(socket.gaierror(socket.EAI_AGAIN, "try again"), "TemporaryDnsFailure", 3, id="not now"),
        pytest.param(socket.gaierror(socket.EAI_FAIL, "broken"), "TemporaryDnsFailure", 3, id="a broken resolver"),
        pytest.param(UnicodeError("label too long"), "UnknownHost", 1, id="a name that cannot be"),
    ],
)
async def test_names_that_do_not_resolve(trouble, error: str, requests: int, pauses: Pauses) -> None:
    """A name that does not exist is asked for once, a resolver in trouble three times."""

    def fail(*_, **__):
        raise trouble

    async with visitor(pauses, PATIENT, getaddrinfo=fail) as fetcher:
        result = await fetcher.fetch_feed("http://tide.example/feed")
        assert not fetcher.has_connected
    assert result.problem is not None
    assert (result.problem.error, len(result.requests)) == (error, requests)


async def test_a_resolver_that_hangs_ends_as_timed_out(pauses: Pauses) -> None:
    """Looking up a name is part of connecting, and ends with its deadline."""
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang(*_, **__):
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result()
        return []

    async with visitor(pauses, replace(PATIENT, connect_timeout_s=0.05), getaddrinfo=hang) as fetcher:
        result = await fetcher.fetch_feed("http://tide.example/feed")
        release.set()
    assert result.problem is not None
    assert (result.problem.error, result.attempts) == ("TimedOut", 2)


async def test_a_refused_connection_is_tried_three_times(site: Site, pauses: Pauses) -> None:
    """A port where nobody listens fails as ConnectFailed after three tries."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        async with visitor(pauses, replace(PATIENT, allow_private=frozenset({address}))) as fetcher:
            result = await fetcher.fetch_feed(f"http://{address}/feed")
            assert not fetcher.has_connected
    assert result.problem is not None
    assert result.problem.error == "ConnectFailed"
    assert result.problem.message.endswith("could not be connected to: Connection refused")
    assert (result.attempts, pauses.seconds) == (3, [0.5, 1.0])


async def test_a_network_that_is_down_is_a_failed_connection(pauses: Pauses, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a route reports ConnectFailed, and that nothing could be connected to."""

    async def no_route(*_):
        raise OSError(errno.ENETUNREACH, "no route")

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", no_route)
    async with visitor(pauses, PATIENT) as fetcher:
        result = await fetcher.fetch_feed("http://93.184.215.14/feed")
        assert not fetcher.has_connected
    assert result.problem is not None
    assert result.problem.error == "ConnectFailed"
    assert "Network is unreachable" in result.problem.message


async def test_a_self_signed_certificate_is_not_trusted(pauses: Pauses) -> None:
    """A certificate that nobody vouches for ends as TlsFailed, after one try and with nothing sent."""
    async with Site(tls=self_signed()) as site:
        url = site.serve("/feed", answer())
        async with visitor(pauses, replace(PATIENT, allow_private=allowing(site))) as fetcher:
            result = await fetcher.fetch_feed(url)
            assert fetcher.has_connected
        assert site.log == []
    assert result.problem is not None
    assert (result.problem.error, result.attempts) == ("TlsFailed", 1)


async def test_a_certificate_that_the_machine_trusts_is_trusted(
    pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine's certificates count, though they are loaded no earlier than for the first https address."""
    monkeypatch.setenv("SSL_CERT_FILE", str(SELF_SIGNED))
    trusted.cache_clear()
    try:
        async with Site(tls=self_signed()) as site:
            url = site.serve("/feed", answer())
            async with visitor(pauses, replace(PATIENT, allow_private=allowing(site))) as fetcher:
                result = await fetcher.fetch_feed(url)
    finally:
        trusted.cache_clear()
    assert (result.problem, result.body) == (None, FEED)


async def test_tls_garbage_is_not_trusted(pauses: Pauses) -> None:
    """A server that speaks no TLS on an https address ends as TlsFailed."""

    async def babble(_, writer) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, visitor(pauses, replace(PATIENT, allow_private=frozenset({address}))) as fetcher:
        result = await fetcher.fetch_feed(f"https://{address}/feed")
    assert result.problem is not None
    assert (result.problem.error, result.attempts) == ("TlsFailed", 1)
