import { cString } from "./library.ts";

const STANDARD_OUTPUT = 1;
/** `SEEK_END` of `unistd.h`. */
const END = 2;

/** Whether {@linkcode capturedOutput} can capture here. */
export const CAN_CAPTURE: boolean = Deno.build.os === "linux";

/**
 * What the process writes to its standard output meanwhile, native code and other threads included, in
 * place of it: kept in memory, as a pipe that nobody reads would block its writers.
 *
 * @throws Error where the system gives no such file
 */
export function capturedOutput<T>(fn: () => T): { readonly result: T; readonly text: string } {
  const { symbols: libc } = Deno.dlopen("libc.so.6", {
    memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
    dup: { parameters: ["i32"], result: "i32" },
    dup2: { parameters: ["i32", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
    lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
    pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
    fflush: { parameters: ["pointer"], result: "i32" },
  });
  const file = libc.memfd_create(cString("captured output"), 0);
  const kept = libc.dup(STANDARD_OUTPUT);
  try {
    if (file < 0 || kept < 0) {
      throw new Error("Cannot capture the standard output: the system gives no more files");
    }
    libc.dup2(file, STANDARD_OUTPUT);
    let result: T;
    try {
      result = fn();
    } finally {
      libc.fflush(null); // of all streams of C
      libc.dup2(kept, STANDARD_OUTPUT);
    }
    const bytes = new Uint8Array(Number(libc.lseek(file, 0n, END)));
    libc.pread(file, bytes, BigInt(bytes.length), 0n);
    return { result, text: new TextDecoder().decode(bytes) };
  } finally {
    for (const descriptor of [file, kept]) if (descriptor >= 0) libc.close(descriptor);
  }
}
