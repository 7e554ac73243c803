"""The door to the templates: everything that a user named is escaped on its way through."""

import functools
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2


def render(template: str, values: Mapping[str, Any]) -> str:
    """Fill a template of this package.

    Args:
        template: Name of the file in `templates`.
        values: What the template names.
    """
    return _environment().get_template(template).render(values)


def safe_json(value: Any) -> str:
    r"""Write JSON that can stand inside `<script>` whatever the strings in it hold.

    Example:
        >>> safe_json({"name": "</script>"})
        '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


@functools.cache
def _environment() -> "jinja2.Environment":
    # Importing jinja2 takes 50 ms, which only a report should pay.
    import jinja2

    from levelset.report import numbers

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("levelset.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["level"] = numbers.level_text
    environment.filters["duration"] = numbers.duration
    environment.filters["whole"] = numbers.whole
    return environment
