/** Values by the formula of `goldens/_twin_layers.py`, the same ones to the bit. @module */
import { mapTree, namedLeaves, type TensorRecord, tf } from "../lib/tensorflow/mod.ts";

/** Numbers in [0, 1), multiples of 2⁻²⁴, that depend on a name. */
export function filledUniform(name: string, count: number): Float64Array {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  return Float64Array.from({ length: count }, (_, index) => {
    let x = Math.imul(index, 0x9e3779b9) + seed;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 8) / 2 ** 24;
  });
}

/** A tree of the same shapes, each tensor filled by its path. */
export function filledTree(tree: TensorRecord): TensorRecord {
  const leaves = namedLeaves(tree);
  const scaled = new Set(
    leaves.map(([path]) => path).filter((path) => path.endsWith("/scale")).map(folderOf),
  );
  const filled = new Map(leaves.map(([path, leaf]) => [
    leaf,
    tf.tensor(values(path, leaf.shape, scaled.has(folderOf(path))), leaf.shape),
  ]));
  return mapTree((leaf) => filled.get(leaf)!, tree);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

function values(path: string, shape: readonly number[], inBatchNorm: boolean): Float32Array {
  const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  const u = filledUniform(path, product(shape));
  const each = (value: (u: number, index: number) => number) => Float32Array.from(u, value);
  const name = path.slice(folderOf(path).length);
  switch (name) {
    case "scale":
      return each((u) => 0.25 + 0.1 * u);
    case "bias":
      return each((u, index) =>
        inBatchNorm ? (1.2 + 0.4 * u) * (index % 2 === 0 ? 1 : -1) : 0.4 * u - 0.2
      );
    case "mean":
      return each((u) => 0.4 * u - 0.2);
    case "var":
      return each((u) => 0.5 + u);
    default: {
      const fanIn = product(name === "depthwise_kernel" ? shape.slice(0, 2) : shape.slice(0, -1));
      const divisor = shape.length === 2 ? 8 : 1;
      return each((u) => (2 * u - 1) * Math.sqrt(3 / fanIn) / divisor);
    }
  }
}
