"""Commands by name, and what becomes of an error."""

import sys

from cyclopts import App, CycloptsError, MissingArgumentError, Parameter, ValidationError

from levelset.errors import LevelsetError


def _version() -> str:
    from importlib.metadata import version

    return f"levelset {version('levelset')}"


app = App(
    name="levelset",
    help="A laboratory for multilayer-perceptron classifiers: fleets, and claims with evidence.",
    version=_version,
    suppress_keyboard_interrupt=False,  # main() answers it
    default_parameter=Parameter(consume_multiple=True, negative_iterable=()),
    help_format="plaintext",  # Markdown's parser would be a quarter of the time of this page
)
# By name, so that a command's modules load when it runs.
app.command(
    "levelset.cli.report:report",
    name="report",
    help_format="markdown",
    help="Run the studies that fit a table and write one HTML page, the verdict first.",
)
app.command(
    "levelset.cli.study:study",
    name="study",
    help_format="markdown",
    help="Ask one question of a table.",
)
app.command(
    "levelset.cli.studies:studies",
    name="studies",
    help_format="markdown",
    help="List the studies and their questions.",
)
app.command(
    "levelset.cli.doctor:doctor",
    name="doctor",
    help_format="markdown",
    help="Say what is wrong with a recipe on a table, and prove the cure.",
)
app.command(
    "levelset.cli.explain:app",
    name="explain",
    help="Work a calculation out by hand, and check your own.",
)
app.command(
    "levelset.cli.datasets:datasets",
    name="datasets",
    help_format="markdown",
    help="List the tables that come with levelset, and their options.",
)


def run(arguments: list[str] | None = None) -> int:
    """Run the command line: 0 done, 1 a check not passed, 2 bad input.

    Args:
        arguments: By default those of the process.

    Returns:
        The status to exit with.

    Raises:
        KeyboardInterrupt: On Ctrl-C; `main` answers it.
    """
    try:
        status = app(
            arguments,
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
    except (LevelsetError, CycloptsError) as error:
        print(f"levelset: {_paragraph(error)}", file=sys.stderr)
        return 2
    return status if isinstance(status, int) else 0


def _paragraph(error: Exception) -> str:
    """Say an error in one paragraph; a recipe's own words where options were wrong."""
    faults = getattr(error.__cause__, "errors", None)  # pydantic's, where a recipe was refused
    if isinstance(error, ValidationError) and faults is not None:
        inner = [fault.get("ctx", {}).get("error") for fault in faults()]
        return " ".join(str(each) for each in inner if each is not None) or str(error)
    text = " ".join(str(error).split())
    if isinstance(error, MissingArgumentError):
        words = " ".join(("levelset", *(error.command_chain or ())))
        text += f" `{words} --help` says what it takes."
    return text
