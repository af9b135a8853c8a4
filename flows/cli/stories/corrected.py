"""The `corrected` command: what publishers changed in stories that they had published."""

from datetime import date, datetime
from typing import Any

import click
from rich.text import Text

from config.settings import Settings, load_settings
from flows.cli.archive import archive_reading
from flows.cli.options import Day, Narrowing, json_option, topic_and_feed_options
from flows.cli.output.terminal import moment, plain, print_json, print_text, say
from flows.exports.shape import iso, shown_url
from models.corrections import CorrectionKind
from models.days import day_begin
from models.queries.corrections import CorrectionRecord, CorrectionRequest, corrections, count_corrections
from models.wording import counted


@click.command()
@click.option("--since", type=Day(), help="Only corrections that were seen on this day or later.")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in CorrectionKind]),
    multiple=True,
    help="Only corrections of this kind; may be repeated.",
)
@topic_and_feed_options
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many at most.")
@json_option
def corrected(
    since: date | datetime | None,
    *,
    kind: tuple[str, ...],
    limit: int,
    as_json: bool,
    **narrowed: Any,  # noqa: ANN401 (the options of a Narrowing)
) -> None:
    """List what was corrected in stories, the latest first: each with its sentence, before and after.

    \b
    climate-archive corrected --kind number --since 2026-07-01
    climate-archive corrected --kind notice --kind retraction --json
    """  # noqa: D301 (\b is click's mark, not Python's)
    settings = load_settings()
    with archive_reading(settings) as connection:
        wanted = CorrectionRequest(
            kinds=tuple(CorrectionKind(one) for one in kind),
            since=day_begin(since, settings.zone),
            filter=Narrowing(**narrowed).resolved(connection, settings),
            limit=limit,
        )
        found = corrections(connection, wanted)
        total = count_corrections(connection, wanted) if len(found) == limit else len(found)
    if as_json:
        print_json([correction_json(one) for one in found])
        return
    for one in found:
        print_text(_text(one, settings))
    say(_closing(len(found), total))


def correction_json(one: CorrectionRecord) -> dict[str, Any]:
    """Return a correction as JSON shows it."""
    return {
        "id": one.id,
        "kind": one.kind.value,
        "before": one.before,
        "after": one.after,
        "unit": one.unit,
        "sentence_before": one.sentence_before,
        "sentence_after": one.sentence_after,
        "corrected_at": iso(one.corrected_at),
        "run_id": one.run_id,
        "version": one.version,
        "story": {
            "id": one.story_id,
            "uid": one.uid,
            "title": one.title,
            "url": one.url,
            "canonical_url": shown_url(one.url),
            "feeds": list(one.feeds),
        },
    }


def _text(one: CorrectionRecord, settings: Settings) -> Text:
    before, after = plain(one.before), plain(one.after)
    words = f": {before or '(nothing)'} -> {after or '(nothing)'}" if before or after else ""
    facts = (moment(one.corrected_at, settings.zone), ", ".join(one.feeds), f"version {one.version}")
    lines = [
        Text.assemble((f"{one.story_id}  ", "dim"), (plain(one.title) or "(no title)", "bold")),
        Text(" · ".join(plain(fact) for fact in facts if fact), style="dim"),
        Text.assemble((one.kind.value, "yellow"), words),
        *_sentence("-", one.sentence_before, "red"),
        *_sentence("+", one.sentence_after, "green"),
        Text(),
    ]
    return Text("\n").join(lines)


def _sentence(sign: str, sentence: str, style: str) -> list[Text]:
    return [Text(f"  {sign} {plain(sentence)}", style=style)] if sentence else []


def _closing(shown: int, total: int) -> str:
    if shown < total:
        return f"The latest {shown} of {counted(total, 'correction', 'corrections')}; --limit shows more."
    return f"{counted(total, 'correction', 'corrections').capitalize()}." if total else "No correction found."
