"""What a first night begins before it imports what it is made of."""

from config.settings import load_settings
from flows.workers.forking import begin_early

_STEPS = "flows.workers.preloaded"  # not imported here: that is what the other process does meanwhile


def begin_early_if_new() -> None:
    """Start the process that workers are forked from, where no document was ever kept: each feed will bring one."""
    if not (load_settings().home / "raw").exists():
        begin_early(_STEPS)
