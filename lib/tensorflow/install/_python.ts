/** Looking for an importable Python package `tensorflow`, without importing it. */
import { dirname, join } from "node:path";
import { type Command, outputOf } from "../../system/mod.ts";
import { locateInFolder } from "./locate.ts";
import { TENSORFLOW_VERSION, type WheelDevice } from "./_wheels.ts";

/** An installed Python package whose libraries can be used. */
export interface PythonPackage {
  /** The folder of the package, `…/site-packages/tensorflow`. */
  readonly package: string;
  readonly version: string;
}

const QUESTION = `
import json
from importlib import metadata, util
found = []
spec = util.find_spec("tensorflow")
if spec is not None and spec.origin is not None:
    for name in ("tensorflow", "tensorflow-cpu"):
        try:
            found.append([spec.origin, name, metadata.version(name)])
        except metadata.PackageNotFoundError:
            pass
print(json.dumps(found))
`;

/**
 * Returns the first usable package: of the same minor release, holding both libraries, and for
 * `gpu` the CUDA build with NVIDIA's packages beside it.
 */
export async function findPythonPackage(
  pythons: readonly Command[],
  device: WheelDevice,
  cwd: string,
): Promise<PythonPackage | undefined> {
  for (const python of pythons) {
    const answer = await outputOf(python, ["-c", QUESTION], cwd);
    for (const [origin, name, version] of parse(answer)) {
      const folder = dirname(origin);
      const location = locateInFolder(folder, "python");
      if (!location || minor(version) !== minor(TENSORFLOW_VERSION)) continue;
      const cuda = name === "tensorflow" &&
        location.gpuLibraries?.includes(join(dirname(folder), "nvidia", "cudnn", "lib"));
      if (device === "cpu" || cuda) return { package: folder, version };
    }
  }
  return undefined;
}

function minor(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

/** Reads the answer; what is not a list of three strings each is no answer. */
function parse(answer: string | undefined): [string, string, string][] {
  try {
    const found: unknown = JSON.parse(answer ?? "[]");
    return Array.isArray(found) ? found.filter(isTriple) : [];
  } catch {
    return [];
  }
}

function isTriple(value: unknown): value is [string, string, string] {
  return Array.isArray(value) && value.length === 3 && value.every((v) => typeof v === "string");
}
