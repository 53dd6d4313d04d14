import { listDevices } from "./context.ts";
import { byteSize } from "./dtypes.ts";
import { availableMemory } from "./memory.ts";
import { shapeProblem, shapeText } from "./shape.ts";

/** Bytes up to which the memory, which takes a while to read, is not looked at. */
const ALWAYS = 2 ** 28;

/** Bytes of a `TF_TString`. */
const STRING_SIZE = 24;

const GIB = 2 ** 30;

/**
 * Refuses a result that would end the process: one whose extents, zeros left out, multiply to more
 * than 2⁵³, at which TensorFlow's checks abort, or one that takes more bytes than are available, as
 * oneDNN's kernels do not notice a failed allocation. On a machine with a GPU only the first counts:
 * TensorFlow itself reports when the GPU's memory is exhausted.
 *
 * @param operation that would compute it, for the error
 * @param shape with -1 where a size is not known
 * @param anySize whether it will take no memory, as it is only inferred or fused
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
