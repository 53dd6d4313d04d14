"""Values by a formula, and the layers of networks_twin.py, written from flax.nn 0.2.2's rules for [N, H, W, C]."""

import numpy as np
import torch
import torch.nn.functional as F


def uniform(name, shape):
    """Numbers in [0, 1) that depend on the name: FNV-1a, MurmurHash3's finalizer, 24 bits of it."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = (seed ^ byte) * 0x01000193 & 0xFFFFFFFF
    x = (np.arange(int(np.prod(shape)), dtype=np.uint64) * 0x9E3779B9 + seed) & 0xFFFFFFFF
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor) & np.uint64(0xFFFFFFFF)
    return (x >> np.uint64(8)).astype(np.float64).reshape(shape) / 2**24


def filled(path, shape, in_batch_norm):
    """The initial value of a variable, in float32 as the other side has it, by the last part of its path.

    Batch norm's biases are +1.2 to +1.6 in even channels and the opposite in odd ones, and its scales 0.25 to
    0.35, so that what ReLU gets is far from 0: rounding switches none of them.
    """
    u, name = uniform(path, shape), path.rpartition("/")[2]
    if name == "scale":
        value = 0.25 + 0.1 * u
    elif name == "bias" and in_batch_norm:
        value = (1.2 + 0.4 * u) * (1 - 2 * (np.arange(shape[0]) % 2))
    elif name == "mean":
        value = 0.4 * u - 0.2
    elif name == "var":
        value = 0.5 + u
    elif name == "bias":
        value = 0.4 * u - 0.2
    else:  # kernels, of variance 1 / fan-in
        fan_in = np.prod(shape[:2] if name == "depthwise_kernel" else shape[:-1])
        value = (2 * u - 1) * np.sqrt(3 / fan_in)
    if name == "kernel" and len(shape) == 2:
        value = value / 8  # small logits
    return torch.tensor(value.astype(np.float32), dtype=torch.float64)


class Scope:
    """Variables by path; those that are missing are filled. Batch statistics go to `new_state`."""

    def __init__(self, params, state, draws=None, true_gradient=False, frozen=False):
        self.params, self.state, self.new_state = params, state, {}
        self.draws, self.true_gradient, self.frozen = draws, true_gradient, frozen
        self.margins = {"relu": float("inf"), "maximum": float("inf")}  # least distances from a switch

    def param(self, path, shape, in_batch_norm=False):
        if path not in self.params:
            self.params[path] = filled(path, shape, in_batch_norm).requires_grad_()
        return self.params[path]

    def statistic(self, path, shape):
        return self.state.setdefault(path, filled(path, shape, True))

    def draw(self, path, shape):
        return torch.tensor(uniform(f"{self.draws}/{path}", shape))

    def note(self, switch, distances):
        self.margins[switch] = min(self.margins[switch], distances.detach().abs().min().item())


def same_padding(size, kernel, stride):
    """TensorFlow's: the odd zero goes behind."""
    missing = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return missing // 2, missing - missing // 2


def padded(x, kernel, stride, value=0.0):
    top, bottom = same_padding(x.shape[1], kernel, stride)
    left, right = same_padding(x.shape[2], kernel, stride)
    return F.pad(x, (0, 0, left, right, top, bottom), value=value)


def conv(s, path, x, channels, size=3, stride=1, padding=None, bias=False):
    kernel = s.param(f"{path}/kernel", [size, size, x.shape[3], channels])
    x = padded(x, size, stride) if padding is None else F.pad(x, (0, 0) + (padding,) * 4)
    y = F.conv2d(x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), stride=stride).permute(0, 2, 3, 1)
    return y + s.param(f"{path}/bias", [channels]) if bias else y


def depthwise_conv(s, path, x, size, stride):
    channels = x.shape[3]
    kernel = s.param(f"{path}/depthwise_kernel", [size, size, channels, 1]).permute(2, 3, 0, 1)
    x = padded(x, size, stride).permute(0, 3, 1, 2)
    return F.conv2d(x, kernel, stride=stride, groups=channels).permute(0, 2, 3, 1)


def batch_norm(s, path, x, momentum=0.9, epsilon=1e-5):
    shape = [x.shape[3]]
    scale, bias = s.param(f"{path}/scale", shape), s.param(f"{path}/bias", shape, in_batch_norm=True)
    mean, var = s.statistic(f"{path}/mean", shape), s.statistic(f"{path}/var", shape)
    if not s.frozen:
        batch_mean, batch_var = x.mean((0, 1, 2)), x.var((0, 1, 2), unbiased=False)
        for name, old, new in (("mean", mean, batch_mean), ("var", var, batch_var)):
            s.new_state[f"{path}/{name}"] = (momentum * old + (1 - momentum) * new).detach()
        mean, var = batch_mean, batch_var
    return (x - mean) * torch.rsqrt(var + epsilon) * scale + bias


def dense(s, path, x, outputs):
    return x @ s.param(f"{path}/kernel", [x.shape[1], outputs]) + s.param(f"{path}/bias", [outputs])


def relu(s, x):
    s.note("relu", x)
    return torch.relu(x)


def max_pool(s, x, size, stride):
    x = padded(x, size, stride, -torch.inf).permute(0, 3, 1, 2)
    windows = x.unfold(2, size, stride).unfold(3, size, stride).flatten(4)
    first, second = windows.topk(2).values.unbind(-1)
    s.note("maximum", first - second)
    return first.permute(0, 2, 3, 1)


def average_pool(x, size):
    return F.avg_pool2d(x.permute(0, 3, 1, 2), size).permute(0, 2, 3, 1)


def with_gradient_of(value, surrogate):
    """The value of the one with the gradient of the other."""
    return surrogate + (value - surrogate).detach()
