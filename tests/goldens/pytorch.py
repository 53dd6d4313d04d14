"""Numbers from PyTorch for the tests: python pytorch.py > pytorch.json (torch 2.13.0, CPU)."""
import json

import torch
import torch.nn.functional as F

torch.manual_seed(0)


def numbers(tensor):
    """Nine digits tell any float32 from its neighbours."""
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


def random(*shape):
    """Three decimals, so that the JSON is short and the float32 the same everywhere."""
    return (torch.randn(*shape, dtype=torch.float64) * 1000).round().div(1000).float()


def sgd(**options):
    """torch.optim.SGD on fixed gradients."""
    start, grads = random(5), [random(5) for _ in range(4)]
    w = start.clone().requires_grad_()
    optimizer = torch.optim.SGD([w], **options)
    after = []
    for grad in grads:
        w.grad = grad.clone()
        optimizer.step()
        after.append(numbers(w))
    return {"options": options, "start": numbers(start), "grads": [*map(numbers, grads)], "after": after}


def clip(max_norm):
    """clip_grad_norm_, which divides by the norm plus 1e-6."""
    grads = [random(3), random(2, 2)]
    params = [torch.zeros_like(grad).requires_grad_() for grad in grads]
    for param, grad in zip(params, grads):
        param.grad = grad.clone()
    norm = torch.nn.utils.clip_grad_norm_(params, max_norm)
    return {"max_norm": max_norm, "grads": [*map(numbers, grads)], "norm": norm.item(),
            "clipped": [numbers(param.grad) for param in params]}


def cross_entropy(labels, label_smoothing):
    logits = random(4, 5).mul(3).requires_grad_()
    loss = F.cross_entropy(logits, labels, label_smoothing=label_smoothing)
    loss.backward()
    return {"logits": numbers(logits), "labels": numbers(labels), "label_smoothing": label_smoothing,
            "loss": loss.item(), "grad": numbers(logits.grad)}


def batch_norm(shape):
    """shape is [batch, height, width, channels]; torch wants the channels second."""
    x, dy = random(*shape).requires_grad_(), random(*shape)
    scale, bias = random(shape[-1]).requires_grad_(), random(shape[-1]).requires_grad_()
    y = F.batch_norm(x.movedim(-1, 1), None, None, scale, bias, training=True, eps=1e-5).movedim(1, -1)
    (y * dy).sum().backward()
    axes = (0, 1, 2)
    return {"shape": shape, "x": numbers(x), "dy": numbers(dy), "scale": numbers(scale), "bias": numbers(bias),
            "y": numbers(y), "dx": numbers(x.grad), "dscale": numbers(scale.grad), "dbias": numbers(bias.grad),
            "mean": numbers(x.mean(axes)), "var": numbers(x.var(axes, unbiased=False))}


def sam(rho):
    """SAM in two passes with a closure, as users of PyTorch write it, on a tanh network."""
    x, y = random(6, 3), random(6, 2)
    params = [p.requires_grad_() for p in (random(3, 4), random(4), random(4, 2), random(2))]
    start = [numbers(p) for p in params]
    optimizer = torch.optim.SGD(params, lr=0.1, momentum=0.9, nesterov=True)

    def backward():
        optimizer.zero_grad()
        w1, b1, w2, b2 = params
        loss = F.mse_loss(torch.tanh(x @ w1 + b1) @ w2 + b2, y)
        loss.backward()
        return loss.item()

    losses, after = [], []
    for _ in range(4):
        losses.append(backward())
        with torch.no_grad():
            norm = torch.stack([p.grad.norm() for p in params]).norm()
            before = [p.clone() for p in params]
            for p in params:
                p.add_(p.grad * (rho / norm))
        backward()
        with torch.no_grad():
            for p, old in zip(params, before):
                p.copy_(old)
        optimizer.step()
        after.append([numbers(p) for p in params])
    return {"rho": rho, "x": numbers(x), "y": numbers(y), "start": start, "losses": losses, "after": after}


one_hot = F.one_hot(torch.tensor([0, 3, 3, 4]), 5).float()
soft = torch.tensor([[0.25, 0.75, 0, 0, 0], [0.2] * 5, [0, 0, 0, 0.5, 0.5], [0, 0, 1, 0, 0]])
print(json.dumps({
    "torch": torch.__version__,
    "sgd": [
        sgd(lr=0.1),
        sgd(lr=0.1, momentum=0.9),
        sgd(lr=0.1, momentum=0.9, nesterov=True),
    ],
    "clip": [clip(0.5), clip(100.0)],
    "crossEntropy": [cross_entropy(labels, smoothing) for labels in (one_hot, soft) for smoothing in (0.0, 0.1, 1.0)],
    "batchNorm": [batch_norm([2, 3, 2, 3]), batch_norm([4, 1, 1, 2])],
    "sam": [sam(0.05), sam(0.5)],
}))
