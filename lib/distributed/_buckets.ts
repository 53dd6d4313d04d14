import { backend, type tf } from "../tensorflow/mod.ts";

/** Bytes that are summed at once: one large sum is slower than several, and each takes a round trip. */
const BUCKET_BYTES = 10_000_000;

/**
 * Cuts a list into runs of up to {@linkcode BUCKET_BYTES}; what is larger has a run of its own.
 *
 * @param sizes elements of float32
 * @returns where each run begins and ends
 */
export function bucketsOf(
  sizes: readonly number[],
  limit = BUCKET_BYTES,
): { readonly begin: number; readonly end: number }[] {
  const buckets: { begin: number; end: number }[] = [];
  let bytes = Infinity;
  for (const [index, size] of sizes.entries()) {
    if (bytes + 4 * size > limit) {
      buckets.push({ begin: index, end: index });
      bytes = 0;
    }
    buckets.at(-1)!.end = index + 1;
    bytes += 4 * size;
  }
  return buckets;
}

/**
 * The order in which the function under construction makes them: gradients of the last layers come
 * first, so that their sum can begin while those before are still computed. Tensors from outside lead,
 * as they stand: only the trace is the same in all workers.
 *
 * @returns positions in `tensors`
 */
export function inOrderOfTrace(tensors: readonly tf.Tensor[]): number[] {
  const made = tensors.map((tensor) => backend.isNode(tensor) ? tensor.id : 0);
  return [...tensors.keys()].sort((a, b) => made[a]! - made[b]!);
}
