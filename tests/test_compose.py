"""The grown set-up's file, without a Docker engine: what it promises can be read from it."""

import re
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config.settings import Settings, setting_names
from flows.server.environment import prefect_environment
from flows.server.server import PORT_SETTING, _guarded

ROOT = Path(__file__).parents[1]
SETUP: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = SETUP["services"]
STAYING = sorted(SERVICES.keys() - {"deploy"})


@pytest.mark.parametrize("name", STAYING)
def test_what_stays_is_watched_and_comes_back(name: str) -> None:
    """A service that stays has a health check, an end that waits, and starts again by itself."""
    service = SERVICES[name]
    assert service["healthcheck"]["test"]
    assert service["stop_grace_period"]
    assert service["restart"] == "unless-stopped"


def test_ports_are_this_machine_own() -> None:
    """Nothing is published to the network."""
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_each_waits_for_what_it_needs() -> None:
    """The database first, then Prefect, then the tables and the schedule, then the worker."""
    waits = {name: service.get("depends_on", {}) for name, service in SERVICES.items()}
    assert waits["prefect"] == {"db": {"condition": "service_healthy"}}
    assert waits["deploy"] == {one: {"condition": "service_healthy"} for one in ("db", "prefect")}
    assert waits["worker"]["deploy"] == {"condition": "service_completed_successfully"}


def test_no_secret_stands_in_the_files() -> None:
    """Passwords come from .env, whose example has none, and a start without one is refused."""
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    assert set(re.findall(r"PASSWORD[^}\n]*", text)) <= {
        "PASSWORD: ${POSTGRES_PASSWORD:?set it in .env",
        "PASSWORD:?set it in .env",
    }
    example = (ROOT / ".env.example").read_text("utf-8")
    assert "\nPOSTGRES_PASSWORD=\n" in example
    assert "\nPREFECT_PASSWORD=\n" in example


def test_prefect_server_is_guarded_as_that_of_serve_is() -> None:
    """A secret, tokens against other sites' pages, and no name but those by which it is asked here."""
    server, worker = SERVICES["prefect"], SERVICES["worker"]["environment"]
    told = server["environment"]
    assert told["PREFECT_SERVER_API_AUTH_STRING"] == worker["PREFECT_API_AUTH_STRING"]
    assert told.keys() >= _guarded(4200, "archive:x").keys() - {PORT_SETTING}
    assert "*" not in told["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"]
    (names,) = [word.removeprefix("--names=") for word in server["command"] if word.startswith("--names=")]
    asked = {worker["PREFECT_API_URL"], told["PREFECT_SERVER_UI_API_URL"]}
    asked |= set(re.findall(r"http://[^']+", server["healthcheck"]["test"][-1]))
    assert {url.removeprefix("http://").partition("/")[0] for url in asked} <= set(names.split(","))


def test_the_pages_alone_know_their_token() -> None:
    """They read documents until told otherwise; a browser is led to Prefect's pages where it can reach them."""
    assert [name for name, one in SERVICES.items() if "WEB__TOKEN" in str(one.get("environment"))] == ["web"]
    pages = SERVICES["web"]
    assert pages["volumes"] == ["data:/data:${WEB_DATA:-ro}"]
    (port,) = SERVICES["prefect"]["ports"]
    assert port == "127.0.0.1:${PREFECT_PORT:-4200}:4200"
    assert pages["environment"]["PREFECT_UI_URL"] == "http://127.0.0.1:${PREFECT_PORT:-4200}"


def test_every_setting_named_is_one() -> None:
    """The compose file and the example of .env name settings that there are."""
    text = "".join((ROOT / name).read_text("utf-8") for name in ("docker-compose.yml", ".env.example", "Dockerfile"))
    assert set(re.findall(r"CLIMATE_ARCHIVE_[A-Z_]+", text)) <= set(setting_names())


def test_the_image_runs_as_a_number_that_is_not_root() -> None:
    """Its last user is numeric, and both base images can be replaced."""
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    assert re.findall(r"^USER (\d+):\d+$", dockerfile, re.MULTILINE)[-1] != "0"
    assert re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE) == ["${PYTHON_IMAGE}"] * 2
    assert SERVICES["db"]["image"].startswith("${POSTGRES_IMAGE:-")


def test_one_version_stands_everywhere() -> None:
    """The package, the image and the newest entry of the changelog tell the same; deployments take the package's."""
    written = {
        "pyproject.toml": re.search(r'^version = "(.+)"$', _text("pyproject.toml"), re.MULTILINE),
        "Dockerfile": re.search(r'image\.version="(.+)"', _text("Dockerfile")),
        "CHANGELOG.md": re.search(r"^## \[(.+)\]", _text("CHANGELOG.md"), re.MULTILINE),
    }
    assert {name: found and found[1] for name, found in written.items()} == dict.fromkeys(
        written, metadata.version("climate-archive")
    )


def test_the_locks_agree() -> None:
    """What is tested is what the image holds: the developers' lock is the users' lock and more."""
    users, developers = _pins("requirements.lock"), _pins("requirements-dev.lock")
    assert users.items() <= developers.items()
    assert users["prefect"] == metadata.version("prefect")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_names_the_extras_that_its_packages_ask_for(name: str) -> None:
    """With them and without: pip 23 looks for hashes under the very name that is asked for."""
    locked = _extras(name)
    assert locked.keys() <= {pin.partition(" ")[0] for pin in re.findall(r"^([\w.-]+)==", _text(name), re.MULTILINE)}
    for package in {pin.partition(" ")[0] for pin in _pins("requirements.lock")}:
        try:
            asked = [Requirement(line) for line in metadata.requires(package) or ()]
        except metadata.PackageNotFoundError:  # another system's
            continue
        for one in asked:
            if one.name != "lxml" and one.extras and (one.marker is None or one.marker.evaluate({"extra": ""})):
                assert set(map(canonicalize_name, one.extras)) <= locked[canonicalize_name(one.name)], (
                    f"{package} asks for {one}"
                )


def test_every_file_that_the_program_reads_is_in_its_package() -> None:
    """A wheel holds what is declared, and nothing else beside the code."""
    declared = tomllib.loads(_text("pyproject.toml"))["tool"]["setuptools"]["package-data"]
    packed = {path for package, names in declared.items() for name in names for path in _below(package).glob(name)}
    kept = {path for top in ("models", "config", "flows") for path in (ROOT / top).rglob("*") if path.is_file()}
    assert {path for path in kept if path.suffix not in (".py", ".pyc")} <= packed


def _below(package: str) -> Path:
    return ROOT / package.replace(".", "/")


def test_the_image_tells_prefect_what_the_command_tells_it() -> None:
    """No telemetry, and its files in the data folder."""
    told = prefect_environment(Settings(home=Path("/data")))
    image = dict(re.findall(r"(\w+)=(\S+)", _text("Dockerfile").partition("ENV ")[2].partition("\nUSER")[0]))
    ours = {name: value for name, value in image.items() if name.startswith("PREFECT_") or name == "DO_NOT_TRACK"}
    assert ours.keys() == {"PREFECT_HOME", "PREFECT_SERVER_ANALYTICS_ENABLED", "DO_NOT_TRACK"}
    assert ours.items() <= told.items()
    server = SERVICES["prefect"]["environment"]
    assert {name: value for name, value in server.items() if name in told}.items() <= told.items()


def test_a_worker_takes_one_run_at_a_time() -> None:
    """So shares go to the workers that are free, and a night never waits for its own place."""
    assert "--limit 1 " in SERVICES["worker"]["command"][-1]
    assert SERVICES["worker"]["environment"]["CLIMATE_ARCHIVE_SHARDS"] == "${CLIMATE_ARCHIVE_SHARDS:-8}"


def _text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _pins(name: str) -> dict[str, str]:
    """Read the pins of a lock, each with its marker."""
    return {
        found[1] + (found[4] or ""): found[3]
        for found in re.finditer(r"^([\w.-]+)(\[.+?\])?==([^\s;]+)( ;.*?)? *\\?$", _text(name), re.MULTILINE)
    }


def _extras(name: str) -> dict[str, set[str]]:
    """Read which extras a lock names of each package."""
    found = re.finditer(r"^([\w.-]+)\[(.+?)\]==", _text(name), re.MULTILINE)
    return {one[1]: set(one[2].replace(" ", "").split(",")) for one in found}
