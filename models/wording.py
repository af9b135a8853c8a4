"""Numbers with their nouns, for sentences."""


def counted(count: int, thing: str, things: str | None = None) -> str:
    """Say how many there are of a thing: "1 story" where things is "stories", else with an s for all but one."""
    return f"{count} {thing if count == 1 else things or f'{thing}s'}"
