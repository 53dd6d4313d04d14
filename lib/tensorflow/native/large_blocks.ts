/** `M_MMAP_THRESHOLD` of glibc's `malloc.h`. */
const MAP_THRESHOLD = -3;
const LARGE_BYTES = 2 ** 20;

let done = false;

/**
 * Lets blocks of a mebibyte and more go back to the system as they are freed, in this process from here
 * on. By default glibc keeps blocks of up to 32 MiB, and those of a network's activations leave holes
 * that the next pass does not fit into: some hundred MiB after some steps.
 */
export function returnLargeBlocks(): void {
  if (done) return;
  done = true;
  const { symbols: libc } = Deno.dlopen("libc.so.6", {
    mallopt: { parameters: ["i32", "i32"], result: "i32" },
  });
  libc.mallopt(MAP_THRESHOLD, LARGE_BYTES);
}
