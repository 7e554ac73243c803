"""What a study answers with: claims, each with its verdict and its evidence."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from levelset.studies.charts import Chart, Table
from levelset.theory.statistics import Interval

Verdict: TypeAlias = Literal["supported", "refuted", "not shown"]

Subject: TypeAlias = Literal["mechanism", "log loss", "accuracy"]
"""What a claim is about: how a network learns, or how well it does on rows that it has not seen.

The last two are claims of generalization. Where labels hold nothing to learn, a remedy may still
truly lower the log loss, by keeping a network from believing in noise; of accuracy nothing can be
true there with balanced classes, so that a "supported" is a false one.
"""


@dataclass(frozen=True)
class Finding:
    """One claim, what became of it, and the number that says so.

    Attributes:
        claim: The sentence, as it was stated before the data was seen.
        verdict: "supported" or "refuted" when the interval excludes the contrary, otherwise "not
            shown": that is an answer too.
        effect: What the number is, with its unit, for example "accuracy, ReLU minus sigmoid".
        interval: The number, its interval and its n.
        note: Anything that the reader must know to read the number; may be empty.
        subject: What the claim is about.
        p_value: After Holm's adjustment over `judged_together` claims; None where nothing was
            tested.
        judged_together: How many claims the adjustment is for, this one among them.
    """

    claim: str
    verdict: Verdict
    effect: str
    interval: Interval
    note: str = ""
    subject: Subject = "mechanism"
    p_value: float | None = None
    judged_together: int = 0

    @property
    def test(self) -> str:
        """The p-value in words, "p = 0.31 (Holm over 7 claims)"; empty where nothing was tested."""
        if self.p_value is None:
            return ""
        return f"{p_text(self.p_value)} (Holm over {self.judged_together} claims)"


def p_text(p_value: float) -> str:
    """Say a p-value, to two digits.

    Example:
        >>> p_text(0.0312), p_text(2e-7)
        ('p = 0.031', 'p < 0.0001')
    """
    return "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.2g}"


@dataclass(frozen=True)
class StudyResult:
    """Everything that one study has to say, ready to be drawn.

    Attributes:
        name: The study's name on the command line, for example "activations".
        question: What it asked.
        claims: What it stated before the data was seen.
        findings: What became of each claim.
        charts: Figures, in reading order.
        tables: Tables, in reading order.
        command: The line that reproduces it.
        methods: How it was done: splits, seeds, settings, tests.
        wall_seconds: How long it took.
    """

    name: str
    question: str
    claims: tuple[str, ...]
    findings: tuple[Finding, ...]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]
    command: str
    methods: str
    wall_seconds: float
