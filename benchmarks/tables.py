"""The run as plain text, made from the same mapping that `--json` writes."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.measurement import OURS


def render(run: Mapping[str, Any]) -> str:
    """Lay out a run: the machine, a table for every shape, and the table of targets.

    Args:
        run: What `benchmarks.record.as_mapping` returns.

    Returns:
        Lines of text.
    """
    shapes, budget = run["shapes"], run["settings"]["budget_seconds"]
    head = f"{contest_heading(run)}; at most about {budget:g} s per contestant and round"
    return "\n\n".join([head, *map(contest, shapes), _targets(shapes), _notes()])


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Align rows of cells: the first column to the left, the others to the right.

    Example:
        >>> print(columns([("name", "n"), ("a", "10")]))
        name   n
        a     10
    """
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        )
        for row in rows
    ]
    return "\n".join(line.rstrip() for line in lines)


def heading(run: Mapping[str, Any]) -> str:
    """Say what was typed, and on what and with what it ran."""
    hardware = run["hardware"]
    packages = ", ".join(
        f"{name} {version or 'absent'}" for name, version in run["versions"].items()
    )
    return "\n".join(
        [
            run["command"],
            f"{hardware['processor']}; {hardware['threads_used']} of "
            f"{hardware['cores_available']} cores; {hardware['platform']}",
            packages,
        ]
    )


def cells(summary: Mapping[str, Any] | None, form: str = ".2f") -> tuple[str, str]:
    """Write a median and its range as two cells; None leaves them empty.

    Example:
        >>> cells({"median": 2.0, "low": 1.0, "high": 4.0})
        ('2.00', '[1.00 - 4.00]')
    """
    if summary is None:
        return "", ""
    return f"{summary['median']:{form}}", f"[{summary['low']:{form}} - {summary['high']:{form}}]"


def contest_heading(run: Mapping[str, Any]) -> str:
    """Say what a contest ran on, and how fast that machine multiplies matrices."""
    peak = run["peak"]
    by_library = {
        library: max(
            sum(measurement["gflops_by_core"])
            for measurement in peak["measurements"]
            if measurement["library"] == library
        )
        for library in dict.fromkeys(m["library"] for m in peak["measurements"])
    }
    found = ", ".join(f"{library} {gflops:.1f}" for library, gflops in by_library.items())
    return "\n".join(
        [
            heading(run),
            f"float32 GEMM peak: {peak['gflops']:.1f} GFLOP/s over all cores at once "
            f"(best median by library: {found})",
            f"{run['settings']['rounds']} rounds, contestants in turns",
        ]
    )


def contest(shape: Mapping[str, Any]) -> str:
    """Lay out what every contestant did with one shape."""
    title = (
        f"{shape['name']}: {'-'.join(map(str, shape['widths']))}, n {shape['rows']:,}, "
        f"batch {shape['batch']}, {shape['members']} members, {shape['epochs']} epochs, "
        f"{shape['flops_per_sample']:,} FLOP per sample and step"
    )
    contestants = shape["contestants"]
    common = min((contestant["epochs_timed"] for contestant in contestants), default=0)
    names = (
        "contestant",
        "model-samples/s",
        "[min - max]",
        "GFLOP/s",
        "of peak",
        "levelset/it",
        "[min - max]",
        "timed",
        f"loss at epoch {common}",
    )
    rows = [names, *(_row(contestant, shape, common) for contestant in contestants)]
    settings = [f"  {found['name']}: {found['setting']}" for found in contestants]
    skipped = [f"  {name} skipped: {reason}" for name, reason in shape["skipped"].items()]
    return "\n".join([title, columns(rows), *settings, *skipped])


def _row(
    contestant: Mapping[str, Any], shape: Mapping[str, Any], common_epochs: int
) -> tuple[str, ...]:
    rate = contestant["model_samples_per_second"]
    ratio = shape["levelset_over"].get(contestant["name"])
    return (
        contestant["name"],
        *cells(rate, ",.0f"),
        f"{contestant['gflops']['median']:.1f}",
        f"{contestant['share_of_peak']['median']:.1%}",
        *cells(ratio),
        f"{contestant['members_timed']} members, {contestant['epochs_timed']} epochs",
        f"{contestant['losses'][common_epochs - 1]:.4f}",
    )


def _targets(shapes: Sequence[Mapping[str, Any]]) -> str:
    names = ("targets", "share of GEMM peak", "over fastest peer", "over scikit-learn")
    rows: list[tuple[str, ...]] = [names]
    for shape in shapes:
        by_name = {contestant["name"]: contestant for contestant in shape["contestants"]}
        if OURS not in by_name:
            rows.append((shape["name"], *["levelset did not run"] * 3))
            continue
        rates = {
            name: contestant["model_samples_per_second"]["median"]
            for name, contestant in by_name.items()
            if name != OURS
        }
        fastest = max(rates, key=lambda name: rates[name], default=None)
        share = by_name[OURS]["share_of_peak"]
        ratios = shape["levelset_over"]
        rows.append(
            (
                shape["name"],
                " ".join(cells(share, ".1%")),
                ratio_cell(ratios, fastest) + (f" ({fastest})" if fastest else ""),
                ratio_cell(ratios, "scikit-learn"),
            )
        )
    return columns(rows)


def ratio_cell(ratios: Mapping[str, Any], name: str | None) -> str:
    """Write the ratio to one peer, where there is one."""
    if name is None or name not in ratios:
        return "not measured"
    return " ".join(cells(ratios[name]))


def _notes() -> str:
    return "\n".join(
        [
            "model-samples/s = members x epochs x rows / wall seconds; median [min - max] over "
            "rounds.",
            "A ratio is the median of the ratios of the rounds, not the ratio of the medians.",
            "Share of peak = GFLOP/s / float32 GEMM peak of this run. FLOP: forward pass, weight "
            "gradient, input gradient",
            "except of the first layer; nothing else is counted.",
            "All: float32, Adam (1e-3, defaults), ReLU, softmax cross-entropy, Glorot-uniform "
            "weights, every member's own",
            "order of the rows in every epoch, no validation set. Processes are started and warm, "
            "code is compiled, before",
            "timing. Where fewer members or epochs than asked were timed, the rate is of those.",
        ]
    )
