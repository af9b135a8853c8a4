"""The `release` command."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from config.settings import load_settings
from flows.cli.archive import archive_reading
from flows.cli.options import Narrowing, filter_options, json_option
from flows.cli.output.terminal import print_json, progress, say
from flows.exports.folders import whole_folder
from flows.exports.parquet import require_pyarrow
from flows.exports.release import Release, write_release
from models.queries.filters import count_stories
from models.queries.rights import rights_of
from models.queries.stories import iterate_stories
from models.wording import counted


@click.command(epilog="Example: climate-archive release climate-2026 --since 2026-01-01 --until 2026-12-31")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--title", default="Climate news archive", show_default=True, help="The data set's own.")
@click.option("--author", metavar="NAME", multiple=True, help="Who is to be cited; may be repeated.")
@filter_options
@json_option
def release(folder: Path, *, title: str, author: tuple[str, ...], as_json: bool, **narrowed: Any) -> None:  # noqa: ANN401 (the options of a Narrowing)
    """Write a frozen data set that can be cited into a new folder.

    Stories as Parquet and as JSON lines, a README, datapackage.json, CITATION.cff and SHA256SUMS. Of a feed with
    `rights: excerpt` or `rights: metadata` in feeds.yaml only so much of the text is in it.
    """
    settings = load_settings()
    require_pyarrow()
    with archive_reading(settings) as connection, whole_folder(folder) as unfinished:
        wanted = Narrowing(**narrowed).resolved(connection, settings)
        told = Release(
            title=title,
            authors=author or (title,),
            made_at=datetime.now(UTC),
            choice=_chosen(narrowed),
            rights_of=partial(rights_of, connection),
        )
        shown = progress(iterate_stories(connection, wanted), count_stories(connection, wanted), "Releasing")
        written = write_release(unfinished, shown, told)
    if as_json:
        print_json({"folder": str(folder), "stories": written.stories, "texts": dict(sorted(written.rights.items()))})
        return
    texts = ", ".join(f"{count} {name}" for name, count in sorted(written.rights.items()))
    say(f"{counted(written.stories, 'story', 'stories')} released in {folder}. Texts: {texts or 'none'}.")


def _chosen(narrowed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that narrowed the stories; what days mean only where there are some."""
    given = {name: _told(value) for name, value in narrowed.items() if value}
    return {name: value for name, value in given.items() if name != "by" or {"since", "until"} & given.keys()}


def _told(value: Any) -> Any:  # noqa: ANN401 (an option's value)
    return list(value) if isinstance(value, tuple) else value if isinstance(value, bool) else str(value)
