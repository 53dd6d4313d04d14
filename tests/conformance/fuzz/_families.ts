import { tf } from "../../../lib/tensorflow/mod.ts";
import { arrangement } from "./_arrangement.ts";
import type { Case, Draw, Family } from "./_draw.ts";
import { elementwise } from "./_elementwise.ts";
import { products } from "./_products.ts";
import { reductions } from "./_reductions.ts";
import { windowed } from "./_windows.ts";

/** By name. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  ...elementwise,
  ...reductions,
  ...products,
  ...windowed,
  ...arrangement,
};

/**
 * Results that have no gradient, or that jump, where each backend may take another side; and resized
 * images, whose gradients are wrong in the `cpu` backend (`kernels_test.ts` has them).
 */
const NOT_DIFFERENTIATED = new Set([
  "argMax",
  "argMin",
  "bincount",
  "ceil",
  "equal",
  "floor",
  "floorDiv",
  "greater",
  "greaterEqual",
  "isFinite",
  "isInf",
  "isNaN",
  "less",
  "lessEqual",
  "mod",
  "notEqual",
  "oneHot",
  "resizeBilinear",
  "resizeNearestNeighbor",
  "round",
  "searchSorted",
  "sign",
  "step",
  "unique",
]);

/** A case with its name: of the operation, or of its gradient. */
export interface NamedCase extends Case {
  readonly name: string;
}

export function drawCase(draw: Draw, names: readonly string[]): NamedCase {
  const name = draw.pick(names);
  const drawn = FAMILIES[name]!(draw);
  const hasGradient = !NOT_DIFFERENTIATED.has(name) &&
    drawn.inputs.every(({ dtype }) => dtype === "float32");
  if (hasGradient && draw.chance(0.3)) {
    const { run, reference = run } = drawn;
    const gradients = { run: gradientOf(run), reference: gradientOf(reference) };
    return { ...drawn, ...gradients, name: `gradient of ${name}` };
  }
  return { ...drawn, name };
}

/** The gradients of a sum of all results, each value times another number. */
function gradientOf(run: Case["run"]): Case["run"] {
  const weighted = (...inputs: tf.Tensor[]) =>
    [run(...inputs)].flat()
      .filter(({ dtype }) => dtype === "float32")
      .map((result) => tf.sum(tf.mul(result, weights(result))))
      .reduce((a, b) => tf.add(a, b));
  return (...inputs) => tf.grads(weighted)(inputs);
}

function weights({ size, shape }: tf.Tensor): tf.Tensor {
  return tf.tensor(Float32Array.from({ length: size }, (_, at) => Math.sin(at + 1)), shape);
}
