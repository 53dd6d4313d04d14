"""Numbers of TensorFlow's stateless random functions, for tests/tensorflow/random_test.ts.

    python -m venv venv && venv/bin/pip install tensorflow-cpu==2.21.0
    venv/bin/python tests/goldens/tensorflow_random.py > tests/goldens/tensorflow_random.json
"""

import json
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import tensorflow as tf  # noqa: E402

SEEDS = [[0, 0], [0, 1], [7, -3], [2147483647, -2147483648]]
random = tf.random


def of(seed):
    def flat(tensor):
        values = tensor.numpy().reshape(-1).tolist()
        return [float(f"{v:.9g}") if isinstance(v, float) else v for v in values]

    return {
        "seed": seed,
        "uniform": flat(random.stateless_uniform([2, 3], seed)),
        "uniformRange": flat(random.stateless_uniform([5], seed, -0.1, 0.2)),
        "normal": flat(random.stateless_normal([2, 3], seed)),
        "normalScaled": flat(random.stateless_normal([5], seed, 0.3, 1.7)),
        "truncatedNormal": flat(random.stateless_truncated_normal([2, 3], seed)),
        "integers": flat(random.stateless_uniform([6], seed, -5, 1000, tf.int32)),
        "split": flat(random.split(seed, 3)),
        "foldIn": flat(random.fold_in(seed, 5)),
        "foldInNegative": flat(random.fold_in(seed, -9)),
    }


print("[" + ",\n".join(json.dumps(of(seed)) for seed in SEEDS) + "]")
