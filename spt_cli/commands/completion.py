"""What a shell offers at TAB."""


def runs(incomplete: str) -> list[str]:
    return []


states = tags = names = runs
