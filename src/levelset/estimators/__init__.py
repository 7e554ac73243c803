"""Estimators: scikit-learn's door to the engine."""

from levelset.estimators.classifier import MLPClassifier

__all__ = [
    "MLPClassifier",
]
