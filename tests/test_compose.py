"""The grown set-up's file, without a Docker engine: what it promises can be read from it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.settings import setting_names

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


def test_ports_are_this_machine_s_own() -> None:
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
    assert "\nPOSTGRES_PASSWORD=\n" in (ROOT / ".env.example").read_text("utf-8")


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
