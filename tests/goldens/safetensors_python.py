"""Makes safetensors_python.safetensors with the format's own library, and reads files of ours.

    python -m venv .venv/train && .venv/train/bin/pip install safetensors==0.8.0 numpy
    .venv/train/bin/python tests/goldens/safetensors_python.py [FILE...]

Without arguments it writes the golden file; with arguments it prints what the files hold, as JSON.
"""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

if len(sys.argv) == 1:
    save_file(
        {
            "conv/kernel": np.arange(6, dtype=np.float32).reshape(1, 2, 3) / 4 - 0.5,
            "conv/bias": np.array([-0.0, 1e-45, np.inf], dtype=np.float32),
            "step": np.array(7, dtype=np.int32),
            "seed": np.array([-1, 2**62], dtype=np.int64),
            "image": np.array([[0, 127, 255]], dtype=np.uint8),
            "mask": np.array([True, False]),
            "empty": np.zeros((0, 3), dtype=np.float32),
            "größe": np.array([1.5], dtype=np.float32),
        },
        Path(__file__).with_suffix(".safetensors"),
        metadata={"note": "made by Python's safetensors"},
    )

for file in sys.argv[1:]:
    with safe_open(file, framework="numpy") as contents:
        arrays = {}
        for name in contents.keys():
            array = contents.get_tensor(name)
            arrays[name] = [str(array.dtype), list(array.shape), array.tobytes().hex()]
        print(json.dumps({"metadata": contents.metadata(), "arrays": arrays}))
