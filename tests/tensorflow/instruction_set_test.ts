import { assertEquals } from "@std/assert";
import { instructionSet } from "../../lib/tensorflow/mod.ts";

Deno.test("the widest instruction set is told of what the processor says", () => {
  const of = (line: string) => instructionSet(`processor\t: 0\n${line}\nbogomips\t: 1\n`);
  assertEquals(of("flags\t\t: fpu avx avx2 avx512f avx512_bf16 amx_bf16 amx_tile"), "AMX_BF16");
  assertEquals(of("flags\t\t: fpu avx avx2 avx512f avx512_bf16"), "AVX512_BF16");
  assertEquals(of("flags\t\t: fpu avx avx2 avx512f"), "AVX512F");
  assertEquals(of("flags\t\t: fpu avx avx2"), "AVX2");
  assertEquals(of("Features\t: fp asimd sve bf16 svebf16"), "SVEBF16");
  assertEquals(of("flags\t\t: fpu"), undefined);
  assertEquals(instructionSet(""), undefined);
});
