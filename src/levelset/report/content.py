"""What a report says, as plain data: everything the page prints is in here, and nothing else.

ReportContent
├── summary, notes         the table that the report is about
├── Conclusion             the answer, the baselines beside it, the recipe and what mattered
├── StudyResult ...        one section each
├── left_out               studies that could not run, and why
└── Methods, command       how it was done, and how to do it again
"""

from dataclasses import dataclass

from levelset.studies.finding import Finding, StudyResult
from levelset.theory.statistics import Interval


@dataclass(frozen=True)
class Baseline:
    """How well one kind of classifier did on the held-out rows.

    Attributes:
        name: What the reader sees, for example "Logistic regression".
        accuracy: Share of rows classified correctly, 0 to 1.
        log_loss: Mean negative log probability of the true class, in nats.
        color_key: What keeps its color the same throughout the page.
    """

    name: str
    accuracy: Interval
    log_loss: Interval
    color_key: str


@dataclass(frozen=True)
class Effect:
    """A finding on rows that networks had not seen, and the study that made it."""

    study: str
    finding: Finding


@dataclass(frozen=True)
class Conclusion:
    """The answer of the whole report.

    Attributes:
        headline: One sentence.
        why: One paragraph that says what it rests on.
        sure: One paragraph that says how sure it is, and what could not have been seen.
        baselines: The classifiers compared, simplest first.
        recipe: The chosen recipe as text, one setting a line.
        choices: Pairs of a study's name and what it chose, in words.
        effects: What is shown to help or to harm on unseen rows.
        unshown: Claims on unseen rows that are neither supported nor refuted.
    """

    headline: str
    why: str
    sure: str
    baselines: tuple[Baseline, ...]
    recipe: str
    choices: tuple[tuple[str, str], ...] = ()
    effects: tuple[Effect, ...] = ()
    unshown: int = 0


@dataclass(frozen=True)
class Methods:
    """How the whole was done.

    Attributes:
        paragraph: Splits, encoding, choice of the recipe, intervals: in sentences.
        facts: Pairs of name and value: seed, versions, hardware, digest of the data.
        wall_seconds: How long the whole took.
    """

    paragraph: str
    facts: tuple[tuple[str, str], ...]
    wall_seconds: float


@dataclass(frozen=True)
class ReportContent:
    """Everything that a page prints.

    Attributes:
        title: Name of the page, for example "iris".
        summary: Sentences on the data: rows, columns, classes and their shares.
        notes: Sentences on everything that was handled in the data; may be empty.
        conclusion: The answer, first on the page; None for a page of studies alone.
        studies: One section each, in reading order.
        left_out: Pairs of a study's name and the reason why it could not run.
        methods: How it was done.
        command: The line that reproduces the whole.
    """

    title: str
    summary: tuple[str, ...]
    notes: tuple[str, ...]
    conclusion: Conclusion | None
    studies: tuple[StudyResult, ...]
    methods: Methods
    command: str
    left_out: tuple[tuple[str, str], ...] = ()
