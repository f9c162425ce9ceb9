"""The command `huidang`: parse, call one function, print."""


def main() -> int:
    """Run one verb and return its exit code."""
    return 2
