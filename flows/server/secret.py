"""The secret of Prefect's API: made once for an archive, kept in a file that is its owner's alone."""

import os
import secrets
from pathlib import Path
from typing import Final

from config.settings import Settings
from models.errors import DiskFailed

CLIENT_SETTING: Final = "PREFECT_API_AUTH_STRING"  # what a command shows to a server
SERVER_SETTING: Final = "PREFECT_SERVER_API_AUTH_STRING"  # what a server wants to see
OWNERS: Final = 0o600
_USER: Final = "archive"


def new_secret() -> str:
    """Make a secret in the form that Prefect asks for, user:password."""
    return f"{_USER}:{secrets.token_urlsafe(18)}"


def chosen_secret() -> str | None:
    """Return the secret that the environment names, if it does."""
    return os.environ.get(SERVER_SETTING) or os.environ.get(CLIENT_SETTING) or None


def secret_file(settings: Settings) -> Path:
    """Return where the archive's own secret stands."""
    return settings.home / "prefect-api.secret"


def is_kept(settings: Settings, secret: str) -> bool:
    """Tell whether a secret is the archive's own, and not one of the environment."""
    return secret_file(settings).is_file() and kept_secret(settings) == secret


def kept_secret(settings: Settings) -> str:
    """Return the archive's own secret, made where there is none yet: a browser that was told it once knows it again.

    Raise DiskFailed where it can be neither read nor written.
    """
    path = secret_file(settings)
    try:
        if path.is_file() and (written := path.read_text(encoding="ascii").strip()):
            return written
        secret = new_secret()
        write_for_owner(path, f"{secret}\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DiskFailed(f"The secret of Prefect's API in {path} cannot be kept: {error}.") from error
    return secret


def write_for_owner(path: Path, text: str) -> None:
    """Write a small file whole or not at all, which nobody but its owner can read at any moment."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNERS)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 (a descriptor, not a path)
        file.write(text)
    unfinished.replace(path)
