"""Student's t distribution, in plain Python: what ranking needs of statistics, without a numeric library to load.

The distribution function is the regularised incomplete beta function, I_x(df/2, 1/2) with
x = df / (df + t²), evaluated by its continued fraction (Abramowitz and Stegun, "Handbook of Mathematical
Functions", 26.5.8 and 26.7.1) with Lentz's method as modified by Thompson and Barnett.
"""

from __future__ import annotations

import math
from functools import lru_cache

_TINY = 1e-300
_EPSILON = 1e-15


def two_sided(t: float, df: float) -> float:
    """The probability that |T| is at least |t|, T having Student's distribution with `df` > 0 degrees of freedom."""
    if math.isnan(t):
        return math.nan
    if math.isinf(t):
        return 0.0
    return _incomplete_beta(df / 2, 0.5, df / (df + t * t))


@lru_cache(maxsize=4096)
def critical(df: float, confidence: float = 0.95) -> float:
    """The t that |T| stays under with probability `confidence`: 2.262 for 9 degrees of freedom and 0.95."""
    wanted = 1.0 - confidence
    low, high = 0.0, 2.0
    while two_sided(high, df) > wanted:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if two_sided(middle, df) > wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _incomplete_beta(a: float, b: float, x: float) -> float:
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    if x < (a + 1) / (a + b + 2):
        return math.exp(log_front) * _fraction(a, b, x) / a
    return 1.0 - math.exp(log_front) * _fraction(b, a, 1.0 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    c = 1.0
    d = 1.0 / _nonzero(1.0 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 10_000):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / _nonzero(1.0 + term * d)
            c = _nonzero(1.0 + term / c)
            value *= c * d
        if abs(c * d - 1.0) < _EPSILON:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
