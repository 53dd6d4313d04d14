import { listDevices } from "./context.ts";
import { byteSize } from "./dtypes.ts";
import { availableMemory } from "./memory.ts";
import { shapeProblem, shapeText } from "./shape.ts";

/** Bytes up to which no result is held against the memory, which takes a while to ask for. */
const ALWAYS = 2 ** 28;

/** Bytes of a string's place. */
const STRING_SIZE = 24;

const GIB = 2 ** 30;

/**
 * Refuses a result that ends the process in TensorFlow, whose kernels multiply sizes without care,
 * or in oneDNN, whose do not notice that they got no memory: one of more than 2⁵³ elements, extents
 * of 0 left out, or of more bytes than there is memory for. GPUs have memory of their own and refuse
 * by themselves.
 *
 * @param operation that would make it, for the error
 * @param shape with -1 where a size is not known
 * @param anySize whether it takes no memory
 * @throws RangeError with the operation, the shape and its size
 */
export function requireResult(
  operation: string,
  shape: readonly number[],
  dtype: number,
  anySize = false,
): void {
  const problem = shapeProblem(shape, true);
  if (problem !== undefined) {
    const text = shapeText(shape);
    throw new RangeError(`Cannot run ${operation}: its result of shape ${text} has ${problem}`);
  }
  if (anySize) return;
  let bytes = byteSize(dtype) ?? STRING_SIZE;
  for (const size of shape) if (size !== -1) bytes *= size;
  if (bytes <= ALWAYS) return;
  const available = availableMemory();
  if (bytes <= available || listDevices().some(({ type }) => type === "GPU")) return;
  throw new RangeError(
    `Cannot run ${operation}: its result of shape [${shape}] takes ${
      (bytes / GIB).toFixed(1)
    } GiB, ` +
      `and ${(available / GIB).toFixed(1)} GiB of memory are available. Make it in parts, or of ` +
      "fewer elements",
  );
}
