"""The entry point: runs a command and exits; a Ctrl-C gets one sentence, however early it comes.

What this module imports is imported before a Ctrl-C can be answered, as are `levelset` and
`levelset.cli`, so they import next to nothing; everything else is imported within `main`. A Ctrl-C
in the hundredths of a second in which Python itself starts gets Python's own answer: no line of
ours has run by then.
"""

import atexit
import gc
import sys


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 interrupted or a check not passed, 2 bad input.

    Args:
        arguments: By default those of the process.
    """
    atexit.register(_leave_modules_alone)
    unraisable, sys.unraisablehook = sys.unraisablehook, _interrupt_again
    try:
        from levelset.cli.commands import run

        status = run(arguments)
    except KeyboardInterrupt:
        print("levelset: interrupted; nothing was written.", file=sys.stderr)
        status = 1
    finally:
        sys.unraisablehook = unraisable
    sys.exit(status)


def _interrupt_again(unraisable: "sys.UnraisableHookArgs") -> None:
    """Raise a Ctrl-C anew that came where no exception can leave, so that it is not lost.

    A library that is being imported may be in a callback or in compiled code just then: Python
    would print that it ignores the interruption, and the work would go on.
    """
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
        return
    from _thread import interrupt_main
    from threading import Timer

    again = Timer(0.01, interrupt_main)  # later: what is raised within this hook is ignored too
    again.daemon = True
    again.start()


def _leave_modules_alone() -> None:
    """Spare Python's end its searches for unreachable cycles, but for one.

    After a study they take 0.4 s, most of what a reader waits for after Ctrl-C; one takes 0.1 s.
    It frees what the core's own check at the end would call leaked.
    """
    gc.collect()
    gc.freeze()
