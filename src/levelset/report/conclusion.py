"""What a report concludes: is an MLP worth it, which recipe, how sure, and what mattered."""

from collections.abc import Mapping, Sequence

from levelset.engine import Recipe
from levelset.report.baselines import Contest
from levelset.report.content import Conclusion, Effect
from levelset.report.numbers import interval_text, number
from levelset.studies.finding import StudyResult
from levelset.theory.statistics import Interval

RIVALS = ("logistic", "boosting")
"""What an MLP must predict better than to be worth it."""

_IN_A_SENTENCE = {
    "majority": "the majority class",
    "logistic": "logistic regression",
    "boosting": "gradient boosting",
}


def conclude(
    contest: Contest,
    recipe: Recipe,
    results: Sequence[StudyResult],
    choices: Sequence[tuple[str, str]],
    seed: int,
) -> Conclusion:
    """Draw the report's conclusion.

    Args:
        contest: How the chosen recipe did beside the others.
        recipe: That was chosen.
        results: What the studies have to say.
        choices: Pairs of a study's name and what it chose, in words.
        seed: Of the resamples behind the intervals.
    """
    beside = {name: contest.excess(name, seed) for name in ("majority", *RIVALS)}
    learnable = [name for name in RIVALS if contest.excess("majority", seed, one=name).high < 0]
    on_unseen = [
        Effect(result.name, finding)
        for result in results
        for finding in result.findings
        if finding.subject != "mechanism"
    ]
    effects = tuple(
        each
        for verdict in ("supported", "refuted")
        for each in on_unseen
        if each.finding.verdict == verdict
    )
    closest = min(RIVALS, key=lambda name: float(contest.log_loss[name].mean()))
    return Conclusion(
        headline=headline(beside, learnable),
        why=_why(beside, results, contest.replicates),
        sure=_sure(beside[closest], _IN_A_SENTENCE[closest]),
        baselines=contest.baselines(seed),
        recipe=recipe_text(recipe),
        choices=tuple(choices),
        effects=effects,
        unshown=len(on_unseen) - len(effects),
    )


def headline(beside: Mapping[str, Interval], learnable: Sequence[str]) -> str:
    """Say in one sentence whether an MLP is worth it.

    Args:
        beside: Log loss of the MLP minus that of "majority", "logistic" and "boosting", in nats.
        learnable: Those of the others that predict better than the majority class.
    """
    better = [_IN_A_SENTENCE[name] for name in RIVALS if beside[name].low > 0]
    beaten = [_IN_A_SENTENCE[name] for name in RIVALS if beside[name].high < 0]
    open_ = [_IN_A_SENTENCE[name] for name in RIVALS if beside[name].low <= 0 <= beside[name].high]
    if beside["majority"].high >= 0 and not learnable:
        return "Nothing is shown to be learnable here: no classifier beats the class frequencies."
    if better:
        verb = "predicts" if len(better) == 1 else "predict"
        return f"An MLP is not worth it here: {' and '.join(better)} {verb} better."
    if not open_:
        return f"An MLP is worth it here: it predicts better than {' and '.join(beaten)}."
    if beaten:
        return (
            f"An MLP predicts better than {beaten[0]} here, but is not shown to predict better "
            f"than {open_[0]}."
        )
    return f"An MLP is not shown to predict better than {' or '.join(open_)} here: use the simpler."


def recipe_text(recipe: Recipe) -> str:
    """Write a recipe as the line that makes it."""
    fields = ", ".join(f"{name}={value!r}" for name, value in recipe.changes().items())
    return f"levelset.Recipe({fields})"


def _why(beside: Mapping[str, Interval], results: Sequence[StudyResult], replicates: int) -> str:
    differences = [f"{_text(beside[name])} from {_IN_A_SENTENCE[name]}'s" for name in beside]
    findings = [finding for result in results for finding in result.findings]
    verdicts = [finding.verdict for finding in findings]
    return (
        f"On {next(iter(beside.values())).n} test rows that no study has seen, the log loss of the "
        f"chosen MLP differs by {', '.join(differences[:-1])} and {differences[-1]} (nats, "
        f"negative is better; 95 % intervals over test rows, {replicates} training runs each). "
        f"Of the {len(findings)} claims that the studies tested, "
        f"{verdicts.count('supported')} are supported, {verdicts.count('refuted')} refuted and "
        f"{verdicts.count('not shown')} not shown."
    )


def _sure(difference: Interval, rival: str) -> str:
    """Say what the closest rival's interval excludes, and what it could not have shown."""
    half = (difference.high - difference.low) / 2
    stands = "holds 0" if difference.low <= 0 <= difference.high else "lies to one side of 0"
    return (
        f"The closest of the others is {rival}. The 95 % interval of the difference from it "
        f"{stands}; on {difference.n} test rows it is {number(half, 2)} nats wide to each side, so "
        "that a smaller difference could not have been shown."
    )


def _text(interval: Interval) -> str:
    return interval_text(interval.estimate, interval.low, interval.high)
