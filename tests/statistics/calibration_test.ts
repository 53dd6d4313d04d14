import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { calibration } from "../../lib/statistics/mod.ts";

Deno.test("calibration: the mean distance of confidence and accuracy, weighted by bins", () => {
  // Bins of a fifth: (0.2, 0.4] with 0.3 right; (0.8, 1] with 0.9 right, 1 wrong, 1 right.
  const { error, bins } = calibration([0.3, 0.9, 1, 1], [true, true, false, true], { bins: 5 });
  assertAlmostEquals(error, (0.7 + Math.abs(2.9 - 2)) / 4, 1e-12);
  assertEquals(bins.map(({ count }) => count), [0, 1, 0, 0, 3]);
  assertEquals(bins[4]!.bounds, [0.8, 1]);
  assertAlmostEquals(bins[4]!.confidence, 2.9 / 3, 1e-12);
  assertAlmostEquals(bins[4]!.accuracy, 2 / 3, 1e-12);
  assertEquals(Number.isNaN(bins[0]!.accuracy), true);
});

Deno.test("calibration: an edge belongs to the bin below it; 15 bins as in the paper", () => {
  const { bins } = calibration([0, 0.5, 1], [true, true, true], { bins: 2 });
  assertEquals(bins.map(({ count }) => count), [2, 1]);
  assertEquals(calibration([1], [true]).bins.length, 15);
  assertEquals(calibration([1], [true]).error, 0);
  assertEquals(calibration([1], [false]).error, 1);
  assertThrows(() => calibration([1], []), RangeError, "1 confidences of 0 predictions");
  assertThrows(() => calibration([1], [true], { bins: 0 }), RangeError, "in 0 bins");
});
