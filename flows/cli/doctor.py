"""The `doctor` command: whether this machine is set up right."""

from dataclasses import asdict

import click

from flows.cli._checkup import Level, checkup
from flows.cli._options import json_option
from flows.cli._terminal import print_json, print_table, say
from flows.steps._wording import counted

_EXIT_PROBLEM = 1


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
        ctx.exit(_EXIT_PROBLEM)
