import type { Model } from "../nn/mod.ts";
import type { Precision } from "../tensorflow/mod.ts";
import type { Displayable } from "./_display.ts";
import { table } from "./table.ts";

/**
 * The layers of a model with their output shapes and numbers of parameters, by shape inference only:
 * nothing is computed, however large the model is.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { summary } from "sam/notebook";
 * import { models } from "sam";
 *
 * const model = models.wideResNet({ depth: 16, width: 4, classes: 10 });
 * assertStringIncludes(`${summary(model, [1, 32, 32, 3])}`, "parameters for input [1, 32, 32, 3]");
 * ```
 *
 * @param inputShape of a batch
 * @param precision by which the layers are to be computed; with `bfloat16` the table tells which are
 */
export function summary(
  model: Model,
  inputShape: readonly number[],
  { precision = "float32" }: { readonly precision?: Precision } = {},
): Displayable {
  const { params, state, layers, precisions, output } = model.shapes(inputShape, precision);
  const inColumn = (value: string) => precision === "float32" ? [] : [value];
  const owned = (shapes: ReadonlyMap<string, readonly number[]>, layer: string) =>
    Array.from(shapes).filter(([path]) => path.slice(0, path.lastIndexOf("/")) === layer)
      .reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
  const rows = Array.from(
    layers,
    ([path, shape]) => [
      path,
      `[${shape.join(", ")}]`,
      ...inColumn(precisions.get(path)!),
      owned(params, path),
      owned(state, path),
    ],
  );
  const total = (shapes: ReadonlyMap<string, readonly number[]>) =>
    Array.from(shapes.values()).reduce((sum, shape) => sum + sizeOf(shape), 0);
  return table({
    caption: `${total(params).toLocaleString("en")} parameters for input [${
      inputShape.join(", ")
    }]`,
    columns: ["Layer", "Output shape", ...inColumn("Output in"), "Parameters", "Batch statistics"],
    rows: [
      ...rows,
      ["all", `[${output.join(", ")}]`, ...inColumn("float32"), total(params), total(state)],
    ],
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
