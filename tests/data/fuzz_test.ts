import { assert, assertEquals } from "@std/assert";
import { withoutLeaks } from "../_tensors.ts";
import { fuzz, TARGETS } from "./fuzz.ts";

Deno.test("parsers: damaged files are read or refused, and nothing else", () =>
  withoutLeaks(async () => {
    const results = await fuzz(2000);
    assertEquals(results.length, TARGETS);
    for (const { name, inputs, refused } of results) {
      // Many hit values only, which no parser can tell.
      assert(refused > 0.05 * inputs, `${name}: ${refused} of ${inputs} refused`);
    }
  }));
