/** Runs in bfloat16: near the original's, to be stopped and resumed, and runs of their own. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { wideResNet } from "../../lib/models/mod.ts";
import { sgd } from "../../lib/optim/mod.ts";
import { compile, leaves, random, tf } from "../../lib/tensorflow/mod.ts";
import {
  assess,
  batches,
  buildTask,
  classificationEvaluator,
  ConfigError,
  fit,
  openTrained,
  runId,
  train,
  type TrainConfig,
  trainStep,
} from "../../lib/train/mod.ts";
import { fixture } from "../_fixtures.ts";
import { scoped, values, withoutLeaks } from "../_tensors.ts";
import { oracleBatch, oracleStep, oracleVariables } from "./_oracle.ts";
import { ofType, readUntil, sha256Of, tinyConfig, withFolder } from "./_runs.ts";

const config: TrainConfig = { ...tinyConfig, precision: "bfloat16" };

/** Of a loss or norm; found: 0.6 %. */
const TOLERANCE = 0.02;

for (
  const run of ["small_sgd", "small_sam", "small_sam_ls", "small_sam_nowdbn", "small_sam_rmsprop"]
) {
  Deno.test(
    `precision: three steps of ${run} in bfloat16 within ${100 * TOLERANCE} % of the reference's`,
    scoped(() => {
      const oracle = fixture(run);
      const { flags, per_step: steps } = oracle.scalars;
      const model = wideResNet({ depth: 10, width: 1, classes: 10 });
      const { init, step: pure } = oracleStep(flags, model);
      const step = compile(pure, { precision: "bfloat16" });
      let state = init(oracleVariables(oracle));
      for (const [index, expected] of steps.entries()) {
        const result = step.sync(state, oracleBatch(oracle, index), random.seed(0));
        state = result.state;
        const near = (actual: tf.Tensor, wanted: number) => {
          const off = Math.abs(values(actual)[0]! / wanted - 1);
          assert(off <= TOLERANCE, `step ${index}: off by ${off}`);
        };
        near(result.metrics.loss, expected.train_loss[0]);
        near(result.metrics.gradientNorm, expected.gradient_norm[0]);
        near(result.metrics.parameterNorm, expected.param_norm[0]);
      }
      step.dispose();
    }),
  );
}

Deno.test("precision: a run in bfloat16 goes on bit for bit where it was stopped", () =>
  withoutLeaks(() =>
    withFolder(async (folder) => {
      const task = () => buildTask(config);
      const whole = await Array.fromAsync(fit(await task()));
      const stopped = await readUntil(
        (signal) =>
          (async function* () {
            yield* fit(await task(), { folder, signal });
          })(),
        (event) => event.type === "step" && event.step === 4,
      );
      assertEquals(ofType(stopped, "end")[0]!.reason, "interrupted");
      const rest = await Array.fromAsync(fit(await task(), { folder }));
      assertEquals(sha256Of(rest), sha256Of(whole));
      assertEquals(ofType(rest, "epoch").at(-1)!.row, ofType(whole, "epoch").at(-1)!.row);
      const exact = await Array.fromAsync(fit(await buildTask(tinyConfig)));
      assertNotEquals(sha256Of(exact), sha256Of(whole));
    })
  ));

Deno.test("precision: the evaluation is in bfloat16 too, and near that in float32", () =>
  withoutLeaks(async () => {
    const evaluated = async (precision: TrainConfig["precision"]) => {
      const task = await buildTask({ ...tinyConfig, precision });
      using evaluator = classificationEvaluator(task);
      const { init } = trainStep(task.gradient, task.optimizer);
      const state = init(task.model.init(0, task.inputShape));
      const { testLoss, testError } = (await evaluator.evaluate(state))!;
      tf.dispose(leaves(state));
      return { loss: testLoss!, error: testError! };
    };
    const [exact, narrow] = [await evaluated("float32"), await evaluated("bfloat16")];
    assertNotEquals(narrow.loss, exact.loss);
    assert(Math.abs(narrow.loss - exact.loss) <= TOLERANCE * exact.loss);
    assert(Math.abs(narrow.error - exact.error) <= 0.1);
  }));

Deno.test("precision: float32 is what runs were before there was a choice", async () => {
  const { precision: _, ...older } = tinyConfig;
  assertEquals(runId(tinyConfig), runId(older as TrainConfig));
  assertNotEquals(runId(config), runId(tinyConfig));
  const task = await buildTask(tinyConfig);
  const { precision: __, ...withoutPrecision } = task;
  const digest = async (given: typeof task) => sha256Of(await Array.fromAsync(fit(given)));
  assertEquals(await digest(task), await digest(withoutPrecision));
});

Deno.test("precision: another one is refused by name", async () => {
  const wrong = { ...tinyConfig, precision: "float16" } as unknown as TrainConfig;
  const error = await assertRejects(
    () => buildTask(wrong),
    ConfigError,
    'Cannot use precision "float16": it must be one of float32, bfloat16',
  );
  assertEquals(error.key, "precision");
});

Deno.test("precision: a task of its own trains and is evaluated in its precision", () =>
  withoutLeaks(async () => {
    const figures = async (precision: TrainConfig["precision"]) => {
      const w = tf.fill([2, 1], 1 + 2 ** -10);
      const x = tf.tensor2d([[1, 2], [3, 4], [5, 6], [7, 8]]);
      const data = batches({ x }, { batchSize: 2, shuffle: false });
      const events = await Array.fromAsync(fit({
        parameters: { w },
        loss: ({ w }, { x }) => tf.mean(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D)),
        optimizer: sgd(0),
        training: data,
        evaluation: data,
        epochs: 1,
        precision,
      }));
      tf.dispose([w, x]);
      return events.find((event) => event.type === "epoch")!.row;
    };
    const [exact, narrow] = [await figures("float32"), await figures("bfloat16")];
    assertEquals([narrow.trainLoss, narrow.testLoss], [9, 9]);
    const fine = Math.fround(9 * (1 + 2 ** -10));
    for (const loss of [exact.trainLoss, exact.testLoss]) {
      assert(Math.abs(Number(loss) - fine) < 1e-5, `${loss}`);
    }
  }));

Deno.test("precision: a run in bfloat16 says once where that costs time", async () => {
  const name = "TF_ENABLE_ONEDNN_OPTS";
  const before = Deno.env.get(name);
  Deno.env.set(name, "0");
  try {
    const told = (given: TrainConfig) => buildTask(given).then(({ warnings }) => warnings);
    assertEquals(await told(config), [
      "Training in bfloat16 is several times slower than in float32 here, as " +
      "TF_ENABLE_ONEDNN_OPTS=0 turns off oneDNN",
    ]);
    assertEquals(await told(tinyConfig), []);
  } finally {
    if (before === undefined) Deno.env.delete(name);
    else Deno.env.set(name, before);
  }
});

Deno.test("precision: a checkpoint is assessed in its run's precision", () =>
  withoutLeaks(() =>
    withFolder(async (folder) => {
      const events = await Array.fromAsync(train({ ...config, labelSmoothing: 0 }, { folder }));
      const { row } = ofType(events, "epoch").at(-1)!;
      const lossIn = async (precision: TrainConfig["precision"]) => {
        using trained = await openTrained(folder, { precision });
        return (await assess(trained)).loss;
      };
      const [half, full] = [await lossIn("bfloat16"), await lossIn("float32")];
      // Sums over other batches' ends.
      assertAlmostEquals(half, row.testLoss!, 1e-5);
      assertNotEquals(full, half);
    })
  ));
