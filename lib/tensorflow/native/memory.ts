import { cString } from "./library.ts";

const READ_ONLY = 0;

/** The limit of the process's group, by versions 2 and 1 of Linux's control groups. */
const LIMITS = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];

/**
 * Bytes that the process can still allocate: what Linux counts as available, free swap included, and
 * at most the limit of the process's control group. Infinity if the system says nothing about it.
 */
export function availableMemory(): number {
  const told = readSystemFile("/proc/meminfo");
  const kilobytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(told)?.[1]);
  const available = (kilobytes("MemAvailable") + kilobytes("SwapFree")) * 1024;
  const limits = LIMITS.map((path) => Number.parseInt(readSystemFile(path)));
  return Math.min(...[available, ...limits].map((bytes) => Number.isNaN(bytes) ? Infinity : bytes));
}

/** A short file of the system, read by libc, for which Deno asks no permission; empty if missing. */
function readSystemFile(path: string): string {
  const libc = Deno.dlopen("libc.so.6", {
    open: { parameters: ["buffer", "i32"], result: "i32" },
    read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    close: { parameters: ["i32"], result: "i32" },
  });
  try {
    const { open, read, close } = libc.symbols;
    const file = open(cString(path), READ_ONLY);
    if (file < 0) return "";
    const bytes = new Uint8Array(4096);
    const length = Number(read(file, bytes, BigInt(bytes.length)));
    close(file);
    return new TextDecoder().decode(bytes.subarray(0, Math.max(0, length)));
  } finally {
    libc.close();
  }
}
