"""Makes statistics_scipy.json: intervals by SciPy for tests/plots/statistics_test.ts.

python3 -m venv .venv/scipy && .venv/scipy/bin/pip install scipy==1.17.1
.venv/scipy/bin/python tests/goldens/plots/statistics_scipy.py > tests/goldens/plots/statistics_scipy.json
"""

import json

import numpy as np
from scipy import stats

SGD = [0.0457, 0.0449, 0.0462, 0.0455, 0.0460]
SAM = [0.0398, 0.0405, 0.0391, 0.0399]


def mean(values, confidence):
    m = np.mean(values)
    low, high = stats.t.interval(confidence, len(values) - 1, m, stats.sem(values))
    return {"values": values, "confidence": confidence, "expected": [m, low, high]}


def reduction(baseline, treated, confidence):
    """Welch's interval of mean(treated) - R mean(baseline), R the ratio of means, over mean(baseline)."""
    base = np.mean(baseline)
    ratio = np.mean(treated) / base
    test = stats.ttest_ind(treated, ratio * np.array(baseline), equal_var=False)
    interval = test.confidence_interval(confidence)
    expected = [1 - ratio, 1 - ratio - interval.high / base, 1 - ratio - interval.low / base]
    return {"baseline": baseline, "treated": treated, "confidence": confidence, "expected": expected}


QUANTILES = [(0.975, 1), (0.975, 2), (0.975, 4.37), (0.95, 9), (0.995, 29.5), (0.025, 3)]

print(json.dumps({
    "quantiles": [{"p": p, "df": df, "expected": stats.t.ppf(p, df)} for p, df in QUANTILES],
    "means": [mean(SGD, 0.95), mean(SAM, 0.9), mean(SGD[:2], 0.95)],
    "reductions": [reduction(SGD, SAM, 0.95), reduction(SAM, SGD, 0.99)],
}, indent=1))
