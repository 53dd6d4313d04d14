import type { Action } from "./operation.ts";

/**
 * How an action moves pixels: [a0, a1, a2, b0, b1, b2, 0, 0], where the output's (x, y) is the input's
 * (a0 x + a1 y + a2, b0 x + b1 y + b2). Undefined if it does not.
 *
 * Each step is rounded to float32, as in TensorFlow: otherwise ties between two pixels would be broken
 * differently.
 *
 * Source: `tf.contrib.image.rotate`, `transform` and `translate`.
 */
export function transformOf(
  { operation, setting }: Action,
  height: number,
  width: number,
): number[] | undefined {
  switch (operation) {
    case "Rotate":
      return rotation(setting * (Math.PI / 180), height - 1, width - 1);
    case "ShearX":
      return [1, setting, 0, 0, 1, 0, 0, 0];
    case "ShearY":
      return [1, 0, 0, setting, 1, 0, 0, 0];
    case "TranslateX":
      return [1, 0, setting, 0, 1, 0, 0, 0];
    case "TranslateY":
      return [1, 0, 0, 0, 1, setting, 0, 0];
  }
}

function rotation(radians: number, bottom: number, right: number): number[] {
  const { fround } = Math;
  const angle = fround(radians);
  const cos = fround(Math.cos(angle)), sin = fround(Math.sin(angle));
  // The second product of each sum is added without rounding it first (fused multiply-add).
  const x = fround(right - fround(fround(cos * right) - sin * bottom)) / 2;
  const y = fround(bottom - fround(fround(sin * right) + cos * bottom)) / 2;
  return [cos, -sin, x, sin, cos, y, 0, 0];
}
