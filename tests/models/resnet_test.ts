import { assertEquals } from "@std/assert";
import { resNet } from "../../lib/models/mod.ts";
import { namedLeaves } from "../../lib/tensorflow/mod.ts";
import { scoped, values } from "../_tensors.ts";

Deno.test(
  "resNet: the last scale of each block is zero at first, all others are one",
  scoped(() => {
    const { params } = resNet({ depth: 50, classes: 3, channels: 2 }).init(1, [1, 32, 32, 3]);
    const scales = namedLeaves(params).filter(([path]) => path.endsWith("/scale"));
    const zero = scales.filter(([, scale]) => values(scale).every((value) => value === 0));
    const one = scales.filter(([, scale]) => values(scale).every((value) => value === 1));
    assertEquals(new Set(zero.map(([path]) => path.split("/").slice(1).join("/"))).size, 1);
    assertEquals([zero.length, one.length], [16, 1 + 4 + 2 * 16]);
  }),
);
