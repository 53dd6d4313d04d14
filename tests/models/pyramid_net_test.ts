import { assertEquals } from "@std/assert";
import { pyramidNet } from "../../lib/models/mod.ts";

Deno.test("pyramidNet: channels grow by equal shares, halves to the even number, as Python rounds", () => {
  const { params } = pyramidNet({ depth: 20, alpha: 3, classes: 3 }).shapes([1, 32, 32, 3]);
  const channels = Array.from(
    { length: 6 },
    (_, index) => params.get(`BottleneckShakeDrop_${index}/1x1_conv_contract/kernel`)?.at(-1),
  );
  // Of 16.5, 17, 17.5, 18, 18.5 and 19.
  assertEquals(channels, [16, 17, 18, 18, 18, 19]);
});
