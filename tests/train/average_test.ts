import { assert, assertEquals } from "@std/assert";
import { wideResNet } from "../../lib/models/wide_resnet.ts";
import { compile, random, tf } from "../../lib/tensorflow/mod.ts";
import {
  buildTask,
  defaultConfig,
  fit,
  latestCheckpoint,
  saveCheckpoint,
} from "../../lib/train/mod.ts";
import { trainStep } from "../../lib/train/step.ts";
import { fixture } from "../_fixtures.ts";
import { assertMatches } from "../_samples.ts";
import { scoped, withoutLeaks } from "../_tensors.ts";
import { oracleBatch, oracleParts, oracleVariables } from "./_oracle.ts";

const model = wideResNet({ depth: 10, width: 1, classes: 10 });

for (const name of ["small_sgd_ema", "small_sgd_ema_late"]) {
  for (const compiled of [false, true]) {
    Deno.test({
      name: `moving average: ${name} as the reference, ${compiled ? "compiled" : "eager"}`,
      fn: scoped(() => {
        const oracle = fixture(name);
        const { flags, per_step: steps } = oracle.scalars;
        const averageDecay = flags.ema_decay;
        const { gradient, optimizer, gradientClipping } = oracleParts(flags, model);
        const options = { gradientClipping, averageDecay };
        const { init, step: pure } = trainStep(gradient, optimizer, options);
        const step = compiled ? compile(pure).sync : pure;
        let state = init(oracleVariables(oracle));
        state = { ...state, step: tf.scalar(steps[0].step_after - 1, "int32") };
        for (const index of steps.keys()) {
          ({ state } = step(state, oracleBatch(oracle, index), random.seed(0)));
          const { params, state: statistics } = state.average!;
          assertMatches(params, oracle.sample(`ema_params_${index}`), 1e-5, `averages ${index}`);
          assertMatches(statistics, oracle.sample(`ema_state_${index}`), 1e-5, `averages ${index}`);
        }
      }),
    });
  }
}

const config = {
  ...defaultConfig,
  dataset: "synthetic_16",
  model: "wide_resnet_10_1",
  trainCount: 40,
  testCount: 20,
  batchSize: 10,
  emaDecay: 0.99,
  evaluateTrainingSet: true,
};

/** Trains in a folder. @returns the rows of its epochs */
async function rowsOf(folder: string, epochs: number) {
  const rows = [];
  for await (const event of fit(await buildTask({ ...config, epochs }), { folder })) {
    if (event.type === "epoch") rows.push(event.row);
  }
  return rows;
}

/** A run of two epochs whose average is replaced after the first one, late enough to count. */
async function secondEpoch(
  part: "params" | "state",
  change: (values: Float32Array) => Float32Array,
) {
  const folder = await Deno.makeTempDir();
  try {
    await rowsOf(folder, 1);
    const { epoch, step, arrays, metadata } = (await latestCheckpoint(folder))!;
    const changed = Object.entries(arrays).map(([name, array]) => {
      if (name === "step") return [name, { ...array, data: Int32Array.of(5000) }];
      if (!name.startsWith(`average/${part}/`)) return [name, array];
      return [name, { ...array, data: change(array.data as Float32Array) }];
    });
    await saveCheckpoint(folder, {
      epoch,
      step,
      arrays: Object.fromEntries(changed),
      metadata,
    });
    return (await rowsOf(folder, 2)).at(-1)!;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("moving average: it is saved and resumed, and evaluated beside the parameters", () =>
  withoutLeaks(async () => {
    const kept = await secondEpoch("params", (values) => values);
    const lost = await secondEpoch("params", (values) => values.map(() => 0));
    const other = await secondEpoch("state", (values) => values.map((value) => 3 * value + 1));
    assertEquals(kept.trainLoss, lost.trainLoss);
    // Without kernels all classes are as likely.
    assert(Math.abs(lost.testLoss! - Math.log(10)) < 0.1, `${lost.testLoss}`);
    assert(Math.abs(kept.testLoss! - lost.testLoss!) > 1e-3, `${kept.testLoss}`);
    // The average has batch statistics of its own.
    assert(Math.abs(kept.testLoss! - other.testLoss!) > 1e-3, `${other.testLoss}`);
    // At the parameters nothing is lost.
    for (const name of ["lastTestLoss", "lastTestError", "evalOnTrainLoss"] as const) {
      assert(kept[name]! > 0);
      assertEquals([kept[name], kept[name]], [lost[name], other[name]], name);
    }
  }));

for (const [epochs, told] of [[389, true], [390, false]] as const) {
  const what = told ? "equals the last parameters to the end" : "begins in the last step";
  Deno.test(`moving average: ${told ? "" : "not "}told where it ${what}`, () =>
    withoutLeaks(async () => {
      const messages = [];
      for await (const event of fit(await buildTask({ ...config, epochs }))) {
        if (event.type === "step") break;
        if (event.type === "warning") messages.push(event.message);
      }
      const expected = "The moving average will equal the last parameters: it begins after 1560 " +
        "steps, as in the reference, and this run has 1556";
      assertEquals(messages, told ? [expected] : []);
    }));
}
