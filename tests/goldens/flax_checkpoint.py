"""Makes the flax_*.msgpack files with FLAX itself, and reads files of ours.

    python -m venv .venv/flax && .venv/flax/bin/pip install flax==0.12.8
    .venv/flax/bin/python tests/goldens/flax_checkpoint.py [FILE...]

Without arguments it writes the golden files; with arguments it restores the files with FLAX and prints
what they hold, as JSON.
"""

import json
import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np
from flax import serialization

FOLDER = Path(__file__).parent


def described(value):
    if isinstance(value, dict):
        return {name: described(part) for name, part in value.items()}
    array = np.asarray(value)
    return {"dtype": str(array.dtype), "shape": array.shape, "values": array.reshape(-1).tolist()}


if len(sys.argv) > 1:
    for path in sys.argv[1:]:
        print(json.dumps(described(serialization.msgpack_restore(Path(path).read_bytes()))))
    sys.exit()

# What `encodeFlax` must write, to the byte.
tree = {
    "params": {
        "conv": {"kernel": np.arange(6, dtype=np.float32).reshape(1, 2, 3) / 4 - 0.5},
        "Größe": {"bias": np.array([-0.0, 1e-45, np.inf], dtype=np.float32)},
        "wide": np.arange(300, dtype=np.float32),
        "empty": np.zeros((0, 3), dtype=np.float32),
        **{f"layer_{i}": np.array([i], dtype=np.float32) for i in range(17)},
    },
    "step": np.array(7, dtype=np.int32),
}
(FOLDER / "flax_written.msgpack").write_bytes(serialization.msgpack_serialize(tree))

serialization.MAX_CHUNK_SIZE = 16
(FOLDER / "flax_chunked.msgpack").write_bytes(
    serialization.msgpack_serialize({"kernel": np.arange(10, dtype=np.float32).reshape(5, 2)})
)
serialization.MAX_CHUNK_SIZE = 2**30

# What `openFlax` must read besides.
types = {
    "bfloat16": jnp.array([1.5, -2.0], dtype=jnp.bfloat16),
    "epoch": 3,
    "float16": np.array([0.5, 65504], dtype=np.float16),
    "float64": np.array([1.25], dtype=np.float64),
    "int64": np.array([-5], dtype=np.int64),
    "learning_rate": 0.5,
    "mask": np.array([True, False]),
    "negative": -200,
    "none": None,
    "numpy_scalar": np.float32(2.5),
    "too_large": np.array([2**40], dtype=np.int64),
    "uint8": np.array([0, 255], dtype=np.uint8),
    "wide": np.zeros((2, 90), dtype=np.float32),
}
(FOLDER / "flax_types.msgpack").write_bytes(
    serialization.msgpack_serialize(serialization.to_state_dict(types))
)
