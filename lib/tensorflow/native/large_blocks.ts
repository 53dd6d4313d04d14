/** `M_TRIM_THRESHOLD` and `M_MMAP_THRESHOLD` of glibc's `malloc.h`. */
const TRIM_THRESHOLD = -1;
const MAP_THRESHOLD = -3;
/** Where glibc itself begins. */
const KEPT_BYTES = 128 * 1024;
const LARGE_BYTES = 2 ** 20;

let done = false;

/**
 * Lets blocks of a mebibyte and more go back to the system as they are freed, in this process from here
 * on. By default glibc comes to keep blocks of up to 32 MiB, and twice that for each of its arenas; those
 * of a network's activations leave holes that the next pass does not fit into: some hundred MiB after
 * some steps.
 */
export function returnLargeBlocks(): void {
  if (done) return;
  done = true;
  const { symbols: { mallopt } } = Deno.dlopen("libc.so.6", {
    mallopt: { parameters: ["i32", "i32"], result: "i32" },
  });
  mallopt(MAP_THRESHOLD, LARGE_BYTES);
  mallopt(TRIM_THRESHOLD, KEPT_BYTES);
}
