import { assertEquals } from "@std/assert";
import { missingPosix, testUnless } from "../_skip.ts";
import { survive } from "./survive.ts";

testUnless(missingPosix, "survive: a short form of the task", async () => {
  const lines: string[] = [];
  // With the five of killed_test.ts, 20 kills.
  const counts = { kills: 15, disks: 2, damages: 2, workers: 1, seed: 7 };
  const { failed } = await survive(counts, (line) => lines.push(line));
  assertEquals(failed, 0, lines.join("\n"));
});
