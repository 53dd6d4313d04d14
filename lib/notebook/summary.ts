import type { Model } from "../nn/mod.ts";
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
 */
export function summary(model: Model, inputShape: readonly number[]): Displayable {
  const { params, state, layers, output } = model.shapes(inputShape);
  const owned = (shapes: ReadonlyMap<string, readonly number[]>, layer: string) =>
    Array.from(shapes).filter(([path]) => path.slice(0, path.lastIndexOf("/")) === layer)
      .reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
  const rows = Array.from(
    layers,
    ([path, shape]) => [path, `[${shape.join(", ")}]`, owned(params, path), owned(state, path)],
  );
  const total = (shapes: ReadonlyMap<string, readonly number[]>) =>
    Array.from(shapes.values()).reduce((sum, shape) => sum + sizeOf(shape), 0);
  return table({
    caption: `${total(params).toLocaleString("en")} parameters for input [${
      inputShape.join(", ")
    }]`,
    columns: ["Layer", "Output shape", "Parameters", "Batch statistics"],
    rows: [...rows, ["all", `[${output.join(", ")}]`, total(params), total(state)]],
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
