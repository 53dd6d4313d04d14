"""Makes cmyk.jpg, 40 × 30 pixels of one colour, with Pillow: about (235, 51, 51) in RGB.

    python -m venv .venv/pillow && .venv/pillow/bin/pip install pillow
    .venv/pillow/bin/python tests/goldens/cmyk.py
"""

from pathlib import Path

from PIL import Image

Image.new("CMYK", (40, 30), (0, 200, 200, 20)).save(
    Path(__file__).with_suffix(".jpg"), quality=95
)
