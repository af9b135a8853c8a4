"""The `doctor` command: whether this machine is set up right."""

import click
from msgspec.structs import asdict

from flows.cli.exit_codes import EXIT_FAILED
from flows.cli.options import json_option
from flows.cli.output.terminal import print_json, print_table, say
from flows.cli.upkeep.checkup import Level, checkup
from models.wording import counted


@click.command(epilog="Example: climate-archive doctor")
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Look at what the archive stands on, and say what to do; exit 1 if something is in the way."""
    checks = checkup()
    problems = sum(check.status is Level.PROBLEM for check in checks)
    if as_json:
        print_json({"ok": not problems, "checks": [asdict(check) for check in checks]})
    else:
        print_table(("status", "check", "finding"), ((check.status, check.check, check.message) for check in checks))
        say(f"{counted(problems, 'problem')}." if problems else "Nothing is in the way.")
    if problems:
        ctx.exit(EXIT_FAILED)
