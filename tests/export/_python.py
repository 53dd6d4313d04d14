"""Logits of exports by FLAX and by TensorFlow, as JSON: [[logit, ...], ...] for each of the files.

    python -m venv .venv/exports && .venv/exports/bin/pip install tensorflow-cpu==2.21.0 flax==0.12.8
    SAM_EXPORTS_PYTHON=.venv/exports/bin/python deno test -A tests/export

Arguments: flax|savedmodel, the export, a file of float32 images [5, 32, 32, 3].
"""

import json
import sys

import numpy as np

kind, path, images = sys.argv[1:]
x = np.fromfile(images, "float32").reshape(5, 32, 32, 3)

if kind == "savedmodel":
    import tensorflow as tf

    signature = tf.saved_model.load(path).signatures["serving_default"]
    whole = signature(images=tf.constant(x))["logits"].numpy()
    one = signature(images=tf.constant(x[:1]))["logits"].numpy()
    assert np.allclose(one, whole[:1], atol=1e-5), "a batch of one differs"
else:
    import flax.linen as nn
    import jax.numpy as jnp
    from flax.serialization import msgpack_restore

    def norm(name):
        return nn.BatchNorm(use_running_average=True, epsilon=1e-5, name=name)

    def conv(channels, name, strides=1):
        return nn.Conv(channels, (3, 3), (strides, strides), use_bias=False, name=name)

    class Block(nn.Module):
        channels: int
        strides: int

        @nn.compact
        def __call__(self, x):
            y = nn.relu(norm("bn_1")(conv(self.channels, "conv1", self.strides)(x)))
            y = norm("bn_2")(conv(self.channels, "conv2")(y))
            short = x[:, :: self.strides, :: self.strides]
            missing = self.channels - x.shape[-1]
            return nn.relu(y + jnp.pad(short, ((0, 0), (0, 0), (0, 0), (0, missing))))

    class ResNet8(nn.Module):
        @nn.compact
        def __call__(self, x):
            x = nn.relu(norm("init_bn")(conv(16, "init_conv")(x)))
            for index, channels in enumerate((16, 32, 64)):
                x = Block(channels, 2 if index else 1, name=f"ResnetBlock_{index}")(x)
            return nn.Dense(10, name="Dense_3")(x.mean((1, 2)))

    with open(path, "rb") as file:
        whole = np.asarray(ResNet8().apply(msgpack_restore(file.read()), x))

print(json.dumps(whole.tolist()))
