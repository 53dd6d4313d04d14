"""Numbers of the reference's pixels of ImageNet, for tests/data/imagenet_pixels_test.ts: TensorFlow's own
operations, called as the reference's `sam_jax/datasets/dataset_source_imagenet.py` calls them.

    python -m venv .venv/tf && .venv/tf/bin/pip install tensorflow-cpu==2.21.0
    .venv/tf/bin/python tests/goldens/imagenet_pixels.py $SAM_DATA_DIR/imagenet_sample

Draws the JPEGs of photographs/ anew, and writes imagenet_pixels.json with numbers of these and of the
photographs in the folder. Of each result: mean, mean of squares, and the values at
(k * 104729) mod (size * size * 3) for k from 0 to 39, which are enough to tell one pixel's shift.
Prints how far pixels with half-pixel centres are from the reference's, of 255.
"""

import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

HERE = Path(__file__).parent
DRAWN = HERE / "photographs"
MEAN = np.float32([0.485 * 255, 0.456 * 255, 0.406 * 255])
DEVIATION = np.float32([0.229 * 255, 0.224 * 255, 0.225 * 255])


def scene(height, width, seed):
    """Soft light, edges, texture and noise, as photographs have them."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    image = np.stack([90 + 80 * np.sin(x / 61 + c) * np.cos(y / 47 - c) for c in range(3)], -1)
    for _ in range(25):
        cy, cx, r = random.uniform([0, 0, 4], [height, width, 4 + min(height, width) / 5])
        inside = ((y - cy) ** 2 + (x - cx) ** 2 < r * r)[..., None]
        image = np.where(inside, 0.4 * image + 0.6 * random.uniform(0, 255, 3), image)
    texture = 25 * np.sin(x * 1.9 + y * 0.7) * (np.sin(x / 23) > 0)
    image += texture[..., None] + random.normal(0, 6, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


def draw():
    DRAWN.mkdir(exist_ok=True)
    # A strip of 8 x 300 has no crop of an allowed aspect that is large enough.
    sizes = {"colour": (240, 320), "tall": (190, 130), "gray": (180, 240)}
    for seed, (name, size) in enumerate({**sizes, "strip": (8, 300), "gray_strip": (8, 300)}.items()):
        image = scene(*size, seed)
        if name.startswith("gray"):
            image = image.mean(-1, keepdims=True).astype(np.uint8)
        (DRAWN / f"{name}.jpg").write_bytes(tf.io.encode_jpeg(image, quality=85).numpy())


def resized(image, size, half_pixel_centers=False):
    if not half_pixel_centers:
        return tf.compat.v1.image.resize_bicubic([image], [size, size])[0]
    return tf.raw_ops.ResizeBicubic(images=[image], size=[size, size], half_pixel_centers=True)[0]


def center_window(shape, size):
    height, width = shape[0], shape[1]
    side = tf.cast((size / (size + 32)) * tf.cast(tf.minimum(height, width), tf.float32), tf.int32)
    return tf.stack([(height - side + 1) // 2, (width - side + 1) // 2, side, side])


def pixels(data, window, size, **options):
    image = tf.image.decode_and_crop_jpeg(data, window, channels=3)
    return resized(image, size, **options).numpy()


def random_window(data, size):
    shape = tf.io.extract_jpeg_shape(data)
    begin, extent, _ = tf.image.sample_distorted_bounding_box(
        shape,
        tf.constant([[[0.0, 0.0, 1.0, 1.0]]]),
        min_object_covered=0.1,
        aspect_ratio_range=(3 / 4, 4 / 3),
        area_range=(0.08, 1.0),
        max_attempts=10,
        use_image_if_no_bounding_boxes=True,
    )
    window = tf.concat([begin[:2], extent[:2]], 0)
    crop = tf.image.decode_and_crop_jpeg(data, window, channels=3)
    covers_all = tf.reduce_all(tf.equal(tf.shape(crop), shape))
    return center_window(shape, size) if covers_all else window


def numbers(image):
    places = [k * 104729 % image.size for k in range(40)]
    wide = image.astype(np.float64)
    return {
        "mean": float(f"{wide.mean():.8g}"),
        "square": float(f"{(wide**2).mean():.8g}"),
        "values": [float(f"{v:.7g}") for v in image.reshape(-1)[places]],
    }


def cases(path, seed, differences):
    data = path.read_bytes()
    height, width, _ = shape = tf.io.extract_jpeg_shape(data).numpy()
    middle = center_window(shape, 224)
    decoded = pixels(data, middle, 224)
    yield {"kind": "evaluation", "size": 224, **numbers((decoded - MEAN) / DEVIATION)}
    other = pixels(data, middle, 224, half_pixel_centers=True)
    differences.append(np.abs(np.clip(decoded, 0, 255) - np.clip(other, 0, 255)))
    random = np.random.default_rng(seed)
    for size in (224, 64):
        h, w = random.integers([height // 3, width // 3], [height, width])
        window = [*random.integers([0, 0], [height - h + 1, width - w + 1]), h, w]
        image = pixels(data, window, size)
        yield {"kind": "crop", "size": size, "window": [int(v) for v in window], **numbers(image)}


def main(folder):
    draw()
    found = []
    for name in ("strip", "gray_strip"):
        data = (DRAWN / f"{name}.jpg").read_bytes()
        windows = {tuple(random_window(data, 32).numpy()) for _ in range(50)}
        (window,) = windows
        image = pixels(data, window, 32)
        found.append({"path": f"{name}.jpg", "kind": "random", "size": 32, **numbers(image)})
    differences = []
    for seed, name in enumerate(("colour", "tall", "gray")):
        path = DRAWN / f"{name}.jpg"
        found += [{"path": path.name, **case} for case in cases(path, seed, [])]
    for seed, path in enumerate(sorted(Path(folder).glob("*/*.JPEG"))):
        name = f"{path.parent.name}/{path.name}"
        found += [{"path": name, **case} for case in cases(path, 100 + seed, differences)]
    text = "[" + ",\n".join(json.dumps(case) for case in found) + "]\n"
    Path(__file__).with_suffix(".json").write_text(text)
    means = [d.mean() for d in differences]
    print(f"{len(means)} photographs: mean {min(means):.1f} to {max(means):.1f}, ", end="")
    print(f"at most {max(d.max() for d in differences):.0f}")


main(sys.argv[1])
