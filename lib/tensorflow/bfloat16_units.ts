import { backend } from "./backend/mod.ts";
import { readCpuInfo } from "./instruction_set.ts";

/** What processors call their units, in `/proc/cpuinfo`: those of x86, then those of Arm. */
const UNITS = /\b(avx512_bf16|amx_bf16|bf16|svebf16)\b/;

/**
 * Why bfloat16 is several times slower than float32 here, in words that follow "as": the processor has no units
 * for it, or TensorFlow does not use them. Undefined where it is, and on GPUs, which TensorFlow does
 * not tell about.
 *
 * ```ts
 * import { lacksBfloat16Units } from "sam";
 *
 * const reason = lacksBfloat16Units();
 * console.log(reason === undefined ? "bfloat16 is fast here" : `float32 is as fast, as ${reason}`);
 * ```
 */
export function lacksBfloat16Units(
  cpuInfo: string | undefined = readCpuInfo(),
): string | undefined {
  if (backend.binding.isUsingGpuDevice()) return undefined;
  if (Deno.env.get("TF_ENABLE_ONEDNN_OPTS") === "0") {
    return "TF_ENABLE_ONEDNN_OPTS=0 turns off oneDNN";
  }
  if (cpuInfo === undefined || UNITS.test(cpuInfo)) return undefined;
  return "this processor has no units for it (AVX512_BF16 or AMX)";
}
