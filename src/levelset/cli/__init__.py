"""The command line: parses, calls, prints; no logic of its own."""

from levelset.cli.main import main

__all__ = ["main"]
