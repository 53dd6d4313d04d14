"""Reads the numbers recorded from google-research/sam, for the peers' `--verify FOLDER`."""

import json
from pathlib import Path

import numpy as np


class Fixture:
    """One folder of fixtures: `array(key)` is a tensor, `tree(key)` a dict of path to tensor."""

    def __init__(self, folder: str, name: str):
        self.folder = Path(folder) / name
        self.meta = json.loads((self.folder / "meta.json").read_text())

    def array(self, key: str) -> np.ndarray:
        entry = self.meta["arrays"][key]
        return np.fromfile(self.folder / entry["file"], entry["dtype"]).reshape(entry["shape"])

    def tree(self, key: str) -> dict[str, np.ndarray]:
        tree = self.meta["trees"][key]
        flat = np.fromfile(self.folder / tree["file"], tree["dtype"])
        # BN state paths start with a slash in the original's checkpoints, parameters' do not.
        return {
            leaf["path"].lstrip("/"): flat[leaf["offset"] : leaf["offset"] + leaf["size"]].reshape(
                leaf["shape"]
            )
            for leaf in tree["leaves"]
        }


class Report:
    """Collects the largest absolute differences and says whether they are small enough."""

    def __init__(self) -> None:
        self.passed = True

    def compare(self, what: str, ours: dict, theirs: dict, tolerance: float = 1e-5) -> None:
        if ours.keys() != theirs.keys():
            raise ValueError(f"{what}: names differ: {sorted(ours.keys() ^ theirs.keys())}")
        difference = max(float(np.abs(ours[key] - theirs[key]).max()) for key in theirs)
        passed = difference <= tolerance  # a NaN does not pass
        self.passed &= passed
        print(f"{'ok  ' if passed else 'FAIL'}  {difference:8.2e} <= {tolerance:g}  {what}")
