"""How good the labels were measured to be: on stories that taught nothing, and by language on headlines of our own."""

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, Final

import yaml

from config._weights import load_figures

HEADLINES: Final = 40  # of each language
_BY_LANGUAGE: Final = "gate_by_language.yaml"


@lru_cache(maxsize=1)
def topic_figures() -> Mapping[str, Mapping[str, Any]]:
    """Return what `make train` measured, by set of stories and reader, as `evaluate topics --json` names it.

    Raises:
        ConfigError: The file of weights is damaged.

    """
    return load_figures()


@lru_cache(maxsize=1)
def gate_by_language() -> Mapping[str, int]:
    """Return by language, the best first, of how many of HEADLINES headlines the gate is right."""
    right: dict[str, int] = yaml.safe_load(resources.files("config").joinpath(_BY_LANGUAGE).read_text("utf-8"))
    return right
