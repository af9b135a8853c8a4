"""Who may read an archive's files: whom the umask lets, alike for all of them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.feeds import add_feeds
from config.settings import Settings
from flows.server.environment import prepare_prefect
from flows.server.secret import kept_secret, secret_file
from models.errors import DiskFailed
from models.stages import FeedSpec
from models.storage.whole_file import replace_text
from tests.nights import Nights


@pytest.fixture(params=[0o022, 0o007, 0o077], ids=["all may read", "the group may write", "nobody else"])
def may(request: pytest.FixtureRequest) -> Iterator[int]:
    """Set the umask; give the mode of a file that follows it."""
    before = os.umask(request.param)
    yield 0o666 & ~request.param
    os.umask(before)


def _modes(folder: Path) -> dict[str, int]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in files}


async def test_all_files_of_a_night_follow_the_umask(demo_nights: Nights, may: int) -> None:
    """Database, documents, locks, drafts: who may read one may read all."""
    await demo_nights.run()
    modes = _modes(demo_nights.home)
    assert any(name.startswith("raw/") for name in modes)
    assert set(modes.values()) == {may}, modes


def test_a_new_list_of_feeds_follows_the_umask(tmp_path: Path, may: int) -> None:
    """As any file that a person makes there."""
    add_feeds(tmp_path / "feeds.yaml", (FeedSpec(id="one", name="One", url="https://one.example/feed", position=0),))
    assert _modes(tmp_path) == {"feeds.yaml": may}


def test_what_may_hold_secrets_is_the_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, may: int) -> None:
    """Prefect's folder, also one that stood open before, and the secret of its API."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    for name in ("PREFECT_HOME", "SQLITE_TMPDIR"):
        os.environ.pop(name, None)
    settings = Settings(home=tmp_path)
    folder = tmp_path / "prefect"
    folder.mkdir(mode=0o755)
    prepare_prefect(settings, is_server=True)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert os.environ["SQLITE_TMPDIR"] == str(folder)  # what its database writes for a while, too
    secret = kept_secret(settings)
    assert stat.S_IMODE(secret_file(settings).stat().st_mode) == 0o600
    assert kept_secret(settings) == secret


def test_a_file_for_the_owner_replaces_one_that_was_open(tmp_path: Path) -> None:
    """No moment at which others could read it."""
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o644)
    replace_text(path, "new", owner_only=True)
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o600)


def test_a_secret_that_cannot_be_kept_is_the_disk_trouble(tmp_path: Path) -> None:
    """One sentence with the place."""
    secret_file(Settings(home=tmp_path)).mkdir(parents=True)
    with pytest.raises(DiskFailed, match=r"secret of Prefect's API in .*prefect-api\.secret cannot be kept"):
        kept_secret(Settings(home=tmp_path))
