"""The entry point: runs a command and exits; a Ctrl-C gets one sentence, however early it comes.

What this module imports is imported before a Ctrl-C can be answered, as are `levelset` and
`levelset.cli`, so they import next to nothing; everything else is imported within `main`. A Ctrl-C
in the hundredths of a second in which Python itself starts gets Python's own answer: no line of
ours has run by then.
"""

import sys


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 interrupted or a check not passed, 2 bad input.

    Args:
        arguments: By default those of the process.
    """
    try:
        from levelset.cli.commands import run

        status = run(arguments)
    except KeyboardInterrupt:
        print("levelset: interrupted; nothing was written.", file=sys.stderr)
        status = 1
    sys.exit(status)
