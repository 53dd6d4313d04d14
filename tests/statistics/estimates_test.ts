// Expected numbers are SciPy's: tes../goldens/plots/statistics_scipy.py says how they were made.
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { estimateMean, relativeReduction, studentQuantile } from "../../lib/statistics/mod.ts";
import scipy from "../goldens/plots/statistics_scipy.json" with { type: "json" };

Deno.test("t quantiles agree with SciPy", () => {
  for (const { p, df, expected } of scipy.quantiles) {
    assertAlmostEquals(studentQuantile(p, df), expected, 1e-7);
  }
});

Deno.test("means and their intervals agree with SciPy", () => {
  for (const { values, confidence, expected } of scipy.means) {
    const { value, interval, n } = estimateMean(values, { confidence });
    assertEquals(n, values.length);
    [value, ...interval!].forEach((x, i) => assertAlmostEquals(x, expected[i]!, 1e-10));
  }
});

Deno.test("reductions and their intervals agree with SciPy's Welch test", () => {
  for (const { baseline, treated, confidence, expected } of scipy.reductions) {
    const { value, interval, n } = relativeReduction(baseline, treated, { confidence })!;
    assertEquals(n, 4);
    [value, ...interval!].forEach((x, i) => assertAlmostEquals(x, expected[i]!, 1e-9));
  }
});

Deno.test("one value gives no interval", () => {
  assertEquals(estimateMean([0.2]), { value: 0.2, n: 1 });
  assertEquals(relativeReduction([0.2], [0.1, 0.1]), { value: 0.5, n: 1 });
});

Deno.test("equal values give an interval of no width", () => {
  assertEquals(estimateMean([0.1, 0.1, 0.1]).interval!.map((x) => x.toFixed(12)), [
    "0.100000000000",
    "0.100000000000",
  ]);
  const { value, interval } = relativeReduction([0.2, 0.2], [0.1, 0.1])!;
  assertEquals([value, ...interval!], [0.5, 0.5, 0.5]);
});

Deno.test("a spread in one sample only is enough for an interval", () => {
  const { interval } = relativeReduction([0.2, 0.2], [0.1, 0.12])!;
  assert(interval!.every(Number.isFinite));
});

Deno.test("a baseline without errors leaves nothing to reduce", () => {
  assertEquals(relativeReduction([0, 0], [0, 0.1]), undefined);
});

Deno.test("a reduction does not depend on the unit", () => {
  const shares = relativeReduction([0.2, 0.25], [0.1, 0.15])!;
  const perCent = relativeReduction([20, 25], [10, 15])!;
  assertAlmostEquals(shares.interval![0], perCent.interval![0], 1e-12);
});

Deno.test("what has no answer is refused", () => {
  assertThrows(() => estimateMean([]), RangeError, "no values");
  assertThrows(() => estimateMean([0.1, NaN]), RangeError, "the value NaN");
  assertThrows(() => relativeReduction([0.1], []), RangeError, "no values");
  assertThrows(() => estimateMean([1, 2], { confidence: 95 }), RangeError, "a share of 95");
  assertThrows(() => studentQuantile(1, 3), RangeError, "quantile at 1");
  assertThrows(() => studentQuantile(0.5, 0), RangeError, "0 degrees of freedom");
  assertThrows(() => studentQuantile(0.5, NaN), RangeError, "NaN degrees of freedom");
});
