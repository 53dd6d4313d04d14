"""PyTorch's side of the benches: SAM on google-research/sam's WideResNet, in channels-last.

Speaks the protocol of `_protocol.py` (mode "eager" or "compile", task "sam" or "sgd").
`torch_sam.py --verify FIXTURES` proves model and step against numbers of the original instead.

The original pads "SAME": at stride 2 that is one row and column at the end only, which PyTorch
would need an extra copy for. This network is the original seen in a mirror instead: images and
kernels are flipped in both directions, where PyTorch's own `padding=1` pads the very same side.
So PyTorch runs as fast as it can, and the numbers stay the original's.
"""

import argparse

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import _protocol

LEARNING_RATE, MOMENTUM, WEIGHT_DECAY, RHO, CLIP = 0.1, 0.9, 5e-4, 0.05, 5.0


class BatchNorm(nn.BatchNorm2d):
    """Batch norm whose running statistics stay as they are in a pass with `keep=False`.

    PyTorch's momentum 0.1 is the original's 0.9.
    """

    def __init__(self, channels: int):
        super().__init__(channels, eps=1e-5, momentum=0.1)

    def forward(self, x: Tensor, keep: bool) -> Tensor:
        used = keep or not self.training
        mean, var = (self.running_mean, self.running_var) if used else (None, None)
        return F.batch_norm(
            x, mean, var, self.weight, self.bias, self.training, self.momentum, self.eps
        )


def conv3x3(cin: int, cout: int, stride: int = 1) -> nn.Conv2d:
    conv = nn.Conv2d(cin, cout, 3, stride, padding=1, bias=False)
    nn.init.kaiming_normal_(conv.weight, mode="fan_out")
    return conv


class Block(nn.Module):
    """BN-ReLU-conv-BN-ReLU-conv beside a shortcut without parameters."""

    def __init__(self, cin: int, cout: int, stride: int, activate_before_residual: bool):
        super().__init__()
        self.init_bn, self.conv1 = BatchNorm(cin), conv3x3(cin, cout, stride)
        self.bn_2, self.conv2 = BatchNorm(cout), conv3x3(cout, cout)
        self.stride, self.added = stride, cout - cin
        self.activate_before_residual = activate_before_residual

    def forward(self, x: Tensor, keep: bool) -> Tensor:
        h = F.relu(self.init_bn(x, keep))
        shortcut = h if self.activate_before_residual else x
        h = self.conv1(h)
        h = self.conv2(F.relu(self.bn_2(h, keep)))
        if self.added:  # a change of width: average pooling, then channels of zeros at the end
            if self.stride > 1:
                shortcut = F.avg_pool2d(shortcut, self.stride)
            shortcut = F.pad(shortcut, (0, 0, 0, 0, 0, self.added))
        return h + shortcut


class WideResNet(nn.Module):
    def __init__(self, blocks: int, width: int, classes: int = 10):
        super().__init__()
        self.init_conv = conv3x3(3, 16)
        self.blocks = nn.ModuleList()
        channels = 16
        for group in range(3):
            for i in range(blocks):
                cin, channels = channels, 16 * width * 2**group
                stride = 2 if group > 0 and i == 0 else 1
                # Only the very first block shares its BN-ReLU between branch and shortcut.
                self.blocks.append(Block(cin, channels, stride, group == 0 and i == 0))
        self.pre_pool_bn = BatchNorm(channels)
        self.dense = nn.Linear(channels, classes)
        nn.init.uniform_(self.dense.weight, -(classes**-0.5), classes**-0.5)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: Tensor, keep: bool = True) -> Tensor:
        x = self.init_conv(x)
        for block in self.blocks:
            x = block(x, keep)
        x = F.relu(self.pre_pool_bn(x, keep))
        return self.dense(x.mean((2, 3)))


def global_norm(tensors: list[Tensor]) -> Tensor:
    return torch.linalg.vector_norm(torch.stack(torch._foreach_norm(tensors)))


class Trainer:
    """Model, momentum, and one training step on them."""

    def __init__(self, model: WideResNet, compiled: bool = False, precision: str = "float32"):
        self.model = model.to(memory_format=torch.channels_last).train()
        self.params = list(model.parameters())
        self.momentum = [torch.zeros_like(p) for p in self.params]
        self.narrow = {"float32": False, "bfloat16": True}[precision]
        self.loss = self.cross_entropy
        if compiled:
            self.loss = torch.compile(self.cross_entropy, fullgraph=True)

    def cross_entropy(self, x: Tensor, y: Tensor, keep: bool) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.narrow):
            logits = self.model(x, keep)
        return F.cross_entropy(logits.float(), y)

    def gradient(self, x: Tensor, y: Tensor, keep: bool) -> tuple[Tensor, list[Tensor]]:
        """Loss, and the gradient of loss + 0.5 * wd * ||w||^2; the latter's is just wd * w."""
        loss = self.loss(x, y, keep)
        grads = list(torch.autograd.grad(loss, self.params))
        torch._foreach_add_(grads, [p.detach() for p in self.params], alpha=WEIGHT_DECAY)
        return loss, grads

    @torch.no_grad()
    def sam_gradient(self, x: Tensor, y: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The gradient at w + rho * g / ||g||; the parameters are w again afterwards."""
        with torch.enable_grad():
            _, ascent = self.gradient(x, y, keep=True)
        w = [p.clone() for p in self.params]
        torch._foreach_mul_(ascent, RHO / global_norm(ascent))
        torch._foreach_add_(self.params, ascent)
        with torch.enable_grad():  # the second pass's batch statistics are not kept
            loss, grads = self.gradient(x, y, keep=False)
        torch._foreach_copy_(self.params, w)
        return loss, grads

    @torch.no_grad()
    def update(self, grads: list[Tensor]) -> None:
        """Clips to a global norm, then Nesterov momentum: m = 0.9 m + g; w -= lr (g + 0.9 m)."""
        torch._foreach_mul_(grads, (CLIP / global_norm(grads)).clamp(max=1.0))
        torch._foreach_mul_(self.momentum, MOMENTUM)
        torch._foreach_add_(self.momentum, grads)
        torch._foreach_add_(grads, self.momentum, alpha=MOMENTUM)
        torch._foreach_add_(self.params, grads, alpha=-LEARNING_RATE)

    def sam_step(self, x: Tensor, y: Tensor) -> float:
        loss, grads = self.sam_gradient(x, y)
        self.update(grads)
        return loss.item()

    def sgd_step(self, x: Tensor, y: Tensor) -> float:
        loss, grads = self.gradient(x, y, keep=True)
        self.update(grads)
        return loss.item()


class Peer:
    """What the benches ask for."""

    def hello(self) -> dict:
        torch.ones(2, 2).matmul(torch.ones(2, 2)).sum().item()  # the first op, for start-up times
        threads = torch.get_num_threads()
        return {"name": "PyTorch", "version": torch.__version__, "threads": threads}

    def setup(
        self,
        task: str,
        mode: str,
        blocks: int,
        width: int,
        batch: int,
        size: int,
        precision: str = "float32",
    ) -> dict:
        torch.manual_seed(0)
        compiled = {"eager": False, "compile": True}[mode]
        trainer = Trainer(WideResNet(blocks, width), compiled, precision)
        x = torch.randn(batch, 3, size, size).to(memory_format=torch.channels_last)
        y = torch.arange(batch) % 10
        step = {"sam": trainer.sam_step, "sgd": trainer.sgd_step}[task]
        self.step = lambda: step(x, y)
        return {"parameters": sum(p.numel() for p in trainer.params)}

    def run(self, steps: int) -> dict:
        return _protocol.timed(self.step, steps)


# ---- proof against the original's numbers


def named_tensors(model: WideResNet) -> dict[str, Tensor]:
    """Our parameters and running statistics by the original's names."""
    names = {}

    def batch_norm(path: str, bn: BatchNorm) -> None:
        names[f"{path}/scale"], names[f"{path}/bias"] = bn.weight, bn.bias
        names[f"{path}/mean"], names[f"{path}/var"] = bn.running_mean, bn.running_var

    per_group = len(model.blocks) // 3
    names["init_conv/kernel"] = model.init_conv.weight
    for i, block in enumerate(model.blocks):
        path = f"WideResnetGroup_{i // per_group}/WideResnetBlock_{i % per_group}"
        batch_norm(f"{path}/init_bn", block.init_bn)
        names[f"{path}/conv1/kernel"] = block.conv1.weight
        batch_norm(f"{path}/bn_2", block.bn_2)
        names[f"{path}/conv2/kernel"] = block.conv2.weight
    batch_norm("pre-pool-bn", model.pre_pool_bn)
    names["Dense_3/kernel"], names["Dense_3/bias"] = model.dense.weight, model.dense.bias
    return names


def to_original(tensor: Tensor) -> Tensor:
    """Kernels as HWIO and not mirrored, dense as [in, out]."""
    if tensor.ndim == 4:
        return tensor.flip(2, 3).permute(2, 3, 1, 0)
    return tensor.T if tensor.ndim == 2 else tensor


def from_original(tensor: Tensor) -> Tensor:
    if tensor.ndim == 4:
        return tensor.permute(3, 2, 0, 1).flip(2, 3)
    return tensor.T if tensor.ndim == 2 else tensor


def image(array) -> Tensor:
    x = torch.from_numpy(array).permute(0, 3, 1, 2).flip(2, 3)
    return x.contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def load(model: WideResNet, *trees: dict) -> WideResNet:
    values = {path: value for tree in trees for path, value in tree.items()}
    ours = named_tensors(model)
    if ours.keys() != values.keys():
        raise ValueError(f"Names differ: {sorted(ours.keys() ^ values.keys())}")
    for path, tensor in ours.items():
        tensor.copy_(from_original(torch.from_numpy(values[path])))
    return model


def verify(folder: str) -> bool:
    from _fixtures import Fixture, Report

    report = Report()
    mini = Fixture(folder, "wrn_mini_perturbed")
    model = load(WideResNet(2, 1), mini.tree("params"), mini.tree("state"))
    with torch.no_grad():
        for mode in ("eval", "train"):
            logits = model.train(mode == "train")(image(mini.array("image"))).numpy()
            report.compare(f"{mode} logits", {"": logits}, {"": mini.array(f"{mode}_logits")})
    for mode in ("eager", "compile"):
        for task in ("sgd", "sam"):
            verify_steps(report, Fixture(folder, f"small_{task}"), task, mode)
    return report.passed


def verify_steps(report, golden, task: str, mode: str) -> None:
    model = load(WideResNet(1, 1), golden.tree("init_params"), golden.tree("init_state"))
    trainer = Trainer(model, compiled=mode == "compile")
    step = {"sam": trainer.sam_step, "sgd": trainer.sgd_step}[task]
    for i in range(3):
        loss = step(image(golden.array(f"image_{i}")), torch.from_numpy(golden.array(f"label_{i}")))
        ours = {path: to_original(t.detach()).numpy() for path, t in named_tensors(model).items()}
        params = golden.tree(f"after_step{i}_params")
        # PyTorch keeps the unbiased variance, the original the biased one (both normalise with the
        # biased one), so of the running statistics only the means can be compared.
        state = golden.tree(f"after_step{i}_state")
        means = {path: mean for path, mean in state.items() if path.endswith("/mean")}
        train_loss = golden.meta["scalars"]["per_step"][i]["train_loss"][0]
        what = f"{task} {mode}, step {i}"
        report.compare(f"{what}: parameters", {path: ours[path] for path in params}, params)
        report.compare(f"{what}: batch means", {path: ours[path] for path in means}, means)
        report.compare(f"{what}: loss", {"": loss}, {"": train_loss})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verify", metavar="FIXTURES")
    folder = parser.parse_args().verify
    if folder is not None:
        raise SystemExit(0 if verify(folder) else 1)
    peer = Peer()
    _protocol.serve({"hello": peer.hello, "setup": peer.setup, "run": peer.run})
