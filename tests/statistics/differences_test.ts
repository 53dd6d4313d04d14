import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  describeFinding,
  findings,
  holm,
  pairedDifference,
  pairedReduction,
  resampledDifference,
} from "../../lib/statistics/mod.ts";

const SGD = [0.1278, 0.129, 0.1301, 0.1255, 0.1312];
const SAM = [0.1255, 0.1205, 0.1270, 0.1262, 0.1248];

Deno.test("paired differences have scipy's interval and p-value", () => {
  // scipy.stats.ttest_rel(SAM, SGD) and its confidence_interval(0.95), scipy 1.17.
  const { value, n, interval, p } = pairedDifference(SGD, SAM);
  assertAlmostEquals(value, -0.00392, 1e-12);
  assertEquals(n, 5);
  assertAlmostEquals(interval![0], -0.008386885154955576, 1e-9);
  assertAlmostEquals(interval![1], 0.0005468851549555731, 1e-9);
  assertAlmostEquals(p!, 0.07147602432735811, 1e-8);
});

Deno.test("reductions of pairs have Student's interval of treated − R · baseline", () => {
  // scipy.stats.t.interval of SAM − R · SGD over mean(SGD), scipy 1.17.
  const { value, n, interval } = pairedReduction([0.13, 0.12, 0.14], [0.11, 0.11, 0.12])!;
  assertAlmostEquals(value, 0.1282051282051283, 1e-12);
  assertEquals(n, 3);
  assertAlmostEquals(interval![0], 0.03825896158953909, 1e-9);
  assertAlmostEquals(interval![1], 0.21815129482071752, 1e-9);
  assertEquals(pairedReduction([0.5], [0.25]), { value: 0.5, n: 1 });
  assertEquals(pairedReduction([0, 0], [0, 0.1]), undefined);
  assertThrows(() => pairedReduction([0.5, 0.2], [0.5]), RangeError, "Cannot pair 2 values with 1");
});

Deno.test("pairs that differ equally, single pairs and pairs without partner", () => {
  assertEquals(pairedDifference([0.5, 0.25], [0.25, 0]), { value: -0.25, n: 2 });
  assertEquals(pairedDifference([0.5, 0.25], [0.5, 0.25]), { value: 0, n: 2 });
  assertEquals(pairedReduction([0.75, 0.25], [0.5, 0]), { value: 0.5, n: 2 });
  assertEquals(pairedReduction([0.5, 0.25], [0.25, 0.125]), {
    value: 0.5,
    n: 2,
    interval: [0.5, 0.5],
  });
  assertEquals(pairedDifference([0.5], [0.25]), { value: -0.25, n: 1 });
  assertThrows(
    () => pairedDifference([0.5, 0.2], [0.5]),
    RangeError,
    "Cannot pair 2 values with 1",
  );
});

Deno.test("runs that no seed changes tell nothing apart, however many there are", () => {
  // 0.2 − 0.3 and 0.1 − 0.2 differ in their last digit.
  for (const sgd of [Array(10).fill(0.3), [0.3, 0.2, 0.3, 0.2, 0.3]]) {
    const difference = pairedDifference(sgd, sgd.map((error) => error - 0.1));
    assertEquals([difference.p, difference.interval], [undefined, undefined]);
    const [found] = findings([difference]);
    assertEquals(found!.verdict, "not told apart");
    assertEquals(
      describeFinding(found!),
      `not told apart: −10.0 points, n = ${sgd.length}`,
    );
  }
});

Deno.test("Holm's correction is statsmodels'", () => {
  // statsmodels.stats.multitest.multipletests(…, method="holm"), statsmodels 0.14.
  const corrected = holm([0.01, 0.04, 0.03, 0.005, 0.5]);
  [0.04, 0.09, 0.09, 0.025, 0.5].forEach((p, i) => assertAlmostEquals(corrected[i]!, p, 1e-12));
  assertEquals(holm([]), []);
  assertThrows(() => holm([0.5, NaN]), RangeError, "NaN");
});

Deno.test("a verdict is given where the corrected p-value allows one", () => {
  const lower = pairedDifference([0.13, 0.12, 0.14, 0.13], [0.11, 0.1, 0.12, 0.115]);
  const noise = pairedDifference([0.13, 0.12, 0.14, 0.13], [0.14, 0.11, 0.14, 0.13]);
  const single = pairedDifference([0.13], [0.1]);
  assertEquals(
    findings([lower, noise, single]).map(({ verdict }) => verdict),
    ["lower", "not told apart", "not told apart"],
  );
  // Alone it would do; beside enough others it does not.
  const weak = { value: 0.01, n: 5, interval: [0.001, 0.019] as const, p: 0.03 };
  assertEquals(findings([weak])[0]!.verdict, "higher");
  assertEquals(findings([weak, noise])[0]!.verdict, "not told apart");
});

Deno.test("findings are told in percentage points", () => {
  const [lower] = findings([{ value: -0.0138, n: 10, interval: [-0.022, -0.006], p: 0.001 }]);
  assertEquals(describeFinding(lower!), "lower by 1.4 points [0.6, 2.2], n = 10");
  assertEquals(
    describeFinding(lower!, "SGD"),
    "lower than SGD by 1.4 points [0.6, 2.2], n = 10",
  );
  const [higher] = findings([{ value: 0.02, n: 5, interval: [0.01, 0.03], p: 0.01 }]);
  assertEquals(describeFinding(higher!), "higher by 2.0 points [1.0, 3.0], n = 5");
  const [neither] = findings([{ value: -0.0031, n: 5, interval: [-0.011, 0.005], p: 0.4 }]);
  assertEquals(describeFinding(neither!), "not told apart: −0.3 points [−1.1, 0.5], n = 5");
  assertEquals(
    describeFinding(neither!, "SGD"),
    "not told apart from SGD: −0.3 points [−1.1, 0.5], n = 5",
  );
  assertEquals(
    describeFinding(findings([{ value: -0.0001, n: 1 }])[0]!),
    "not told apart: 0.0 points, n = 1",
  );
});

Deno.test("resampled intervals cover the spread of seeds and of images", () => {
  // Errors of 12 seeds on 400 images at rates that images and seeds shift, 30 times over: about 95 %
  // of the intervals, and not fewer than 80 %, hold the true difference.
  const { random } = generator(1);
  let covered = 0;
  for (let round = 0; round < 30; round++) {
    const hardness = Array.from({ length: 400 }, () => 0.6 * random());
    const run = (shift: number) =>
      Array.from({ length: 12 }, () => {
        const own = 0.1 * random();
        return hardness.map((rate) => Number(random() < rate + own + shift));
      });
    const { interval, n } = resampledDifference(run(0.1), run(0), { replicates: 300, seed: round });
    assertEquals(n, 12);
    if (interval![0] <= -0.1 && -0.1 <= interval![1]) covered++;
  }
  assert(covered >= 24, `${covered} of 30`);
});

Deno.test("resampling is wider than seeds alone where images are few, and the same for one seed", () => {
  const { random } = generator(2);
  const runs = (rate: number) =>
    Array.from({ length: 8 }, () => Array.from({ length: 50 }, () => Number(random() < rate)));
  const [sgd, sam] = [runs(0.4), runs(0.3)];
  const first = resampledDifference(sgd, sam);
  assertEquals(resampledDifference(sgd, sam), first);
  const errorOf = (rows: number[][]) => rows.map((row) => row.reduce((a, b) => a + b, 0) / 50);
  const paired = pairedDifference(errorOf(sgd), errorOf(sam));
  assertAlmostEquals(first.value, paired.value, 1e-12);
  assertThrows(() => resampledDifference(sgd, sam.slice(1)), RangeError, "8 seeds with 50 images");
  assertThrows(() => resampledDifference([], []), RangeError, "0 seeds");
});

/** Numbers in [0, 1), the same on every machine (mulberry32). */
function generator(state: number) {
  return {
    random: () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

Deno.test("resampling is the same again, whatever was resampled in between", () => {
  const rows = (share: number, images: number) =>
    Array.from(
      { length: 3 },
      (_, seed) => Array.from({ length: images }, (_, i) => Number((i * 7 + seed) % 10 < share)),
    );
  const first = resampledDifference(rows(4, 50), rows(3, 50));
  resampledDifference(rows(4, 20), rows(3, 20));
  resampledDifference(rows(4, 50), rows(3, 50), { seed: 1 });
  assertEquals(resampledDifference(rows(4, 50), rows(3, 50)), first);
});
