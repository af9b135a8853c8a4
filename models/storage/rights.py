"""What this process may do to a file, by the rights that bind it now."""

import os
from pathlib import Path
from typing import Final

_IS_EFFECTIVE: Final = os.access in os.supports_effective_ids


def may_write(path: Path) -> bool:
    """Tell whether this process may write a file, or make files in a folder."""
    kind = os.W_OK | os.X_OK if path.is_dir() else os.W_OK
    return os.access(path, kind, effective_ids=_IS_EFFECTIVE)
