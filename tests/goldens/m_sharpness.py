"""Numbers of m-sharpness with batch norm synchronised over replicas and not, by JAX's pmap.

    python -m venv .venv/jax && .venv/jax/bin/pip install jax==0.4.13 jaxlib==0.4.13 "numpy<2" safetensors
    .venv/jax/bin/python tests/goldens/m_sharpness.py

Three steps of SAM on a small EfficientNet, written here anew, on four replicas of two examples each:
a replica climbs by its own gradient, then the gradients are averaged. Where it is synchronised, the
means of x and of x² pass through `pmean`, which JAX differentiates. It computes in float64; JAX 0.10.2
gives the same file, but for last digits. `m_sharpness_together.safetensors`, made by JAX 0.10, has what
comes of replicas that climb together: all of them (`sync_perturbations`), or pairs (`inner_group_size` 2).
"""

import os

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"
os.environ["JAX_PLATFORMS"] = "cpu"

from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from safetensors.numpy import save_file

jax.config.update("jax_enable_x64", True)

REPLICAS, EXAMPLES, SIZE, CLASSES, STEPS = 4, 8, 8, 3, 3
RHO, RATE, DECAY, CLIPPING = 0.3, 0.1, 0.01, 2.0
DROPOUT, STOCHASTIC_DEPTH = 0.3, 0.6
# Channels before and after, expansion, strides.
BLOCKS = [(8, 8, 1, 1), (8, 16, 2, 2), (16, 16, 2, 1)]

random = np.random.RandomState(0)


def numbers(*shape):
    return random.standard_normal(shape).astype(np.float32)


def network(params, state, images, draws, synced):
    """Logits and new batch statistics. `params` and `state` make what they lack, see Growing."""
    new_state = {}

    def convolve(name, x, channels, size=1, strides=1, depthwise=False):
        inputs = x.shape[-1]
        if depthwise:
            kernel = params[f"{name}/depthwise_kernel", (size, size, inputs, 1)].transpose(0, 1, 3, 2)
        else:
            kernel = params[f"{name}/kernel", (size, size, inputs, channels)]
        return lax.conv_general_dilated(
            x, kernel, (strides, strides), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"),
            feature_group_count=inputs if depthwise else 1)

    def normalize(name, x):
        channels = (x.shape[-1],)
        scale, bias = params[f"{name}/scale", channels], params[f"{name}/bias", channels]
        mean, square = x.mean((0, 1, 2)), (x * x).mean((0, 1, 2))
        if synced:
            mean, square = lax.pmean(mean, "batch"), lax.pmean(square, "batch")
        variance = square - mean * mean
        for key, value in (("mean", mean), ("var", variance)):
            new_state[f"{name}/{key}"] = 0.99 * state[f"{name}/{key}", channels] + 0.01 * value
        return (x - mean) / jnp.sqrt(variance + 1e-3) * scale + bias

    def drop(name, x, rate):
        return x / (1 - rate) * jnp.floor(draws[name] + 1 - rate)

    def squeeze_excite(name, x, channels):
        share = x.mean((1, 2), keepdims=True)
        for part, activation, outputs in (("reduce_conv2d_0", jax.nn.swish, channels),
                                          ("expand_conv2d_1", jax.nn.sigmoid, x.shape[-1])):
            at = f"{name}/{part}"
            share = activation(convolve(at, share, outputs) + params[f"{at}/bias", (outputs,)])
        return x * share

    x = convolve("Stem_0/conv2d", images, 8, 3, 2)
    x = jax.nn.swish(normalize("Stem_0/batch_normalization", x))
    for index, (inputs, outputs, expansion, strides) in enumerate(BLOCKS):
        at, y, norm = f"MBConvBlock_{index + 1}", x, 0
        if expansion > 1:
            y = convolve(f"{at}/expand_conv2d_0", y, inputs * expansion)
            y, norm = jax.nn.swish(normalize(f"{at}/batch_normalization_0", y)), 1
        y = convolve(f"{at}/depthwise_conv2d", y, None, 3, strides, depthwise=True)
        y = jax.nn.swish(normalize(f"{at}/batch_normalization_{norm}", y))
        y = squeeze_excite(f"{at}/SqueezeExcite_0", y, inputs // 4)
        y = convolve(f"{at}/project_conv2d_{norm}", y, outputs)
        y = normalize(f"{at}/batch_normalization_{norm + 1}", y)
        if strides == 1 and inputs == outputs:
            rate = STOCHASTIC_DEPTH * index / len(BLOCKS)
            y = x + (drop(f"{at}/stochastic_depth", y, rate) if rate > 0 else y)
        x = y
    head = f"Head_{len(BLOCKS) + 1}"
    x = convolve(f"{head}/conv2d", x, 16)
    x = jax.nn.swish(normalize(f"{head}/batch_normalization", x)).mean((1, 2))
    x = drop(f"{head}/dropout", x, DROPOUT)
    logits = x @ params[f"{head}/dense/kernel", (16, CLASSES)] + params[f"{head}/dense/bias", (CLASSES,)]
    return logits, new_state


class Values(dict):
    """Values by name, that are asked for with their shapes."""

    def __getitem__(self, key):
        name, shape = key
        assert super().__getitem__(name).shape == tuple(shape), name
        return super().__getitem__(name)


class Growing(Values):
    """Draws those that it lacks."""

    def __getitem__(self, key):
        name, shape = key
        if name not in self:
            last = name.split("/")[-1]
            if "kernel" in last:
                self[name] = numbers(*shape) / np.float32(np.sqrt(np.prod(shape[:-1])))
            else:
                self[name] = numbers(*shape) / 10 + np.float32(last in ("scale", "var"))
        return super().__getitem__(key)


def total(tree):
    return sum((leaf ** 2).sum() for leaf in tree.values())


def step(synced, together, params, momentum, state, images, labels, draws):
    """`train_step` on one replica. `together` lists the replicas that climb together, by group."""

    def loss_of(params):
        logits, new_state = network(Values(params), Values(state), images, draws, synced)
        loss = -(labels * jax.nn.log_softmax(logits)).sum(1).mean()
        return loss + DECAY / 2 * total(params), (loss, logits, new_state)

    gradient = jax.grad(loss_of, has_aux=True)
    climb, (_, _, state) = gradient(params)
    if together:
        climb = lax.pmean(climb, "batch", axis_index_groups=together)
    norm = jnp.sqrt(total(climb))
    grads, (loss, logits, _) = gradient({name: params[name] + RHO * climb[name] / norm for name in params})
    grads = lax.pmean(grads, "batch")
    norm = jnp.sqrt(total(grads))
    grads = {name: jnp.where(norm < CLIPPING, grad, grad / norm * CLIPPING) for name, grad in grads.items()}
    momentum = {name: 0.9 * momentum[name] + grads[name] for name in grads}
    params = {name: params[name] - RATE * (grads[name] + 0.9 * momentum[name]) for name in params}
    error = (logits.argmax(1) != labels.argmax(1)).mean()
    return params, momentum, state, {"loss": loss, "error": error, "gradient_norm": jnp.sqrt(total(grads))}


def double(tree):
    return {name: np.asarray(value, np.float64) for name, value in tree.items()}


def replicate(tree):
    return {name: np.stack([value] * REPLICAS) for name, value in tree.items()}


def shard(value):
    return np.asarray(value, np.float64).reshape(REPLICAS, -1, *value.shape[1:])


draws = {"MBConvBlock_3/stochastic_depth": (EXAMPLES, 1, 1, 1), "Head_4/dropout": (EXAMPLES, 16)}
batches = [{
    "images": numbers(EXAMPLES, SIZE, SIZE, 3),
    "labels": np.eye(CLASSES, dtype=np.float32)[random.randint(CLASSES, size=EXAMPLES)],
    **{f"draws/{name}": random.uniform(size=shape).astype(np.float32) for name, shape in draws.items()},
} for _ in range(STEPS)]
init_params, init_state = Growing(), Growing()
network(init_params, init_state, batches[0]["images"], {name: batches[0][f"draws/{name}"] for name in draws}, False)

arrays = {f"params/{name}": value for name, value in init_params.items()}
arrays |= {f"state/{name}": value for name, value in init_state.items()}
arrays |= {f"step{index}/{name}": value for index, batch in enumerate(batches) for name, value in batch.items()}


def run(kind, synced, together):
    """Three steps, and what comes of them."""
    found = {}
    params, state = replicate(double(init_params)), replicate(double(init_state))
    momentum = {name: np.zeros_like(value) for name, value in params.items()}
    mapped = jax.pmap(partial(step, synced, together), axis_name="batch")
    for index, batch in enumerate(batches):
        params, momentum, state, metrics = mapped(
            params, momentum, state, shard(batch["images"]), shard(batch["labels"]),
            {name: shard(batch[f"draws/{name}"]) for name in draws})
        for name, value in metrics.items():
            found[f"{kind}/step{index}/{name}"] = np.asarray(value).mean()
        print(kind, index, {name: np.asarray(value) for name, value in metrics.items()})
    found |= {f"{kind}/params/{name}": np.asarray(value)[0] for name, value in params.items()}
    return found | {f"{kind}/state/{name}": np.asarray(value).mean(0) for name, value in state.items()}


def save(arrays, name):
    save_file({name: np.ascontiguousarray(value, np.float32) for name, value in arrays.items()},
              Path(__file__).with_name(f"{name}.safetensors"))


save(arrays | run("synced", True, None) | run("own", False, None), "m_sharpness")
ALL, PAIRS = [[0, 1, 2, 3]], [[0, 1], [2, 3]]
save(run("own_all", False, ALL) | run("own_pairs", False, PAIRS) | run("synced_all", True, ALL)
     | run("synced_pairs", True, PAIRS), "m_sharpness_together")
