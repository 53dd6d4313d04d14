/**
 * TensorFlow ends the process at a tensor of 254 axes. The result of an operation on two tensors of
 * this many has fewer.
 */
const MAX_RANK = 126;

/**
 * What is wrong with a shape, in words that follow "it has"; undefined if it may reach TensorFlow, whose
 * own checks end the process. Allowed are at most 126 axes, and a product of the sizes, zeros left
 * out, of at most 2⁵³.
 *
 * ```ts
 * import { shapeProblem } from "sam/tensorflow";
 *
 * console.log(shapeProblem([2, 3])); // undefined
 * console.log(shapeProblem([2, -3])); // the size -3: sizes must be >= 0
 * ```
 *
 * @param unknown whether sizes may be -1, unknown
 */
export function shapeProblem(shape: readonly number[], unknown = false): string | undefined {
  if (shape.length > MAX_RANK) return `${shape.length} axes, more than ${MAX_RANK}`;
  let product = 1;
  for (const size of shape) {
    if (unknown && size === -1) continue;
    if (!Number.isSafeInteger(size) || size < 0) return `the size ${size}: sizes must be >= 0`;
    if (size > 0) product *= size;
  }
  if (product > Number.MAX_SAFE_INTEGER) return "more elements than 2⁵³, zeros left out";
}

/** @throws RangeError for a tensor of so many axes that a result of it could end the process */
export function requireAxes({ length }: readonly number[]): void {
  if (length <= MAX_RANK) return;
  throw new RangeError(`Cannot use a tensor of ${length} axes: at most ${MAX_RANK} are possible`);
}

/** @throws RangeError for a shape that must not reach TensorFlow, see {@linkcode shapeProblem} */
export function requireShape(shape: readonly number[], unknown = false): void {
  const problem = shapeProblem(shape, unknown);
  if (problem === undefined) return;
  throw new RangeError(`Cannot make a tensor of shape ${shapeText(shape)}: it has ${problem}`);
}

/** A shape in a message, where it may be too long. */
export function shapeText(shape: readonly number[]): string {
  return shape.length > MAX_RANK ? `[${shape.slice(0, 8)},…]` : `[${shape}]`;
}
