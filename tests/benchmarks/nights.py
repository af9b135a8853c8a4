"""Nights of the whole command over a served site, each in a process of its own: what they cost in all its processes."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from tests.benchmarks.costs import Cost, clean_environment, cost_of_command
from tests.benchmarks.memory import peak_megabytes
from tests.benchmarks.site import Site


class Archive:
    """An archive in a folder of its own, with a site's feeds."""

    def __init__(self, folder: Path, site: Site, urls: Sequence[str] | None = None) -> None:
        self.folder = folder
        feeds = folder / "feeds.yaml"
        feeds.write_text(yaml.safe_dump({"feeds": [_feed(*one) for one in enumerate(urls or site.urls)]}))
        self.environment = {
            "CLIMATE_ARCHIVE_HOME": str(folder / "data"),
            "CLIMATE_ARCHIVE_FEEDS_FILE": str(feeds),
            "CLIMATE_ARCHIVE_FETCH__HOST_INTERVAL_S": "0",
            "CLIMATE_ARCHIVE_FETCH__PER_HOST": str(site.per_host),
            "CLIMATE_ARCHIVE_FETCH__ALLOW_PRIVATE": ",".join(site.addresses),
        }

    def night(self, *, new: int) -> Cost:
        """Run a night by --direct. Raise RuntimeError where it does not bring so many stories."""
        cost, output = self.command("run", "--direct", "--json")
        brought = json.loads(output)["totals"]["new"]
        if brought != new:
            raise RuntimeError(f"the night brought {brought} stories, not {new}")
        return cost

    def command(self, *words: str) -> tuple[Cost, str]:
        """Run a command; return what it cost, with its descendants, and what it printed."""
        return cost_of_command(["flows", *words], self.environment, self.folder)

    def night_megabytes(self) -> float:
        """Run a night by --direct and return the most memory that all its processes held at once."""
        command = [sys.executable, "-m", "flows", "run", "--direct", "--json"]
        with subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=clean_environment(self.environment),
            cwd=self.folder,
        ) as process:
            return peak_megabytes(process)

    @property
    def database_bytes(self) -> int:
        """Return the size of its database."""
        return (self.folder / "data" / "archive.db").stat().st_size


def _feed(number: int, url: str) -> dict[str, object]:
    about = {"language": "en", "country": "XX", "relevance": "assume", "full_text": False}
    return {"id": f"feed-{number}", "name": f"Feed {number}", "url": url} | about
