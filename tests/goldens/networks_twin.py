"""Three training steps of PyramidNet, ResNet and EfficientNet in PyTorch, in float64, for networks_twin_test.ts:

    python tests/goldens/networks_twin.py            writes networks_twin.safetensors (torch 2.13.0, safetensors 0.8.0)
    python tests/goldens/networks_twin.py FIXTURES   compares the networks with the original's logits instead

Variables, images and draws are those of `filled` and `uniform` in _twin_layers.py, which both sides compute.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

from _twin_check import check
from _twin_layers import Scope, uniform
from _twin_networks import CLASSES, pyramid_net, res_net, tiny_efficient_net

BATCH, STEPS, SAMPLES = 4, 3, 16
MOMENTUM = 0.9

# Height and width of the images, learning rate, a clipping that concerns some of the steps, and the network.
NETWORKS = {
    # 17.5, 20.5 and 23.5 channels are among those that are rounded
    "pyramid_net_20_9": (32, 0.03, 5.0, lambda s, x: pyramid_net(s, x, 20, 9, False)),
    "pyramid_net_20_9_shake_drop": (32, 0.03, 5.0, lambda s, x: pyramid_net(s, x, 20, 9, True)),
    "resnet_50_width_8": (48, 1e-3, 50.0, lambda s, x: res_net(s, x, (3, 4, 6, 3), 8)),
    "efficientnet_tiny_frozen": (32, 0.02, 8.05, tiny_efficient_net),
}
RHO = {"sam": 0.1, "sgd": 0.0}
WEIGHT_DECAY = 1e-3


def batch_of(name, size, step):
    images = 3 * uniform(f"{name}/images/{step}", [BATCH, size, size, 3]) - 1.5
    labels = F.one_hot(torch.tensor([(3 * i + step) % CLASSES for i in range(BATCH)]), CLASSES)
    return torch.tensor(images.astype(np.float32), dtype=torch.float64), labels.double()


def norm_of(tensors):
    return torch.sqrt(sum((t.detach() ** 2).sum() for t in tensors))


def train(name, rho):
    """Yields the metrics of each step and, in the end, parameters, momenta and statistics."""
    size, learning_rate, clipping, network = NETWORKS[name]
    params, state, margins = {}, {}, []
    network(Scope(params, state, "step0"), batch_of(name, size, 0)[0])
    momentum = {path: torch.zeros_like(value) for path, value in params.items()}
    metrics = []
    for step in range(STEPS):
        images, labels = batch_of(name, size, step)

        def gradient(at, true_gradient):
            scope = Scope(at, state, f"step{step}", true_gradient, frozen="frozen" in name)
            logits = network(scope, images)
            margins.append(scope.margins)
            loss = -(labels * F.log_softmax(logits, 1)).sum(1).mean()
            decay = WEIGHT_DECAY * 0.5 * sum((value**2).sum() for value in at.values())
            grads = dict(zip(at, torch.autograd.grad(loss + decay, list(at.values()))))
            error = (logits.argmax(1) != labels.argmax(1)).double().mean()
            return grads, scope.new_state, loss.item(), error.item()

        grads, new_state, loss, error = gradient(params, true_gradient=rho > 0)
        if rho > 0:
            scale = rho / norm_of(grads.values())
            moved = {path: (w + scale * grads[path]).detach().requires_grad_() for path, w in params.items()}
            grads, _, loss, error = gradient(moved, true_gradient=False)
        norm = norm_of(grads.values()).item()
        if norm >= clipping:
            grads = {path: g / norm * clipping for path, g in grads.items()}
        for path, g in grads.items():
            momentum[path] = MOMENTUM * momentum[path] + g
            update = learning_rate * (g + MOMENTUM * momentum[path])
            params[path] = (params[path] - update).detach().requires_grad_()
        state.update(new_state)
        metrics.append([loss, error, norm_of(grads.values()).item(), norm_of(params.values()).item()])
        print(f"  loss {loss:.6f}, error {error}, gradient norm {norm:.4f} before clipping")
    for switch, least in (("relu", 1e-5), ("maximum", 2e-6)):
        margin = min(found[switch] for found in margins)
        print(f"  least distance of a {switch} from its switch: {margin:.1e}")
        assert margin > least, "float32 may switch it"
    return metrics, {"params": params, "momentum": momentum, "state": state}


def summary(values):
    """By path in order: sum and norm of each, and some of its entries."""
    paths = sorted(values, key=lambda path: path.split("/"))
    arrays = [values[path].detach().numpy().ravel() for path in paths]
    chosen = [(uniform(f"{path}/sample", [SAMPLES]) * a.size).astype(int) for path, a in zip(paths, arrays)]
    samples = np.concatenate([array[index] for array, index in zip(arrays, chosen)])
    sums = [[a.sum(), np.sqrt((a**2).sum())] for a in arrays]
    return np.array(sums, np.float32), samples.astype(np.float32)


def write():
    golden = {}
    for name in NETWORKS:
        for method, rho in RHO.items():
            print(f"{name}, {method}")
            metrics, trees = train(name, rho)
            golden[f"{name}/{method}/metrics"] = np.array(metrics, np.float32)
            for kind, values in trees.items():
                sums, samples = summary(values)
                golden[f"{name}/{method}/{kind}/sums"] = sums
                golden[f"{name}/{method}/{kind}/samples"] = samples
    networks = {name: {"size": size, "learningRate": rate, "clipping": clipping}
                for name, (size, rate, clipping, _) in NETWORKS.items()}
    settings = {"batch": BATCH, "classes": CLASSES, "steps": STEPS, "samples": SAMPLES, "momentum": MOMENTUM,
                "weightDecay": WEIGHT_DECAY, "rho": RHO, "networks": networks}
    note = {"source": f"networks_twin.py, torch {torch.__version__}", "settings": json.dumps(settings)}
    save_file(golden, Path(__file__).with_suffix(".safetensors"), metadata=note)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        check(sys.argv[1])
    else:
        write()
