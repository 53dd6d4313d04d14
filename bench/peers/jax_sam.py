"""JAX's side of the benches: SAM on google-research/sam's WideResNet, one jitted step.

Speaks the protocol of `_protocol.py` (mode "compile", task "sam" or "sgd").
`jax_sam.py --verify FIXTURES` proves model and step against numbers of the original instead.

Parameters and batch statistics are flat dicts under the original's names, so that its recorded
numbers are ours to compare with. The step is one `jax.jit` with donated state.
"""

import argparse
import os
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax

import _protocol

LEARNING_RATE, MOMENTUM, WEIGHT_DECAY, RHO, CLIP = 0.1, 0.9, 5e-4, 0.05, 5.0

Tree = dict[str, Array]


def init(key: Array, blocks: int, width: int, classes: int = 10) -> tuple[Tree, Tree]:
    params: Tree = {}
    stats: Tree = {}

    def kernel(path: str, cin: int, cout: int) -> None:
        nonlocal key
        key, draw = jax.random.split(key)
        std = (2 / (9 * cout)) ** 0.5  # of the fan-out
        params[f"{path}/kernel"] = std * jax.random.normal(draw, (3, 3, cin, cout))

    def batch_norm(path: str, channels: int) -> None:
        params[f"{path}/scale"], params[f"{path}/bias"] = jnp.ones(channels), jnp.zeros(channels)
        stats[f"{path}/mean"], stats[f"{path}/var"] = jnp.zeros(channels), jnp.ones(channels)

    kernel("init_conv", 3, 16)
    channels = 16
    for group in range(3):
        for i in range(blocks):
            path = f"WideResnetGroup_{group}/WideResnetBlock_{i}"
            cin, channels = channels, 16 * width * 2**group
            batch_norm(f"{path}/init_bn", cin)
            kernel(f"{path}/conv1", cin, channels)
            batch_norm(f"{path}/bn_2", channels)
            kernel(f"{path}/conv2", channels, channels)
    batch_norm("pre-pool-bn", channels)
    bound = classes**-0.5
    params["Dense_3/kernel"] = jax.random.uniform(
        key, (channels, classes), minval=-bound, maxval=bound
    )
    params["Dense_3/bias"] = jnp.zeros(classes)
    return params, stats


def apply(params: Tree, stats: Tree, x: Array, blocks: int, train: bool) -> tuple[Array, Tree]:
    """Logits, and the batch statistics after this pass."""
    new_stats = dict(stats)

    def bn_relu(path: str, x: Array) -> Array:
        mean, var = stats[f"{path}/mean"], stats[f"{path}/var"]
        if train:
            old_mean, old_var = mean, var
            mean = x.mean((0, 1, 2))
            var = jnp.square(x).mean((0, 1, 2)) - jnp.square(mean)
            new_stats[f"{path}/mean"] = 0.9 * old_mean + 0.1 * mean
            new_stats[f"{path}/var"] = 0.9 * old_var + 0.1 * var
        scale = params[f"{path}/scale"] * lax.rsqrt(var + 1e-5)
        return jax.nn.relu((x - mean) * scale + params[f"{path}/bias"])

    def conv(path: str, x: Array, stride: int = 1) -> Array:
        kernel = params[f"{path}/kernel"]
        layout = ("NHWC", "HWIO", "NHWC")
        return lax.conv_general_dilated(x, kernel, (stride,) * 2, "SAME", dimension_numbers=layout)

    def average_pool(x: Array, stride: int) -> Array:
        window = (1, stride, stride, 1)
        return lax.reduce_window(x, 0.0, lax.add, window, window, "VALID") / stride**2

    x = conv("init_conv", x)
    for group in range(3):
        for i in range(blocks):
            path = f"WideResnetGroup_{group}/WideResnetBlock_{i}"
            stride = 2 if group > 0 and i == 0 else 1
            h = bn_relu(f"{path}/init_bn", x)
            # Only the very first block shares its BN-ReLU between branch and shortcut.
            shortcut = h if group == 0 and i == 0 else x
            h = conv(f"{path}/conv1", h, stride)
            h = conv(f"{path}/conv2", bn_relu(f"{path}/bn_2", h))
            added = h.shape[-1] - shortcut.shape[-1]
            if added:  # a change of width: average pooling, then channels of zeros at the end
                if stride > 1:
                    shortcut = average_pool(shortcut, stride)
                shortcut = jnp.pad(shortcut, ((0, 0), (0, 0), (0, 0), (0, added)))
            x = h + shortcut
    x = bn_relu("pre-pool-bn", x).mean((1, 2))
    return x @ params["Dense_3/kernel"] + params["Dense_3/bias"], new_stats


def loss(params: Tree, stats: Tree, x: Array, y: Array, blocks: int) -> tuple[Array, tuple]:
    """Cross-entropy + 0.5 * wd * ||w||^2 over all parameters; aside, what is logged and kept."""
    logits, new_stats = apply(params, stats, x, blocks, train=True)
    cross_entropy = -jnp.sum(y * jax.nn.log_softmax(logits), -1).mean()
    penalty = 0.5 * WEIGHT_DECAY * jnp.square(global_norm(params))
    return cross_entropy + penalty, (cross_entropy, new_stats)


def global_norm(tree: Tree) -> Array:
    return jnp.sqrt(sum(jnp.sum(jnp.square(leaf)) for leaf in jax.tree.leaves(tree)))


@partial(jax.jit, static_argnames=("blocks", "task"), donate_argnums=(0, 1, 2))
def step(params: Tree, momentum: Tree, stats: Tree, x: Array, y: Array, blocks: int, task: str):
    """One SAM or SGD step: new parameters, momentum and statistics, and the loss to log."""
    gradient = jax.grad(loss, has_aux=True)
    grads, (value, new_stats) = gradient(params, stats, x, y, blocks)
    if task == "sam":
        radius = RHO / global_norm(grads)
        perturbed = jax.tree.map(lambda w, g: w + radius * g, params, grads)
        # The second pass gives gradient and logged loss; the statistics kept are the first's.
        grads, (value, _) = gradient(perturbed, stats, x, y, blocks)
    clip = jnp.minimum(1.0, CLIP / global_norm(grads))
    grads = jax.tree.map(lambda g: clip * g, grads)
    momentum = jax.tree.map(lambda m, g: MOMENTUM * m + g, momentum, grads)
    params = jax.tree.map(
        lambda w, m, g: w - LEARNING_RATE * (g + MOMENTUM * m), params, momentum, grads
    )
    return params, momentum, new_stats, value


class Peer:
    """What the benches ask for."""

    def hello(self) -> dict:
        ones = jnp.ones((2, 2))
        (ones @ ones).block_until_ready()  # the first op, for start-up times
        threads = len(os.sched_getaffinity(0))  # XLA's pool: one a core that the process may use
        return {"name": "JAX", "version": jax.__version__, "threads": threads}

    def setup(self, task: str, mode: str, blocks: int, width: int, batch: int, size: int) -> dict:
        if mode != "compile" or task not in ("sam", "sgd"):
            raise ValueError(f"Cannot set up {task!r} in mode {mode!r}: sam or sgd, compile")
        key = jax.random.key(0)
        params, stats = init(key, blocks, width)
        state = (params, jax.tree.map(jnp.zeros_like, params), stats)
        x = jax.random.normal(key, (batch, size, size, 3))
        y = jax.nn.one_hot(jnp.arange(batch) % 10, 10)

        def one() -> float:
            nonlocal state
            *state, value = step(*state, x, y, blocks=blocks, task=task)
            jax.block_until_ready(state)
            return float(value)

        self.step = one
        return {"parameters": sum(leaf.size for leaf in jax.tree.leaves(params))}

    def run(self, steps: int) -> dict:
        return _protocol.timed(self.step, steps)


# ---- proof against the original's numbers


def verify(folder: str) -> bool:
    from _fixtures import Fixture, Report

    report = Report()
    mini = Fixture(folder, "wrn_mini_perturbed")
    for mode in ("eval", "train"):
        logits, _ = apply(
            mini.tree("params"), mini.tree("state"), mini.array("image"), 2, mode == "train"
        )
        report.compare(f"{mode} logits", {"": logits}, {"": mini.array(f"{mode}_logits")})
    for task in ("sgd", "sam"):
        golden = Fixture(folder, f"small_{task}")
        params, stats = (
            jax.tree.map(jnp.array, golden.tree(f"init_{key}")) for key in ("params", "state")
        )
        momentum = jax.tree.map(jnp.zeros_like, params)
        for i in range(3):
            x, y = golden.array(f"image_{i}"), golden.array(f"label_{i}")
            params, momentum, stats, value = step(
                params, momentum, stats, x, y, blocks=1, task=task
            )
            train_loss = golden.meta["scalars"]["per_step"][i]["train_loss"][0]
            what = f"{task} step {i}"
            report.compare(f"{what}: parameters", params, golden.tree(f"after_step{i}_params"))
            report.compare(
                f"{what}: momentum", momentum, golden.tree(f"after_step{i}_momentum"), 5e-5
            )
            report.compare(f"{what}: batch statistics", stats, golden.tree(f"after_step{i}_state"))
            report.compare(f"{what}: loss", {"": value}, {"": train_loss})
    return report.passed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verify", metavar="FIXTURES")
    folder = parser.parse_args().verify
    if folder is not None:
        raise SystemExit(0 if verify(folder) else 1)
    peer = Peer()
    _protocol.serve({"hello": peer.hello, "setup": peer.setup, "run": peer.run})
