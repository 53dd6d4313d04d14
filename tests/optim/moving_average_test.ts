import { assert, assertThrows } from "@std/assert";
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

Deno.test("movingAverageDecay: refuses what is no decay", () => {
  for (const decay of [1, -0.1, NaN]) {
    assertThrows(() => movingAverageDecay(decay, tf.scalar(0)), RangeError, `decay ${decay}`);
  }
});
