"""The command itself: which commands there are, and what becomes of an error. Nothing is loaded before it is named."""

import atexit
import errno
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType, TracebackType
from typing import Final, NoReturn, TextIO

import click
from msgspec import Struct

from flows.cli.exit_codes import EXIT_FAILED, EXIT_INTERRUPTED, exit_code_of
from flows.cli.loading import loading
from flows.cli.streams import open_closed_streams
from flows.workers.interrupts import end_as_told, end_at_once, heed_endings, was_interrupted
from models.errors import ArchiveError

_NAME: Final = "climate-archive"


class Place(Struct, frozen=True):
    """Where a command lives, and what the list of commands says of it."""

    target: str  # module:name
    summary: str


COMMANDS: Final[Mapping[str, Place]] = {
    "run": Place("flows.cli.runs.run:run", "Archive one night now."),
    "rerun": Place("flows.cli.runs.run:rerun", "Fetch an earlier run's feeds again."),
    "reprocess": Place("flows.cli.runs.reprocess:reprocess", "Work the stored bytes again with today's code."),
    "serve": Place("flows.cli.runs.serve:serve", "Keep running: a night by schedule, every night."),
    "import": Place("flows.cli.stories.importing:import_command", "Take documents into the archive."),
    "demo": Place("flows.cli.runs.demo:demo", "Show a sample site and two nights over it; no network needed."),
    "new": Place("flows.cli.stories.new:new", "List what came in: of the latest run, of another, or since a day."),
    "corrected": Place("flows.cli.stories.corrected:corrected", "List what publishers corrected in their stories."),
    "search": Place("flows.cli.stories.search:search", "Find stories by their words, or list them."),
    "show": Place("flows.cli.stories.show:show", "Show one story, its versions and why it has its topics."),
    "counts": Place("flows.cli.stories.counts:counts", "Count stories, beside all that was published."),
    "export": Place("flows.cli.stories.export:export", "Write stories to a file."),
    "release": Place("flows.cli.stories.release:release", "Write a frozen data set that can be cited."),
    "runs": Place("flows.cli.runs.runs:runs", "The ledger: what every run brought."),
    "topics": Place("flows.cli.quality.topics:topics", "What a story can be about."),
    "feeds": Place("flows.cli.feeds.commands:feeds", "The feeds: their state, a check, OPML."),
    "brief": Place("flows.cli.stories.brief:brief", "What the last night brought, in short."),
    "watches": Place("flows.cli.stories.watches:watches", "The saved searches: what met them, and who is told."),
    "web": Place("flows.web.command:web", "Show the archive in a browser."),
    "mcp": Place("flows.assistant.command:mcp", "Let an assistant read the archive."),
    "health": Place("flows.cli.upkeep.health:health", "What needs a person."),
    "extract": Place("flows.cli.quality.extract:extract", "Show what the archive sees on a saved page."),
    "classify": Place("flows.cli.quality.classify:classify", "Say what texts are about."),
    "reclassify": Place(
        "flows.cli.runs.reclassify:reclassify", "Label what is kept again, by today's terms and weights."
    ),
    "label": Place("flows.cli.stories.label:label", "Say by hand what a story is about."),
    "evaluate": Place("flows.cli.quality.evaluate:evaluate", "Measure quality against labels by hand."),
    "withdraw": Place("flows.cli.stories.withdraw:withdraw", "Take a story's words out of the archive for good."),
    "verify": Place("flows.cli.upkeep.verify:verify", "Read every stored document again and compare its digest."),
    "backup": Place("flows.cli.upkeep.backup:backup", "Copy the whole archive into a folder."),
    "restore": Place("flows.cli.upkeep.restore:restore", "Make an archive from a backup."),
    "prune": Place("flows.cli.upkeep.prune:prune", "Give up what nothing needs any more."),
    "doctor": Place("flows.cli.upkeep.doctor:doctor", "Is this machine set up right?"),
    "db": Place("flows.cli.upkeep.db:db", "The database's tables."),
}


# They read the archive and await no database, whatever else they await: `feeds check` asks servers.
_QUICK: Final = frozenset({"brief", "corrected", "counts", "feeds", "new", "runs", "search", "show"})


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called: a search must not pay for Prefect."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Name the commands, in the order in which a person meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's signature)
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].target.partition(":")
        command: click.Command = getattr(_imported(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (click's signature)
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.summary) for name, place in COMMANDS.items()])


def _imported(module: str) -> ModuleType:
    with loading():
        return import_module(module)


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib import metadata  # a tenth of the start of a help

        try:
            version = metadata.version(_NAME)
        except metadata.PackageNotFoundError:
            version = "(not installed: run from its folder)"
        click.echo(f"{_NAME} {version}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="COMMAND --help tells more. Settings are environment variables that begin with CLIMATE_ARCHIVE_.",
)
@click.option("--debug", is_flag=True, help="Show where an error arose.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
@click.pass_context
def cli(ctx: click.Context, *, debug: bool) -> None:
    """Keep a nightly archive of climate news.

    \b
    climate-archive demo                      see it at work, without a network
    climate-archive run                       archive one night now
    climate-archive search 'sea level'        find stories
    climate-archive show 12 --explain         one story, and why it has its topics
    climate-archive export --format csv -o stories.csv
    """  # noqa: D301 (\b is click's mark, not Python's)
    ctx.obj = debug


def main() -> None:
    """Run the command as this process, which ends with it."""
    ends: list[int] = []
    atexit.register(_leave, ends)  # the first one, which is called last
    heed_endings()
    try:
        answer(is_alone=True)
    except SystemExit as ended:
        ends.append(int(ended.code or 0))
        end_at_once(ends[0])
        raise


def answer(*, is_alone: bool = False) -> NoReturn:
    """Run the command and raise SystemExit; an error is one clear sentence on stderr and an exit code.

    Where it is alone in its process, it may load what it needs in a way that would not suit others.
    """
    arguments = sys.argv[1:]
    is_debug = "--debug" in arguments[:1]
    if not is_debug:
        sys.excepthook = _say_bug
    open_closed_streams()
    streams = (sys.stdout, sys.stderr)
    for stream in streams:
        # A terminal that cannot show a character shows its number; it is no reason to stop.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = _exit_code(arguments, is_debug=is_debug, is_alone=is_alone)
    except SystemExit as ended:  # click's own, where a reader left: it puts another stream in the place of stdout then
        code = 0 if sys.stdout is not streams[0] else int(ended.code or 0)
    flushed = [_is_flushed(stream) for stream in streams]  # each of them, also where one is not
    sys.exit(code if all(flushed) else code or EXIT_FAILED)


def _leave(ends: list[int]) -> None:
    """End the process when all is done: to take apart what is loaded costs a small command a twentieth of its time."""
    if ends and all(map(_is_flushed, (sys.stdout, sys.stderr))):
        if ends[0] == EXIT_INTERRUPTED:
            end_as_told()
        os._exit(ends[0])


def _is_flushed(stream: TextIO) -> bool:
    """Write out what is left; tell whether that went well. A reader that has left wants nothing and is no error."""
    try:
        stream.flush()
    except OSError as error:
        # Python flushes once more at its end and would complain; what is left goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if error.errno != errno.EPIPE:
            _say(f"The output cannot be written: {error.strerror or error}.")
            return False
    return True


def _exit_code(arguments: list[str], *, is_debug: bool, is_alone: bool) -> int:
    try:
        if is_alone and _QUICK.intersection(arguments[:1]):
            _imported("flows.cli.lean").load_sqlalchemy()
        code = cli.main(arguments, prog_name=_NAME, standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 (a bug is raised again)
        return _told(error, is_debug=is_debug)
    return code if isinstance(code, int) else 0


def _told(error: BaseException, *, is_debug: bool) -> int:
    """Say what ended the command and return its exit code; what is a bug, or is to be traced, is raised again."""
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, click.Abort) or was_interrupted(error):
        _say("Interrupted.")
        return EXIT_INTERRUPTED
    if is_debug or not isinstance(error, (ArchiveError, OSError)):
        raise error
    if isinstance(error, ArchiveError):
        _say(str(error))
        return exit_code_of(error)
    _say(f"{error.filename or 'The output cannot be written'}: {error.strerror or error}.")
    return EXIT_FAILED


def _say_bug(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    _say(f"A bug: {kind.__name__}: {error}. `climate-archive --debug ...` shows where.")


def _say(message: str) -> None:
    from flows.cli.output.terminal import say  # rich: not needed where nothing is said

    say(message)
