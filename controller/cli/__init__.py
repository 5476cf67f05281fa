"""The commands, one verb a module."""


def main() -> None:
    """Run the `infrautomater` command."""
