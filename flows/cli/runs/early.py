"""What a first night begins before it imports what it is made of."""

from config.settings import load_settings
from flows.workers.forking import begin_early

_JOBS = "flows.workers.jobs"  # not imported here: that is what the other process does meanwhile


def begin_early_if_new() -> None:
    """Start the process that workers are forked from, where no document was ever kept: each feed will bring one."""
    settings = load_settings()
    if not (settings.home / "raw").exists():
        topics_file = str(settings.topics_file) if settings.topics_file else None
        begin_early(_JOBS, "prepare_early", topics_file, settings.meaning.readers)
