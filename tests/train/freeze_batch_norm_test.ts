/** Which runs train with the running statistics of batch normalisation, and leave them. */
import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { encodeFlax } from "../../lib/checkpoints/mod.ts";
import { namedLeaves, random, tf, type Tree } from "../../lib/tensorflow/mod.ts";
import {
  buildTask,
  ConfigError,
  defaultConfig,
  fit,
  latestCheckpoint,
  type TrainConfig,
} from "../../lib/train/mod.ts";
import { filledTree } from "../_filled.ts";
import { largestDifference } from "../_fixtures.ts";
import { values, withoutLeaks } from "../_tensors.ts";
import { withFolder } from "./_runs.ts";

const config: TrainConfig = {
  ...defaultConfig,
  dataset: "synthetic_32",
  trainCount: 2,
  testCount: 2,
  batchSize: 2,
  imageSize: 32,
};

/** Whether a pass in training leaves the statistics as they are. */
async function isFrozen(changes: Partial<TrainConfig>): Promise<boolean> {
  const { model, inputShape } = await buildTask({ ...config, ...changes });
  return tf.tidy(() => {
    const variables = model.init(0, inputShape);
    const images = random.normal(random.seed(1), inputShape);
    const { state } = model.apply(variables, images, { train: true, seed: random.seed(2) });
    return largestDifference(state as Tree, variables.state) === 0;
  });
}

/** It need not exist before the run begins. */
const initFrom = "checkpoint";

Deno.test("freezeBatchNorm: EfficientNets that begin from a checkpoint, unless told otherwise", () =>
  withoutLeaks(async () => {
    const model = "efficientnet_b0";
    const cases: [changes: Partial<TrainConfig>, frozen: boolean][] = [
      [{ model }, false],
      [{ model, initFrom }, true],
      [{ model: "efficientnet-b0", initFrom }, true],
      [{ model, initFrom, freezeBatchNorm: false }, false],
      [{ model, freezeBatchNorm: true }, true],
      [{ model: "wide_resnet_10_1", initFrom }, false],
      [{ model: "resnet_50", initFrom }, false],
    ];
    for (const [changes, frozen] of cases) {
      assertEquals(await isFrozen(changes), frozen, JSON.stringify(changes));
    }
  }));

Deno.test("freezeBatchNorm: a finetuned EfficientNet ends with the checkpoint's statistics", () =>
  withoutLeaks(() =>
    withFolder(async (folder) => {
      const run: TrainConfig = {
        ...config,
        model: "efficientnet_b0",
        initFrom: join(folder, "pretrained"),
        epochs: 1,
      };
      const { model, inputShape } = await buildTask(run);
      const variables = model.init(7, inputShape);
      const filled = filledTree(variables.state);
      using file = Deno.openSync(run.initFrom!, { write: true, create: true });
      const checkpoint = { "0": { params: variables.params }, "1": filled };
      for (const piece of encodeFlax(checkpoint)) file.writeSync(piece);
      const task = await buildTask(run);
      const events = await Array.fromAsync(fit(task, { folder }));
      assertEquals(events.at(-1)!.type, "end");
      const { arrays } = (await latestCheckpoint(folder))!;
      for (const [path, leaf] of namedLeaves(filled)) {
        assertEquals(values(leaf), Array.from(arrays[`state/${path}`]!.data as Float32Array), path);
      }
      const kernel = "Stem_0/conv2d/kernel";
      const before = namedLeaves(variables.params).find(([path]) => path === kernel)![1];
      assertNotEquals(values(before), Array.from(arrays[`params/${kernel}`]!.data as Float32Array));
      tf.dispose([variables.params, variables.state, filled] as unknown as tf.TensorContainer);
    })
  ));

Deno.test("freezeBatchNorm: networks that do not have it are refused", async () => {
  const error = await assertRejects(
    () => buildTask({ ...config, model: "wide_resnet_10_1", freezeBatchNorm: true }),
    ConfigError,
    "only EfficientNets have that",
  );
  assertEquals(error.key, "model");
});
