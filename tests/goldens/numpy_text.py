"""How NumPy writes arrays. Made with NumPy 2: `python numpy_text.py > numpy_text.json`."""
import json

import numpy as np

SPECIAL = {"nan": np.nan, "inf": np.inf, "-inf": -np.inf}
CASES = [
    ("float32", [], [3]),
    ("float32", [], [0.1]),
    ("float32", [3], [1, 2.5, -3]),
    ("float32", [3], [0.1, 0.33333334, 123.456]),
    ("float32", [4], [1e-9, 1, 2, 3]),
    ("float32", [3], [1e-5, 2e-5, -3.5e-5]),
    ("float32", [2], [1e8, 3]),
    ("float32", [2], [99999999, 123456]),
    ("float32", [2], [3.4028235e38, -1.1754944e-38]),
    ("float32", [3], [0, "-0", 5]),
    ("float32", [3], ["nan", "inf", "-inf"]),
    ("float32", [2, 2], [1, "nan", "inf", -1]),
    ("float32", [2, 3], [1, 2, 3, 4, 5, 6.25]),
    ("float32", [1, 2], [1000.5, 0.25]),
    ("float32", [0], []),
    ("float32", [3, 0], []),
    ("float32", [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
    ("int32", [], [-7]),
    ("int32", [2, 2], [1, -20, 300, 4]),
    ("bool", [], [1]),
    ("bool", [2, 2], [1, 0, 0, 1]),
]
SEVENTHS = [[30], [40, 40], [1001], [3, 400], [2, 30, 40], [7, 6, 5, 6], [1, 1, 2, 3, 4], [2000, 2]]


def text(array):
    return np.array2string(array, separator=", ")


def number(value):
    return -0.0 if value == "-0" else SPECIAL.get(value, value)


print(json.dumps({
    "numpy": np.__version__,
    "cases": [
        {"dtype": dtype, "shape": shape, "values": values,
         "text": text(np.array([number(v) for v in values], dtype).reshape(shape))}
        for dtype, shape, values in CASES
    ],
    "sevenths": [
        {"shape": shape, "text": text(
            (np.arange(np.prod(shape), dtype=np.float32) / np.float32(7)).reshape(shape))}
        for shape in SEVENTHS
    ],
}, indent=1))
