"""The secret of Prefect's API: made once for an archive, kept in a file that is its owner's alone."""

import os
import secrets
from pathlib import Path
from typing import Final

from config.settings import Settings
from models.errors import DiskFailed
from models.storage.whole_file import replace_text

CLIENT_SETTING: Final = "PREFECT_API_AUTH_STRING"  # what a command shows to a server
SERVER_SETTING: Final = "PREFECT_SERVER_API_AUTH_STRING"  # what a server wants to see
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
        replace_text(path, f"{secret}\n", owner_only=True)
    except (OSError, UnicodeDecodeError) as error:
        raise DiskFailed(f"The secret of Prefect's API in {path} cannot be kept: {error}.") from error
    return secret
