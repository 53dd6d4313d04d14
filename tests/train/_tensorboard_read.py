"""Prints what TensorBoard reads in a folder, as JSON: {tag: [[step, value], ...]}.

    python -m venv .venv/train && .venv/train/bin/pip install tensorboard==2.21.0
    SAM_TENSORBOARD_PYTHON=.venv/train/bin/python deno test -A tests/train/tensorboard_test.ts
"""

import json
import sys

from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

events = EventAccumulator(sys.argv[1], size_guidance={}, tensor_size_guidance={"scalars": 0})
events.Reload()
print(json.dumps({
    tag: [
        [event.step, float(tensor_util.make_ndarray(event.tensor_proto))]
        for event in events.Tensors(tag)
    ]
    for tag in events.Tags()["tensors"]
}))
