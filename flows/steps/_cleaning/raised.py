"""Write raised and lowered figures so that they stay what they are: 10⁶ is not 106, and CO2 is CO2."""

import re

_RAISED = str.maketrans("0123456789+-−=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_FIGURES = re.compile(r"[+−-]?\d+(?:[+−-]|[,.–; -]{1,2}\d+)*|[+−-]")
_POWER = re.compile(r"[+−-]?(?:\d+[a-z]|[a-z][+−-]\w{1,5}|[nkx])|[+−-][a-z]{1,3}")
_LONGEST = 20  # characters; what is longer is running text in small type


def raised(text: str, before: str) -> str:
    """Return what stands in <sup> behind the character before: figures raised, ordinals ("1er", "2nd") as they are."""
    said = text.strip()
    if len(said) > _LONGEST:
        return text
    if _FIGURES.fullmatch(said):
        return text.translate(_RAISED)
    if not before.strip() or not _POWER.fullmatch(said) or (before.isdigit() and said[0].isdigit()):
        return text
    return f"^{said}" if len(said) == 1 else f"^({said})"


def lowered(text: str, before: str) -> str:
    """Return what stands in <sub> behind the character before: a figure behind a figure lowered, the rest as it is."""
    return text.translate(_LOWERED) if before.isdigit() and text.strip().isdigit() else text
