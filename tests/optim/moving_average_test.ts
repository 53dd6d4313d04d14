import { assert, assertEquals, assertThrows } from "@std/assert";
import { movedAverage, movingAverageDecay } from "../../lib/optim/mod.ts";
import { tf } from "../../lib/tensorflow/mod.ts";
import { fixtureJson } from "../_fixtures.ts";
import { scoped, values } from "../_tensors.ts";

Deno.test({
  name: "movingAverageDecay: the reference's, step by step",
  fn: scoped(() => {
    const { rows } = fixtureJson("ema.json") as { rows: [number, number, number][] };
    assert(rows.length > 10);
    for (const [decay, step, expected] of rows) {
      const [found] = values(movingAverageDecay(decay, tf.scalar(step, "int32")));
      assert(Math.abs(found! - expected) <= 1e-7, `at step ${step}: ${found}, not ${expected}`);
    }
  }),
});

Deno.test({
  name: "movedAverage: the reference's sequence through the end of the warm-up",
  fn: scoped(() => {
    const { sequence } = fixtureJson("ema.json") as { sequence: [number, number][] };
    let average: tf.Tensor = tf.scalar(5);
    for (const [step, expected] of sequence) {
      const share = movingAverageDecay(0.9999, tf.scalar(step, "int32"));
      average = movedAverage(average, tf.scalar(Math.fround(step) / 100), share);
      const [found] = values(average);
      assert(
        Math.abs(found! - expected) <= 2e-6 * expected,
        `${found} at ${step}, not ${expected}`,
      );
    }
  }),
});

Deno.test(
  "movingAverageDecay: nothing of the old before step 1560, then rising to the decay, by hand",
  scoped(() => {
    const at = (decay: number, step: number) =>
      values(movingAverageDecay(decay, tf.scalar(step, "int32")))[0]!;
    assertEquals([1, 1000, 1559].map((step) => at(0.9999, step)), [0, 0, 0]);
    for (const since of [0, 1, 90, 5000]) {
      const expected = Math.min(0.99, (1 + since) / (10 + since));
      assert(Math.abs(at(0.99, 1560 + since) - expected) <= 1e-6, `${since} steps after`);
    }
  }),
);

Deno.test(
  "movedAverage: the share is the old average's, leaf by leaf",
  scoped(() => {
    const average = { a: tf.tensor([8, 0]), b: [tf.scalar(1)] };
    const value = { a: tf.tensor([0, 4]), b: [tf.scalar(5)] };
    const moved = movedAverage(average, value, tf.scalar(0.75));
    assertEquals([values(moved.a), values(moved.b[0]!)], [[6, 1], [2]]);
  }),
);

Deno.test("movingAverageDecay: refuses what is no decay", () => {
  for (const decay of [1, -0.1, NaN]) {
    assertThrows(() => movingAverageDecay(decay, tf.scalar(0)), RangeError, `decay ${decay}`);
  }
});

Deno.test(
  "movedAverage: a count is that of the value, and stays whole",
  scoped(() => {
    const [average, value] = [tf.scalar(3, "int32"), tf.scalar(20_000_001, "int32")];
    const moved = movedAverage({ average }, { average: value }, tf.scalar(0.5)).average;
    assertEquals([moved.dtype, values(moved)], ["int32", [20_000_001]]);
  }),
);
