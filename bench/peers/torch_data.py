"""PyTorch's side of the pipeline benches: JPEG files as torchvision loads them, on Pillow and a
DataLoader with a process for each core (torchvision itself has no build for PyTorch without CUDA on
PyPI).

Speaks the protocol of `_protocol.py` (task "pipeline_jpeg").
"""

import math
import os
import random

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

import _protocol
from _sample import jpeg_paths

batches = None


class Files(Dataset):
    def __init__(self, paths, size):
        self.paths, self.size = paths, size
        self.mean = torch.tensor([0.5] * 3).view(3, 1, 1)
        self.deviation = torch.tensor([0.25] * 3).view(3, 1, 1)

    def __len__(self):
        return len(self.paths)

    def box(self, width, height):
        """torchvision.transforms.RandomResizedCrop.get_params."""
        for _ in range(10):
            area = width * height * random.uniform(0.08, 1)
            ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
            w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if 0 < w <= width and 0 < h <= height:
                x, y = random.randint(0, width - w), random.randint(0, height - h)
                return x, y, x + w, y + h
        return 0, 0, width, height

    def __getitem__(self, index):
        with Image.open(self.paths[index]) as file:
            image = file.convert("RGB")
        size = (self.size, self.size)
        image = image.resize(size, Image.Resampling.BICUBIC, box=self.box(*image.size))
        if random.random() < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).float().div(255)
        return (pixels - self.mean) / self.deviation, index % 10


def hello():
    torch.zeros(1).item()
    return {"name": "PyTorch", "version": torch.__version__, "threads": torch.get_num_threads()}


def endless(loader):
    while True:
        yield from loader


def setup(task, mode, batch, size, blocks, width):
    global batches
    if task != "pipeline_jpeg":
        raise ValueError(f"Cannot set up {task!r}")
    loader = DataLoader(
        Files(jpeg_paths(), size),
        batch_size=batch,
        shuffle=True,
        drop_last=True,
        num_workers=os.cpu_count(),
        persistent_workers=True,
    )
    batches = endless(loader)
    return {}


def run(steps):
    def step():
        next(batches)
        return 0.0

    return _protocol.timed(step, steps)


if __name__ == "__main__":
    _protocol.serve({"hello": hello, "setup": setup, "run": run})
