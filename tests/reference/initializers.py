"""The standard deviation of initial weights, one formula at a time."""

import math

STANDARD_DEVIATIONS = {
    "glorot": lambda inputs, outputs: math.sqrt(2.0 / (inputs + outputs)),
    "he": lambda inputs, _: math.sqrt(2.0 / inputs),
    "lecun": lambda inputs, _: math.sqrt(1.0 / inputs),
}
"""Glorot and Bengio (2010) eq. 12; He et al. (2015) eq. 10; LeCun et al. (1998) eq. 16."""
