"""How often TensorFlow's `tf.image.sample_distorted_bounding_box`, with the arguments of the reference's
`sam_jax/datasets/dataset_source_imagenet.py`, gives which crops, for tests/data/random_crops_test.ts.

    python -m venv .venv/tf && .venv/tf/bin/pip install tensorflow-cpu==2.21.0
    .venv/tf/bin/python tests/goldens/random_crops.py > tests/goldens/random_crops.json

For images of several sizes, counts of a hundred thousand crops by their share of the area, their
aspect, their centre's row and column, and by place and share together; all in whole numbers, so that
every program puts a crop into the same bin. The last image is so long that half of the crops are all
of it, as ten tries found none.
"""

import json
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

DRAWS = 100_000
SHAPES = [[375, 500], [500, 333], [64, 64], [30, 200], [30, 360]]


def windows(height, width):
    def draw(_):
        begin, extent, _ = tf.image.sample_distorted_bounding_box(
            [height, width, 3],
            tf.constant([[[0.0, 0.0, 1.0, 1.0]]]),
            min_object_covered=0.1,
            aspect_ratio_range=(3 / 4, 4 / 3),
            area_range=(0.08, 1.0),
            max_attempts=10,
            use_image_if_no_bounding_boxes=True,
        )
        return tf.concat([begin[:2], extent[:2]], 0)

    drawn = tf.data.Dataset.range(DRAWS).map(draw, num_parallel_calls=2).batch(1000)
    return np.concatenate([batch.numpy() for batch in drawn]).astype(np.int64)


def bins(drawn, height, width):
    y, x, h, w = drawn.T
    share = lambda count: np.minimum(count - 1, count * h * w // (height * width))  # noqa: E731
    row = lambda count: count * (2 * y + h) // (2 * height)  # noqa: E731
    column = lambda count: count * (2 * x + w) // (2 * width)  # noqa: E731
    return {
        "area": np.bincount(share(20), minlength=20),
        "aspect": np.bincount(np.clip(100 * w // (w + h) - 40, 0, 19), minlength=20),
        "row": np.bincount(row(10), minlength=10),
        "column": np.bincount(column(10), minlength=10),
        "joint": np.bincount((share(4) * 4 + row(4)) * 4 + column(4), minlength=64),
    }


def of(height, width):
    counts = bins(windows(height, width), height, width)
    return {"shape": [height, width]} | {name: found.tolist() for name, found in counts.items()}


tf.random.set_seed(1)
print("[" + ",\n".join(json.dumps(of(*shape)) for shape in SHAPES) + "]")
