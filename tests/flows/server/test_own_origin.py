"""Who may ask Prefect's server: its own pages, and programs that call it by its name."""

from typing import Any

import httpx
import pytest

from flows.server.own_origin import OwnOrigin
from flows.server.process import own_names

HERE = "127.0.0.1:4200"
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
FRAME = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
IMAGE = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}


async def _nothing() -> dict[str, Any]:
    return {}


async def _app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"in"})


@pytest.mark.parametrize(
    ("host", "headers", "status"),
    [
        pytest.param(HERE, {}, 200, id="a program"),
        pytest.param("localhost:4200", {}, 200, id="a program that says localhost"),
        pytest.param("[::1]:4200", {}, 200, id="a program that says it in IPv6"),
        pytest.param("LOCALHOST:4200", {"Origin": "http://LocalHost:4200"}, 200, id="names in capitals"),
        pytest.param(HERE, {"Origin": f"http://{HERE}", "Sec-Fetch-Site": "same-origin"}, 200, id="its own page"),
        pytest.param(
            HERE, {"Origin": "http://localhost:4200", "Sec-Fetch-Site": "cross-site"}, 200, id="other own name"
        ),
        pytest.param(HERE, {"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}, 200, id="a typed address"),
        pytest.param(HERE, LINK, 200, id="a link on another site"),
        pytest.param(HERE, FRAME, 403, id="a frame on another site"),
        pytest.param(HERE, IMAGE, 403, id="a picture on another port"),
        pytest.param("rebound.example:4200", {}, 421, id="a name that was pointed here"),
        pytest.param("127.0.0.1.rebound.example:4200", {}, 421, id="a name that begins like ours"),
        pytest.param("127.0.0.1", {}, 421, id="no port"),
        pytest.param("127.0.0.1:80", {}, 421, id="another port"),
        pytest.param(HERE, {"Origin": "http://rebound.example:4200"}, 403, id="another site's page"),
        pytest.param(HERE, {"Origin": "http://127.0.0.1:8000"}, 403, id="a page on another port"),
        pytest.param(HERE, {"Origin": "null"}, 403, id="a file, or a sandboxed frame"),
        pytest.param(HERE, {"Origin": f"http://{HERE}.evil.example"}, 403, id="an origin that begins like ours"),
    ],
)
async def test_its_own_name_and_pages_alone_are_answered(host, headers, status) -> None:
    """The host must be one of its names, and a page that asks one of its own."""
    transport = httpx.ASGITransport(app=OwnOrigin(_app, own_names(4200)))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        for method in ("GET", "POST", "DELETE", "OPTIONS"):
            answer = await client.request(method, "/api/flows", headers={"Host": host} | headers)
            assert answer.status_code == status
            assert (answer.text == "in") is (status == 200)
            assert "access-control-allow-origin" not in answer.headers


async def test_a_request_with_two_hosts_is_refused() -> None:
    """Whichever of them the application would believe."""
    sent: list[dict[str, Any]] = []

    async def send(message) -> None:
        sent.append(message)

    headers = [(b"host", HERE.encode()), (b"host", b"rebound.example")]
    await OwnOrigin(_app, own_names(4200))({"type": "http", "headers": headers}, _nothing, send)
    assert sent[0]["status"] == 421


async def test_a_websocket_of_another_site_is_not_opened() -> None:
    """Browsers put no rule of theirs between a page and a websocket."""
    sent: list[dict[str, Any]] = []

    async def send(message) -> None:
        sent.append(message)

    headers = [(b"host", HERE.encode()), (b"origin", b"https://rebound.example")]
    await OwnOrigin(_app, own_names(4200))({"type": "websocket", "headers": headers}, _nothing, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]
