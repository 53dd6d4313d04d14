"""The networks of networks_twin.py against numbers that the original code gave (see tests/_fixtures.ts)."""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from _twin_layers import Scope
from _twin_networks import pyramid_net, res_net, tiny_efficient_net


class Fixture:
    def __init__(self, folder):
        self.folder, self.meta = folder, json.loads((folder / "meta.json").read_text())

    def read(self, file):
        return torch.from_numpy(np.fromfile(self.folder / file, "<f4").astype(np.float64))

    def array(self, name):
        return self.read(self.meta["arrays"][name]["file"]).reshape(self.meta["arrays"][name]["shape"])

    def tree(self, name):
        values = self.read(self.meta["trees"][name]["file"])
        return {leaf["path"].lstrip("/"): values[leaf["offset"] : leaf["offset"] + leaf["size"]].reshape(leaf["shape"])
                for leaf in self.meta["trees"][name]["leaves"]}


def unpacked(data):
    """The part of MessagePack that FLAX 0.2.2 writes: maps of strings, and arrays as extensions of type 1."""
    at = 0

    def take(count):
        nonlocal at
        at += count
        return data[at - count : at]

    def sized(code, first):
        return int.from_bytes(take(2 ** (code - first)))

    def value():
        code = take(1)[0]
        if code < 0x80:
            return code
        if code in range(0x80, 0x90) or code in (0xDE, 0xDF):
            count = code & 0xF if code < 0x90 else sized(code, 0xDD)
            return {value(): value() for _ in range(count)}
        if code in range(0x90, 0xA0):
            return [value() for _ in range(code & 0xF)]
        if code in range(0xA0, 0xC0) or code == 0xD9:
            return take(code & 0x1F if code < 0xC0 else sized(code, 0xD9)).decode()
        if code in (0xC4, 0xC5, 0xC6):
            return take(sized(code, 0xC4))
        if code in (0xCC, 0xCD, 0xCE):
            return sized(code, 0xCC)
        assert code in (0xC7, 0xC8, 0xC9), hex(code)
        size, _ = sized(code, 0xC7), take(1)
        shape, dtype, values = unpacked(take(size))
        return torch.from_numpy(np.frombuffer(values, dtype).astype(np.float64)).reshape(shape)

    return value()


def flat(tree, path=""):
    if not isinstance(tree, dict):
        return {path: tree}
    return {name: leaf for key, part in tree.items() for name, leaf in flat(part, f"{path}/{key}".strip("/")).items()}


class Recorded(Scope):
    """Draws that were recorded, one after another, as the uniform numbers that they come from."""

    def draw(self, path, shape):
        drawn = self.draws(self.count).reshape(shape)
        self.count += 1
        return (drawn + 1) / 2 if path.endswith("alpha") else drawn if path.endswith("beta") else drawn * 0.99999

    count = 0


def check(folder):
    folder = Path(folder)
    resnet = Fixture(folder / "resnet50_width8_eval")
    checkpoint = unpacked((resnet.folder / "ckpt/checkpoint_0").read_bytes())
    scope = Scope(flat(checkpoint["0"]["params"]), resnet.tree("state"), frozen=True)
    compare("ResNet-50 of width 8, logits", res_net(scope, resnet.array("image"), (3, 4, 6, 3), 8),
            resnet.array("eval_logits"))

    pyramid = Fixture(folder / "pyramid_mini_eval")
    for prefix, true_gradient in (("train", False), ("train_tg", True)):
        scope = Recorded(pyramid.tree("params"), pyramid.tree("state"),
                         lambda index: pyramid.array(f"{prefix}_draw{index}"), true_gradient)
        logits = pyramid_net(scope, pyramid.array("image"), 11, 200, True)
        compare("PyramidNet-11, ShakeDrop, logits in training", logits, pyramid.array(f"{prefix}_logits"))
        for path, value in pyramid.tree(f"{prefix}_new_state").items():
            compare(None, scope.new_state[path], value)

    efficient = Fixture(folder / "effnet_tiny_sgd")
    scope = Recorded(efficient.tree("init_params"), efficient.tree("init_state"),
                     lambda index: efficient.array(f"train_draw{index}_step0"))
    logits = tiny_efficient_net(scope, efficient.array("image_0"))
    loss = -(efficient.array("label_0") * F.log_softmax(logits, 1)).sum(1).mean()
    expected = efficient.meta["scalars"]["per_step"][0]["train_loss"]
    compare("tiny EfficientNet, loss of the first step", loss, torch.tensor(expected[0]))


def compare(what, found, expected):
    difference = (found.detach() - expected).abs().max().item()
    scale = max(1, expected.abs().max().item())
    assert difference <= 1e-5 * scale, f"{what}: {difference}"
    if what:
        print(f"{what}: largest difference {difference:.1e}")
