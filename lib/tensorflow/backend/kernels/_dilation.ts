import { attribute, DType } from "../../native/mod.ts";
import type { Operations, Value } from "./_execute.ts";
import type { Window } from "./_window.ts";

export function isDilated(window: Window): boolean {
  return window.dilations.some((rate) => rate > 1);
}

/**
 * A dilated convolution by a plain one, since many of TensorFlow's CPU kernels cannot dilate: pixels
 * that lie a dilation apart become separate images, side by side in the batch.
 *
 * @param convolve convolves with stride 1 and no padding
 */
export function undilated(
  operations: Operations,
  x: Value,
  window: Window,
  convolve: (x: Value) => Value,
): Value {
  const rates = window.dilations.slice(1, -1);
  const pads: number[] = [];
  const crops: number[] = [];
  for (const [axis, rate] of rates.entries()) {
    const length = x.shape[axis + 1]!;
    const [before, after] = window.padding === "SAME"
      ? samePads((window.sizes[axis + 1]! - 1) * rate)
      : window.pads[axis + 1]!;
    const extra = (rate - (before + length + after) % rate) % rate;
    pads.push(before, after + extra);
    crops.push(0, extra);
  }
  operations.requireResult(
    x.shape.map((size, axis) => size + (pads[2 * axis - 2] ?? 0) + (pads[2 * axis - 1] ?? 0)),
    x.dtype,
  );
  const block = operations.int32(rates);
  const types = (value: Value, name: string) => [
    attribute.type("T", value.dtype),
    attribute.type("Tblock_shape", DType.int32),
    attribute.type(name, DType.int32),
  ];
  const sizes = [rates.length, 2];
  const spread = operations.one(
    "SpaceToBatchND",
    [x, block, operations.int32(pads, sizes)],
    types(x, "Tpaddings"),
  );
  const y = convolve(spread);
  return operations.one(
    "BatchToSpaceND",
    [y, block, operations.int32(crops, sizes)],
    types(y, "Tcrops"),
  );
}

/** With stride 1 the output is as large as the input. */
function samePads(total: number): [number, number] {
  const before = Math.floor(total / 2);
  return [before, total - before];
}
