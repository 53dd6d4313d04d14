"""TensorFlow's side of the pipeline benches: the same pipelines, written for Python's tf.data.

Speaks the protocol of `_protocol.py` (tasks "pipeline" and "pipeline_jpeg"). Each image is augmented
by itself, in a parallel map, as one writes it in Python.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf

import _protocol
from _sample import jpeg_paths

AUTOTUNE = tf.data.AUTOTUNE
batches = None


def hello():
    tf.constant(1).numpy()
    return {"name": "TensorFlow", "version": tf.__version__, "threads": os.cpu_count()}


def setup(task, mode, batch, size, blocks, width):
    global batches
    mean, deviation = tf.constant([0.5] * 3), tf.constant([0.25] * 3)

    def normalize(images, labels):
        return (tf.cast(images, tf.float32) / 255 - mean) / deviation, tf.one_hot(labels, 10)

    if task == "pipeline":
        count = 50_000
        images = (np.arange(count * size * size * 3, dtype=np.int64) * 31 & 255).astype(np.uint8)
        images = images.reshape(count, size, size, 3)
        labels = (np.arange(count) % 10).astype(np.int32)

        def augment(image, label):
            image = tf.image.random_flip_left_right(image)
            image = tf.pad(image, [[4, 4], [4, 4], [0, 0]], mode="REFLECT")
            return tf.image.random_crop(image, [size, size, 3]), label

        data = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(count).repeat()
        data = data.map(augment, num_parallel_calls=AUTOTUNE)
    elif task == "pipeline_jpeg":
        paths = jpeg_paths()
        labels = (np.arange(len(paths)) % 10).astype(np.int32)

        def decode(path, label):
            contents = tf.io.read_file(path)
            shape = tf.image.extract_jpeg_shape(contents)
            begin, extent, _ = tf.image.sample_distorted_bounding_box(
                shape,
                bounding_boxes=tf.zeros([1, 0, 4]),
                min_object_covered=0.1,
                aspect_ratio_range=(3 / 4, 4 / 3),
                area_range=(0.08, 1.0),
                max_attempts=10,
                use_image_if_no_bounding_boxes=True,
            )
            window = tf.concat([begin[:2], extent[:2]], 0)
            image = tf.image.decode_and_crop_jpeg(contents, window, channels=3)
            image = tf.image.resize(image, [size, size], method="bicubic")
            return tf.image.random_flip_left_right(image), label

        data = tf.data.Dataset.from_tensor_slices((paths, labels)).shuffle(len(paths)).repeat()
        data = data.map(decode, num_parallel_calls=AUTOTUNE)
    else:
        raise ValueError(f"Cannot set up {task!r}")
    data = data.batch(batch, drop_remainder=True).map(normalize, num_parallel_calls=AUTOTUNE)
    # As many as ours: what is made while others have their turn must not count.
    batches = iter(data.prefetch(4))
    return {}


def run(steps):
    def step():
        next(batches)
        return 0.0

    return _protocol.timed(step, steps)


_protocol.serve({"hello": hello, "setup": setup, "run": run})
