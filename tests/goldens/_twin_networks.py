"""The networks of networks_twin.py, written from the reference's pyramidnet.py, resnet.py and efficientnet.py."""

import torch
import torch.nn.functional as F

from _twin_layers import (average_pool, batch_norm, conv, dense, depthwise_conv, max_pool, relu,
                          with_gradient_of)

CLASSES = 10


def shake_drop(s, path, branch, keep):
    shape = [len(branch), 1, 1, 1]
    mask = torch.floor(s.draw(f"{path}/mask", shape) + keep)
    alpha = 2 * s.draw(f"{path}/alpha", shape) - 1
    beta = s.draw(f"{path}/beta", shape)
    forward, backward = (mask + share - mask * share for share in (alpha, beta))
    return branch * forward if s.true_gradient else with_gradient_of(branch * forward, branch * backward)


def pyramid_net(s, x, depth, alpha, shakes):
    per_group = (depth - 2) // 9
    total = 3 * per_group
    x = batch_norm(s, "init_bn", conv(s, "init_conv", x, 16))
    for index in range(total):
        at = f"BottleneckShakeDrop_{index}"
        channels = round(16 + alpha * (index + 1) / total)
        stride = 2 if index > 0 and index % per_group == 0 else 1
        y = batch_norm(s, f"{at}/bn_1_pre", x)
        y = conv(s, f"{at}/1x1_conv_contract", y, channels, 1)
        y = relu(s, batch_norm(s, f"{at}/bn_1_post", y))
        y = conv(s, f"{at}/3x3", y, channels, 3, stride)
        y = relu(s, batch_norm(s, f"{at}/bn_2", y))
        y = batch_norm(s, f"{at}/bn_3", conv(s, f"{at}/1x1_conv_expand", y, 4 * channels, 1))
        if shakes:
            y = shake_drop(s, at, y, 1 - 0.5 * (index + 1) / total)
        if stride > 1:
            x = average_pool(x, stride)
        x = F.pad(x, (0, 4 * channels - x.shape[3])) + y
    x = relu(s, batch_norm(s, "final_bn", x))
    return dense(s, f"Dense_{total}", average_pool(x, 8).flatten(1), CLASSES)


def res_net(s, x, blocks, width):
    x = batch_norm(s, "bn_init", conv(s, "conv_init", x, width, 7, 2, padding=3))
    x = max_pool(s, x, 3, 2)
    number = 0
    for group, count in enumerate(blocks):
        for index in range(count):
            at, number = f"BottleneckResNetBlock_{number}", number + 1
            channels, stride = width * 2**group, 2 if group > 0 and index == 0 else 1
            y = conv(s, f"{at}/Conv_0", x, channels, 1)
            y = relu(s, batch_norm(s, f"{at}/BatchNorm_1", y))
            y = conv(s, f"{at}/Conv_2", y, channels, 3, stride)
            y = relu(s, batch_norm(s, f"{at}/BatchNorm_3", y))
            y = batch_norm(s, f"{at}/BatchNorm_5", conv(s, f"{at}/Conv_4", y, 4 * channels, 1))
            if x.shape != y.shape:
                x = batch_norm(s, f"{at}/norm_proj", conv(s, f"{at}/conv_proj", x, 4 * channels, 1, stride))
            x = relu(s, x + y)
    return dense(s, f"Dense_{number}", x.mean((1, 2)), CLASSES)


# Channels before and after, kernel, repeats, expansion, stride: tests/models/_tiny_efficientnet.ts has the same.
TINY_ROWS = ((8, 8, 3, 1, 1, 1), (8, 16, 5, 2, 6, 2), (16, 16, 3, 2, 6, 1))


def drop(s, path, x, rate, shape):
    return x / (1 - rate) * torch.floor(s.draw(path, shape) + (1 - rate))


def tiny_efficient_net(s, x):
    def norm(path, x):
        return batch_norm(s, path, x, momentum=0.99, epsilon=1e-3)

    x = F.silu(norm("Stem_0/batch_normalization", conv(s, "Stem_0/conv2d", x, 8, 3, 2)))
    number, total = 0, sum(row[3] for row in TINY_ROWS)
    for before, after, size, repeats, expansion, first_stride in TINY_ROWS:
        for repeat in range(repeats):
            at = f"MBConvBlock_{number + 1}"
            inputs, stride = (after, 1) if repeat else (before, first_stride)
            y, convs, norms = x, 0, 0
            if expansion != 1:
                y = conv(s, f"{at}/expand_conv2d_0", y, inputs * expansion, 1)
                y, convs, norms = F.silu(norm(f"{at}/batch_normalization_0", y)), 1, 1
            y = depthwise_conv(s, f"{at}/depthwise_conv2d", y, size, stride)
            y = F.silu(norm(f"{at}/batch_normalization_{norms}", y))
            share = y.mean((1, 2), keepdim=True)
            within = f"{at}/SqueezeExcite_0"
            share = F.silu(conv(s, f"{within}/reduce_conv2d_0", share, max(1, inputs // 4), 1, bias=True))
            share = conv(s, f"{within}/expand_conv2d_1", share, y.shape[3], 1, bias=True)
            y = conv(s, f"{at}/project_conv2d_{convs}", y * torch.sigmoid(share), after, 1)
            y = norm(f"{at}/batch_normalization_{norms + 1}", y)
            if stride == 1 and inputs == after:
                rate = 0.2 * number / total
                x = x + (drop(s, f"{at}/stochastic_depth", y, rate, [len(x), 1, 1, 1]) if rate > 0 else y)
            else:
                x = y
            number += 1
    head = f"Head_{number + 1}"
    x = F.silu(norm(f"{head}/batch_normalization", conv(s, f"{head}/conv2d", x, 64, 1)))
    x = x.mean((1, 2))
    x = drop(s, f"{head}/dropout", x, 0.2, x.shape)
    return dense(s, f"{head}/dense", x, CLASSES)
