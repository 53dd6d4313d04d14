/** From the widest: what `/proc/cpuinfo` calls it, of x86, then of Arm. */
const INSTRUCTION_SETS = [
  "amx_bf16",
  "avx512_bf16",
  "avx512f",
  "avx2",
  "avx",
  "sve2",
  "svebf16",
  "sve",
  "bf16",
  "asimd",
];

/**
 * The widest instruction set of the processor that matters to products of matrices, in capitals, such as
 * `AVX512_BF16`: it decides which of oneDNN's kernels compute, and hence how results are rounded.
 * Undefined where it cannot be told.
 *
 * ```ts
 * import { instructionSet } from "sam/tensorflow";
 *
 * console.log(instructionSet("flags : sse avx avx2")); // AVX2
 * ```
 */
export function instructionSet(
  cpuInfo: string | undefined = readCpuInfo(),
): string | undefined {
  const flags = new Set(cpuInfo?.match(/^(?:flags|Features)\s*:(.*)$/m)?.[1]?.split(/\s+/));
  return INSTRUCTION_SETS.find((name) => flags.has(name))?.toUpperCase();
}

/** Undefined where it cannot be read. */
export function readCpuInfo(): string | undefined {
  try {
    return Deno.readTextFileSync("/proc/cpuinfo");
  } catch {
    return undefined;
  }
}
