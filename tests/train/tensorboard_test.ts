import { join } from "node:path";
import { assert, assertEquals } from "@std/assert";
import { tf } from "../../lib/tensorflow/backend/backend.ts";
import type { EpochEvent, TrainEvent } from "../../lib/train/events.ts";
import { createTensorBoardLog } from "../../lib/train/tensorboard.ts";
import { missingMount, testUnless } from "../_skip.ts";

const start = (epoch?: number): TrainEvent => ({
  type: "start",
  config: {},
  parameterCount: 1,
  trainExamples: 1,
  testExamples: 1,
  stepsPerEpoch: 1000,
  epochs: 4,
  resumedFrom: epoch === undefined ? undefined : { epoch, path: "" },
});

const epoch = (epoch: number, trainLoss: number): TrainEvent => ({
  type: "epoch",
  row: {
    dataset: "",
    model: "",
    method: "",
    rho: 0,
    labelNoise: 0,
    seed: 0,
    epoch,
    trainLoss,
    trainError: 0.5,
    testLoss: 2,
    testError: 0.25,
  },
  step: 1000 * epoch,
  learningRate: 0.125,
  gradientNorm: 3,
  parameterNorm: 4,
  lastGradientNorm: 5,
  lastParameterNorm: 6,
  seconds: 1,
  imagesPerSecond: 20,
  millisecondsPerStep: 50,
});

/** Runs of three epochs and, resumed after the first, of three more; returns the folder's files. */
function write(folder: string): string[] {
  {
    using log = createTensorBoardLog(folder);
    for (const event of [start(), epoch(1, 1), epoch(2, 2), epoch(3, 3)]) log.show(event);
  }
  {
    using log = createTensorBoardLog(folder);
    for (const event of [start(1), epoch(2, 12), epoch(3, 13), epoch(4, 14)]) log.show(event);
  }
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

async function inFolder(test: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sam-tensorboard-" });
  try {
    await test(join(folder, "run"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The records of an event file, whose framing is: length (8 bytes), crc (4), bytes, crc (4). */
function recordsOf(path: string): Uint8Array[] {
  const bytes = Deno.readFileSync(path);
  const view = new DataView(bytes.buffer);
  const records = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at, true));
    records.push(bytes.subarray(at + 12, at + 12 + length));
    at += 16 + length;
  }
  return records;
}

Deno.test("tensorboard: each session has a file with its mark, then the epochs' scalars", () =>
  inFolder((folder) => {
    const before = tf.memory().numTensors;
    const files = write(folder);
    assertEquals(tf.memory().numTensors, before);
    assertEquals(files.length, 2);
    const [version, mark, ...scalars] = recordsOf(join(folder, files[1]!));
    assert(new TextDecoder().decode(version).includes("brain.Event:2"));
    // step: 1001 as a varint, session_log { status: START }
    assertEquals([...mark!.subarray(9)], [0x10, 0xe9, 0x07, 0x3a, 2, 0x08, 1]);
    const tags = scalars.map((record) =>
      /(last|train|test|learning|gradient|param|examples|ms)_[a-z_]+/.exec(
        new TextDecoder().decode(record),
      )
        ?.[0]
    );
    assertEquals(tags.length, 33);
    assertEquals(tags.slice(0, 11), [
      "train_loss",
      "train_error_rate",
      "test_loss",
      "test_error_rate",
      "learning_rate",
      "gradient_norm",
      "param_norm",
      "last_gradient_norm",
      "last_param_norm",
      "examples_per_second",
      "ms_per_step",
    ]);
  }));

Deno.test("tensorboard: an epoch is in the file when it was shown; other events are ignored", () =>
  inFolder((folder) => {
    using log = createTensorBoardLog(folder);
    log.show(epoch(1, 1));
    log.show({ type: "warning", message: "" });
    log.show(start());
    log.show(epoch(1, 1));
    const [file] = Deno.readDirSync(folder);
    assertEquals(recordsOf(join(folder, file!.name)).length, 13);
    log.close();
    log.close();
  }));

/** What showing two events says where the disk is full from the beginning, or from the second on. */
async function showOnFullDisk(folder: string, full: "at first" | "later"): Promise<string> {
  const code = `
    import { createTensorBoardLog } from ${
    JSON.stringify(import.meta.resolve("../../lib/train/tensorboard.ts"))
  };
    const folder = ${JSON.stringify(folder)};
    const fill = () => { try { Deno.writeFileSync(folder + "/x", new Uint8Array(1 << 20)); } catch {} };
    using log = createTensorBoardLog(folder);
    try {
      if (${full === "at first"}) fill();
      log.show(${JSON.stringify(start())});
      fill();
      for (let n = 0; n < 99; n++) log.show(${JSON.stringify(epoch(1, 1))});
    } catch (error) {
      console.log(error.message);
    }`;
  const script = `mount -t tmpfs -o size=256k none "$0"; "$@"`;
  const deno = [Deno.execPath(), "eval", "--no-lock", code];
  const { stdout } = await new Deno.Command("unshare", {
    args: ["-rm", "sh", "-c", script, folder, ...deno],
    cwd: new URL("../..", import.meta.url).pathname,
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout);
}

for (const full of ["at first", "later"] as const) {
  testUnless(
    await missingMount(),
    `tensorboard: a disk that is full ${full} is told with the file`,
    () =>
      inFolder(async (folder) => {
        await Deno.mkdir(folder);
        const told = await showOnFullDisk(folder, full);
        const file = `${RegExp.escape(folder)}/events\\.out\\.tfevents\\.\\S+`;
        const end = "Once this is fixed, the same command goes on; or choose another output folder";
        const message = `^Cannot write ${file}: No space left on device\\. ${end}\n$`;
        assert(new RegExp(message).test(told), told);
      }),
  );
}

/** Tags and values of the scalars of one epoch. */
function scalarsOf(event: TrainEvent): Record<string, number> {
  const folder = Deno.makeTempDirSync();
  {
    using log = createTensorBoardLog(folder);
    log.show(start());
    log.show(event);
  }
  const [file] = Deno.readDirSync(folder);
  const records = recordsOf(join(folder, file!.name)).slice(2);
  Deno.removeSync(folder, { recursive: true });
  return Object.fromEntries(records.map((record) => {
    const text = new TextDecoder("latin1").decode(record);
    // Value { tag, simple_value }: the tag, then the key 0x15 of a float.
    // deno-lint-ignore no-control-regex -- it is what is looked for
    const { 1: tag, index } = /([a-z0-9_]+_(?:loss|rate|norm|second|step))\x15/.exec(text)!;
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    return [tag!, view.getFloat32(index + tag!.length + 1, true)];
  }));
}

const METRICS = {
  train_loss: 1,
  train_error_rate: 0.5,
  learning_rate: 0.125,
  gradient_norm: 3,
  param_norm: 4,
  last_gradient_norm: 5,
  last_param_norm: 6,
  examples_per_second: 20,
  ms_per_step: 50,
};

Deno.test("tensorboard: an average's figures are ema_test_…, the parameters' test_…", () => {
  const event = epoch(1, 1) as EpochEvent;
  const row = {
    ...event.row,
    testTop5Error: 0.125,
    lastTestLoss: 8,
    lastTestError: 0.75,
    lastTestTop5Error: 0.5,
    evalOnTrainLoss: 9,
    evalOnTrainError: 0.25,
    evalOnTrainTop5Error: 0,
    evalOnWrongLabelsError: 1,
    evalOnCorrectedLabelsLoss: 7,
  };
  assertEquals(scalarsOf({ ...event, row }), {
    ...METRICS,
    ema_test_loss: 2,
    ema_test_error_rate: 0.25,
    ema_test_top_5_error_rate: 0.125,
    test_loss: 8,
    test_error_rate: 0.75,
    test_top_5_error_rate: 0.5,
    eval_on_train_loss: 9,
    eval_on_train_error_rate: 0.25,
    eval_on_train_top_5_error_rate: 0,
    eval_on_wrong_labels_error_rate: 1,
    eval_on_corrected_labels_loss: 7,
  });
});

Deno.test("tensorboard: without an average the figures are test_…; none without evaluation", () => {
  const event = epoch(1, 1) as EpochEvent;
  assertEquals(scalarsOf(event), { ...METRICS, test_loss: 2, test_error_rate: 0.25 });
  const { testLoss: _, testError: __, ...row } = event.row;
  assertEquals(scalarsOf({ ...event, row }), METRICS);
});

const python = Deno.env.get("SAM_TENSORBOARD_PYTHON");

testUnless(
  python ? undefined : "SAM_TENSORBOARD_PYTHON does not name a Python that has tensorboard",
  "tensorboard: TensorBoard itself shows a resumed run without repetition",
  () =>
    inFolder(async (folder) => {
      write(folder);
      const script = new URL("_tensorboard_read.py", import.meta.url).pathname;
      const { stdout } = await new Deno.Command(python!, { args: [script, folder] }).output();
      const all = (value: number) => [1, 2, 3, 4].map((n) => [1000 * n, value]);
      assertEquals(JSON.parse(new TextDecoder().decode(stdout)), {
        train_loss: [[1000, 1], [2000, 12], [3000, 13], [4000, 14]],
        train_error_rate: all(0.5),
        test_loss: all(2),
        test_error_rate: all(0.25),
        learning_rate: all(0.125),
        gradient_norm: all(3),
        param_norm: all(4),
        last_gradient_norm: all(5),
        last_param_norm: all(6),
        examples_per_second: all(20),
        ms_per_step: all(50),
      });
    }),
);

Deno.test("tensorboard: settings and a good end are told as the HParams plugin's; nothing of none", () =>
  inFolder((folder) => {
    {
      using log = createTensorBoardLog(folder);
      const config = {
        samRho: 0.05,
        model: "small",
        evaluateTop5: true,
        list: [1, 2],
        none: undefined,
      };
      const began = start() as TrainEvent & { type: "start" };
      log.show({ ...began, config });
      log.show(epoch(1, 1));
      const end = { epoch: 1, step: 1000, sha256: "", seconds: 1 };
      log.show({ type: "end", reason: "finished", ...end });
      log.show({ ...began, config: {} });
      log.show({ type: "end", reason: "finished", ...end });
    }
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    const texts = files.map((name) =>
      recordsOf(join(folder, name)).map((record) => new TextDecoder().decode(record)).join("|")
    );
    assertEquals(texts.length, 2);
    for (const part of ["_hparams_/session_start_info", "_hparams_/session_end_info", "1,2"]) {
      assert(texts[0]!.includes(part), part);
    }
    assert(!texts[1]!.includes("_hparams_"), texts[1]);
  }));

testUnless(
  python ? undefined : "SAM_TENSORBOARD_PYTHON does not name a Python that has tensorboard",
  "tensorboard: TensorBoard's HParams plugin lists runs with their settings and results",
  () =>
    inFolder(async (folder) => {
      for (const samRho of [0, 0.05]) {
        using log = createTensorBoardLog(join(folder, `rho_${samRho}`));
        const config = { samRho, model: "small", evaluateTop5: samRho > 0 };
        log.show({ ...start() as TrainEvent & { type: "start" }, config });
        log.show(epoch(1, 1 + samRho));
        const end = { epoch: 1, step: 1000, sha256: "", seconds: 1 };
        log.show({ type: "end", reason: "finished", ...end });
      }
      const script = new URL("_tensorboard_hparams.py", import.meta.url).pathname;
      const { stdout, stderr } = await new Deno.Command(python!, { args: [script, folder] })
        .output();
      const text = new TextDecoder().decode(stdout);
      assert(text !== "", new TextDecoder().decode(stderr));
      const settings = { model: "small", evaluateTop5: false, samRho: 0 };
      assertEquals(JSON.parse(text), [
        { name: "rho_0", status: "STATUS_SUCCESS", hparams: settings, train_loss: 1 },
        {
          name: "rho_0.05",
          status: "STATUS_SUCCESS",
          hparams: { ...settings, evaluateTop5: true, samRho: 0.05 },
          train_loss: Math.fround(1.05),
        },
      ]);
    }),
);
