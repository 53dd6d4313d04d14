"""A SavedModel of a few KB with signatures of several dtypes, for tests/tensorflow/saved_model_test.ts.

    python -m venv venv && venv/bin/pip install tensorflow-cpu==2.21.0
    venv/bin/python tests/goldens/saved_model.py tests/goldens/saved_model
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import tensorflow as tf  # noqa: E402

LABELS = ["cat", "dög", "", "a label of more bytes than fit into the string itself"]


v1 = tf.compat.v1
with tf.Graph().as_default(), v1.Session() as session:
    x = v1.placeholder(tf.float32, [None, 2], "x")
    w = v1.get_variable("w", initializer=[[0.5, -1.0], [0.25, 2.0]])
    b = v1.get_variable("b", initializer=[0.1, -0.2])
    y = tf.tanh(tf.matmul(x, w) + b)
    ids = v1.placeholder(tf.int64, [None], "ids")
    prefix = v1.placeholder(tf.string, [], "prefix")
    labels = tf.constant(LABELS)
    names = tf.strings.join([prefix, tf.gather(labels, ids)])
    session.run(v1.global_variables_initializer())
    signature = v1.saved_model.predict_signature_def
    builder = v1.saved_model.Builder(sys.argv[1])
    builder.add_meta_graph_and_variables(
        session,
        ["serve"],
        {
            "serving_default": signature({"x": x}, {"y": y}),
            "label": signature(
                {"ids": ids, "prefix": prefix},
                {"names": names, "next": ids + 1, "labels": labels},
            ),
        },
        strip_default_attrs=True,
    )
    builder.save()
    print(session.run(y, {x: [[1.0, 2.0], [-3.0, 0.5]]}).tolist())
