import { assert, assertEquals } from "@std/assert";
import { wideResNet } from "../../lib/models/wide_resnet.ts";
import { compile, random, tf } from "../../lib/tensorflow/mod.ts";
import { buildTask, defaultConfig, fit, latestCheckpoint } from "../../lib/train/mod.ts";
import { initialState, trainStep } from "../../lib/train/step.ts";
import { fixture, ignoreFixtures, largestDifference } from "../_fixtures.ts";
import { assertSameBits, scoped, withoutLeaks } from "../_tensors.ts";
import { oracleParts } from "./_oracle.ts";

const model = wideResNet({ depth: 10, width: 1, classes: 10 });

for (const name of ["small_sgd_ema", "small_sgd_ema_late"]) {
  for (const compiled of [false, true]) {
    Deno.test({
      name: `moving average: ${name} as the reference, ${compiled ? "compiled" : "eager"}`,
      ignore: ignoreFixtures,
      fn: scoped(() => {
        const oracle = fixture(name);
        const { flags, per_step: steps } = oracle.scalars;
        const averageDecay = flags.ema_decay;
        const { gradient, optimizer, gradientClipping } = oracleParts(flags, model);
        const pure = trainStep(gradient, optimizer, { gradientClipping, averageDecay });
        const step = compiled ? compile(pure).sync : pure;
        let state = initialState(
          { params: oracle.tree("init_params"), state: oracle.tree("init_state") },
          optimizer,
          { averageDecay },
        );
        state = { ...state, step: tf.scalar(steps[0].step_after - 1, "int32") };
        for (const index of steps.keys()) {
          const batch = {
            images: oracle.array(`image_${index}`),
            labels: oracle.array(`label_${index}`),
          };
          ({ state } = step(state, batch, random.seed(0)));
          const { params, state: statistics } = state.average!;
          const difference = Math.max(
            largestDifference(params, oracle.tree(`ema_params_${index}`)),
            largestDifference(statistics, oracle.tree(`ema_state_${index}`)),
          );
          assert(difference <= 1e-5, `after step ${index} averages differ by ${difference}`);
        }
      }),
    });
  }
}

Deno.test("moving average: it is saved, resumed and evaluated", () =>
  withoutLeaks(async () => {
    const folder = await Deno.makeTempDir();
    const task = await buildTask({
      ...defaultConfig,
      dataset: "synthetic_16",
      model: "wide_resnet_10_1",
      trainCount: 40,
      testCount: 20,
      batchSize: 10,
      epochs: 2,
      emaDecay: 0.99,
    });
    const errors: number[] = [];
    for await (const event of fit(task, { folder })) {
      if (event.type === "epoch") errors.push(event.row.testError);
    }
    assertEquals(errors.length, 2);
    const { arrays } = (await latestCheckpoint(folder))!;
    const name = "init_conv/kernel";
    // The first 1,560 steps are not averaged.
    tf.tidy(() => {
      const tensor = (path: string) => tf.tensor1d(arrays[path]!.data as Float32Array);
      assertSameBits(tensor(`average/params/${name}`), tensor(`params/${name}`));
    });
    await Deno.remove(folder, { recursive: true });
  }));
