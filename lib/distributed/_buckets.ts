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
