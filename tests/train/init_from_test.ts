import { Buffer } from "node:buffer";
import { join } from "node:path";
import { assertEquals, assertRejects } from "@std/assert";
import { encodeFlax } from "../../lib/checkpoints/mod.ts";
import { buildModel } from "../../lib/models/mod.ts";
import { namedLeaves, tf } from "../../lib/tensorflow/mod.ts";
import {
  buildTask,
  ConfigError,
  defaultConfig,
  fit,
  latestCheckpoint,
  type TrainConfig,
} from "../../lib/train/mod.ts";
import { assertClose, withoutLeaks } from "../_tensors.ts";

/** Steps so small that the parameters stay what they were at first. */
const config: TrainConfig = {
  ...defaultConfig,
  dataset: "synthetic_16",
  model: "wide_resnet_10_1",
  trainCount: 20,
  testCount: 20,
  batchSize: 10,
  epochs: 1,
  learningRate: 1e-30,
};

/** Trains. @returns the warnings, and the parameters in the end */
async function run(changes: Partial<TrainConfig>) {
  const folder = await Deno.makeTempDir();
  try {
    const warnings: string[] = [];
    for await (const event of fit(await buildTask({ ...config, ...changes }), { folder })) {
      if (event.type === "warning") warnings.push(event.message);
    }
    const { arrays } = (await latestCheckpoint(folder))!;
    return { warnings, arrays };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A FLAX checkpoint of the network for so many classes. */
function writeCheckpoint(classes: number): string {
  return tf.tidy(() => {
    const { params, state } = buildModel(config.model, { classes }).init(7, [10, 16, 16, 1]);
    const path = Deno.makeTempFileSync();
    using file = Deno.openSync(path, { write: true });
    for (const piece of encodeFlax({ "0": { params }, "1": state })) file.writeSync(piece);
    return path;
  });
}

Deno.test("initFrom: a run begins with the checkpoint's parameters", () =>
  withoutLeaks(async () => {
    const initFrom = writeCheckpoint(10);
    const { warnings, arrays } = await run({ initFrom });
    assertEquals(warnings, []);
    tf.tidy(() => {
      const { params } = buildModel(config.model, { classes: 10 }).init(7, [10, 16, 16, 1]);
      for (const [path, tensor] of namedLeaves(params)) {
        assertClose(tensor, arrays[`params/${path}`]!.data as Float32Array, 1e-20);
      }
    });
    await Deno.remove(initFrom);
  }));

Deno.test("initFrom: for other classes the last layer is drawn anew, and a warning says so", () =>
  withoutLeaks(async () => {
    const initFrom = writeCheckpoint(3);
    const { warnings, arrays } = await run({ initFrom });
    assertEquals(warnings, [
      "Drawn anew, as the checkpoint has another number of classes: Dense_3/bias, Dense_3/kernel",
    ]);
    const fresh = await run({});
    const head = "params/Dense_3/kernel", body = "params/init_conv/kernel";
    assertEquals(arrays[head], fresh.arrays[head]);
    assertEquals(arrays[body]!.data[0] === fresh.arrays[body]!.data[0], false);
    await Deno.remove(initFrom);
  }));

Deno.test("initFrom: a checkpoint that does not fit is an error of the configuration", () =>
  withoutLeaks(async () => {
    await assertRejects(() => run({ initFrom: "/nothing" }), ConfigError, "there is no such file");
    const initFrom = writeCheckpoint(10);
    await assertRejects(
      () => run({ initFrom, model: "wide_resnet_16_1" }),
      ConfigError,
      "it has no 0/params/WideResnetGroup_0/WideResnetBlock_1",
    );
    await Deno.remove(initFrom);
  }));

Deno.test("initFrom: a run's checkpoint of a newer format is refused, also as a folder's newest", () =>
  withoutLeaks(async () => {
    const folder = await Deno.makeTempDir();
    await Array.fromAsync(fit(await buildTask(config), { folder }));
    const path = join(folder, "checkpoint_1.safetensors");
    const text = Buffer.from(await Deno.readFile(path)).toString("latin1");
    const write = (format: string) =>
      Deno.writeFile(path, Buffer.from(text.replace('"format":"2"', format), "latin1"));
    assertEquals((await run({ initFrom: path })).warnings, []);
    await write('"format":"9"');
    for (const initFrom of [path, folder]) {
      await assertRejects(
        () => run({ initFrom }),
        ConfigError,
        `Cannot begin with ${path}: it is of format 9, which a newer version wrote; this one knows ` +
          "those up to 2. Begin with that version",
      );
    }
    // As other programs name what wrote the file.
    await write('"format":"p"');
    assertEquals((await run({ initFrom: path })).warnings, []);
    await Deno.remove(folder, { recursive: true });
  }));
