import { assert, assertEquals } from "@std/assert";
import { fuzzKernels } from "./kernels_fuzz.ts";

Deno.test("kernels give on random shapes what the cpu backend or TensorFlow's documents do", async () => {
  const { cases, refused, failures } = await fuzzKernels(800);
  assertEquals(failures, []);
  assert(refused < cases / 10, `${refused} of ${cases} cases ask for what nothing can do`);
});

Deno.test("kernels give a result or a refusal for enormous sizes, steps and places", async () => {
  const { cases, refused, failures } = await fuzzKernels(250, { huge: true });
  assertEquals(failures, []);
  assert(refused > 0 && refused < cases, `${refused} of ${cases} cases are refused`);
});
