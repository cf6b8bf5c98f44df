"""The buckets of a `Sketch`: as fine as a time is short, so that a hundred do for all scales."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

SHORTEST_S = 0.05
LONGEST_S = 120.0
RATIO = 1.07
"""Each bucket is 7 % wider than the one before: 3.5 % off at most, whatever the scale."""
MOST_COUNT = 10**12
MOST_WEIGHT = 1e9
LEAST_WEIGHT = 1e-3
"""Of all times together; less is none of ours, and its shares would be lost in rounding."""

_BUCKETS = math.ceil(math.log(LONGEST_S / SHORTEST_S) / math.log(RATIO))
EDGES_S = (*(SHORTEST_S * RATIO**k for k in range(_BUCKETS)), LONGEST_S)
"""Upper edges in seconds; one bucket more, `BEYOND`, has no upper edge."""
LOWER_S = (0.0, *EDGES_S[:-1])
MIDDLES_S = tuple((lower + upper) / 2 for lower, upper in zip(LOWER_S, EDGES_S, strict=True))
BEYOND = len(EDGES_S)
"""The last bucket."""


def quantile(weights: Sequence[float], q: float) -> float | None:
    """The time within which a share `q` of the weights lies, in seconds; even inside a bucket.

    None without any weight; infinite where it lies beyond the last edge.
    """
    cumulated = list(accumulate(weights))
    if not cumulated[-1]:
        return None
    wanted = min(1.0, max(0.0, q)) * cumulated[-1]
    bucket = bisect_left(cumulated, wanted)
    while not weights[bucket]:
        bucket += 1
    if bucket >= BEYOND:
        return math.inf
    part = 1.0 - (cumulated[bucket] - wanted) / weights[bucket]
    lower, upper = LOWER_S[bucket], EDGES_S[bucket]
    return lower + (upper - lower) * min(1.0, max(0.0, part))


def read_weights(data: Any) -> tuple[int, dict[int, float]]:
    """Count and weights by bucket out of a snapshot's JSON values; ValueError if they are none."""
    weights: dict[int, float] = {}
    match data:
        case {"count": int(count), "weights": dict(known)} if len(data) == 2:  # noqa: PLR2004
            if not 0 <= count <= MOST_COUNT:
                raise ValueError("a number of times that there can't be")
        case _:
            raise ValueError("not a snapshot of times")
    for bucket, weight in known.items():
        if not (isinstance(bucket, str) and bucket.isascii() and bucket.isdecimal()):
            raise ValueError("not a bucket of times")
        if not (len(bucket) < 4 and int(bucket) <= BEYOND):  # noqa: PLR2004
            raise ValueError("a bucket that there is not")
        if not (isinstance(weight, int | float) and 0.0 <= weight <= MOST_WEIGHT):
            raise ValueError("not the weight of times")
        weights[int(bucket)] = float(weight)
    if (count > 0) != (sum(weights.values()) >= LEAST_WEIGHT):
        raise ValueError("times without a count, or a count without times")
    return int(count), weights
