"""Makes the files in records/ with TensorFlow: three examples as TFDS writes them, two as the TensorFlow
model garden does.

    python -m venv .venv/tf && .venv/tf/bin/pip install tensorflow-cpu==2.21.0
    .venv/tf/bin/python tests/goldens/records.py
"""

from pathlib import Path

import tensorflow as tf

FOLDER = Path(__file__).parent / "records"


def feature(value):
    if isinstance(value, bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))


def jpeg(color):
    image = tf.ones([20, 30, 3], tf.uint8) * tf.constant(color, tf.uint8)
    return tf.io.encode_jpeg(image, quality=90).numpy()


def write(name, examples):
    with tf.io.TFRecordWriter(str(FOLDER / name)) as writer:
        for example in examples:
            features = {key: feature(value) for key, value in example.items()}
            message = tf.train.Example(features=tf.train.Features(feature=features))
            writer.write(message.SerializeToString())


write(
    "tfds-train.tfrecord-00000-of-00001",
    [
        {"image": jpeg([40 * i, 10, 20]), "label": i, "file_name": b"n%d.JPEG" % i}
        for i in range(3)
    ],
)
write(
    "validation-00000-of-00001",
    [
        {"image/encoded": jpeg([200, 40 * i, 0]), "image/class/label": i + 1, "image/height": 20}
        for i in range(2)
    ],
)
