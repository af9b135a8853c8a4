"""A web archive of stories is replayed by pywb as it was captured; where its commands are not installed, by nobody."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from tests.flows.exports.test_formats import STORY
from tests.flows.exports.test_warc import AGAIN, BODIES, FEED, HANDED_IN, PAGE, written
from tests.processes import outer_environment
from tests.serving import PATIENCE_S, free_port

pytestmark = pytest.mark.system

COMMANDS = ("wb-manager", "wayback")
ELSEWHERE = replace(AGAIN, url="https://one.example/copy/of/sea")


def missing() -> list[str]:
    """Return which commands of pywb are not installed."""
    return [name for name in COMMANDS if shutil.which(name) is None]


@contextmanager
def replaying(folder: Path) -> Iterator[httpx.Client]:
    """Replay the collections of a folder on loopback; give a client of them."""
    port = free_port()
    command = ["wayback", "--bind", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, cwd=folder, env=outer_environment()) as process:
        try:
            patient = httpx.HTTPTransport(retries=8)  # it takes a while to listen; the pauses between them double
            base = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=base, transport=patient, timeout=PATIENCE_S, trust_env=False) as client:
                yield client
        finally:
            process.terminate()


@pytest.mark.skipif(bool(missing()), reason=f"pywb is not installed: {', '.join(missing())}")
def test_pywb_gives_back_what_was_captured(tmp_path: Path) -> None:
    """Pages, a page that was met again, at another address too, feeds, and what names the story."""
    (tmp_path / "stories.warc.gz").write_bytes(written(FEED, PAGE, AGAIN, ELSEWHERE, HANDED_IN))
    for step in (["init", "climate"], ["add", "climate", "stories.warc.gz"]):
        subprocess.run(["wb-manager", *step], cwd=tmp_path, env=outer_environment(), check=True)
    with replaying(tmp_path) as client:
        for capture in (FEED, PAGE, AGAIN, ELSEWHERE):
            moment = f"{capture.at:%Y%m%d%H%M%S}"
            answer = client.get(f"/climate/{moment}id_/{capture.url}")
            assert (answer.status_code, answer.content) == (200, BODIES[capture.digest])
            assert answer.headers["Content-Type"] == capture.content_type
            assert moment in answer.headers["Content-Location"]
        named = client.get("/climate/id_/urn:climate-archive:story:0123456789abcdef")
        assert named.json()["uid"] == STORY.uid
