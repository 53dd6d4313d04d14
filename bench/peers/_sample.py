"""The JPEG files of the pipeline benches: those of `imagenet_sample`, as often as our side takes them."""

import os
from pathlib import Path

REPEATS = 40


def jpeg_paths() -> list[str]:
    folder = Path(os.environ["SAM_DATA_DIR"], "imagenet_sample")
    return sorted(str(path) for path in folder.glob("*/*")) * REPEATS
