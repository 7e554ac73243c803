"""Curves, planes, surfaces and triangles on made-up numbers."""

import numpy as np

from levelset.seeds import stream
from levelset.studies.charts import Curve, Panel, SimplexPanel, SurfacePanel

EPOCHS = np.arange(1.0, 101.0)
CLASSES = ("setosa", "versicolor", "virginica")


def falling(name, key, start, end, speed, replicates=8):
    """Make a curve that falls from start to end, with some noise in each replicate."""
    generator = stream(0, "falling", name)
    speeds = speed * np.exp(generator.normal(0, 0.25, (replicates, 1)))
    noise = np.exp(generator.normal(0, 0.04, (replicates, EPOCHS.size)))
    values = (end + (start - end) * np.exp(-speeds * EPOCHS)) * noise
    return Curve(name, EPOCHS, values, key)


def plane_panel(title, bend, noise=0.35):
    """Make a panel in which three classes meet; `bend` curves their borders."""
    generator = stream(0, "panel", title)
    x, y = np.linspace(-2.6, 2.6, 90), np.linspace(-2.4, 2.4, 80)
    across, upward = np.meshgrid(x, y)
    labels = np.repeat(np.arange(3), 40)
    centers = np.array([[-1.4, 0.8], [0.2, -0.6], [1.5, 0.7]])
    points = centers[labels] + generator.normal(0, noise, (120, 2))
    logits = [
        -bend * np.sin(2.5 * across + number) - ((across - cx) ** 2 + (upward - cy) ** 2)
        for number, (cx, cy) in enumerate(centers)
    ]
    grown = np.exp(np.stack(logits, axis=-1))
    return Panel(title, x, y, grown / grown.sum(axis=-1, keepdims=True), points, labels)


def bowl(title, width):
    """Make a surface with one low point and a ridge."""
    x, y = np.linspace(-1, 1, 61), np.linspace(-1, 1, 51)
    across, upward = np.meshgrid(x, y)
    z = 0.05 + (across**2 + 0.4 * upward**2) / width + 0.1 * np.sin(5 * across) ** 2
    return SurfacePanel(title, x, y, z)


def beliefs(title, temperature):
    """Make a panel of rows that believe in three classes, the more sure the cooler."""
    generator = stream(0, "beliefs", title)
    labels = np.repeat(np.arange(3), 50)
    logits = (2.5 * np.eye(3)[labels] + generator.normal(size=(150, 3))) / temperature
    grown = np.exp(logits)
    return SimplexPanel(title, grown / grown.sum(axis=1, keepdims=True), labels)
