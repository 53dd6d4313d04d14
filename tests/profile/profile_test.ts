/** Where a step's time and memory go: figures that add up, layers and passes in their places. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { profileCommand } from "../../lib/commands/profile.ts";
import { wideResNet } from "../../lib/models/mod.ts";
import { sam, sgd, valueAndGrad } from "../../lib/optim/mod.ts";
import { type Profile, profile } from "../../lib/profile/mod.ts";
import { sumByPrimitive } from "../../lib/profile/_sums.ts";
import { lacksBfloat16Units, type Precision, random, tf } from "../../lib/tensorflow/mod.ts";
import { crossEntropyLoss, trainStep } from "../../lib/train/mod.ts";
import { cli } from "../train/_runs.ts";
import { recorder } from "../terminal/_recorder.ts";
import { leavesNothing } from "../tensorflow/_leaks.ts";

const model = wideResNet({ depth: 10, width: 1, classes: 10 });
const SHAPE = [8, 16, 16, 3];

function measured(precision: Precision = "float32", rho = 0.05): Profile {
  return tf.tidy(() => {
    const gradient = sam(valueAndGrad(crossEntropyLoss(model)), { rho });
    const { init, step } = trainStep(gradient, sgd(0.1));
    const images = random.normal(random.seed(1), SHAPE);
    const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 3, 4, 5, 6, 7], "int32"), 10).toFloat();
    const args = [init(model.init(0, SHAPE)), { images, labels }, random.seed(0)] as const;
    return profile(step, [...args], { precision, runs: 3 }) as unknown as tf.TensorContainer;
  }) as unknown as Profile;
}

Deno.test("profile: every layer with parameters is there, in the order of the network", () => {
  const { layers } = measured();
  const wanted = [...model.shapes(SHAPE).layers.keys()];
  assertEquals(layers.map(({ layer }) => layer), [...wanted, ""]);
  for (const { layer, passes, milliseconds } of layers.slice(0, -1)) {
    assert(milliseconds > 0, layer);
    for (const pass of ["ascent", "descent"]) {
      assert(passes[`${pass} forward`]! > 0, `${layer}: ${pass} forward`);
      assert(passes[`${pass} backward`]! > 0, `${layer}: ${pass} backward`);
    }
  }
  assert(layers.at(-1)!.passes.update! > 0);
});

Deno.test("profile: SGD has one pass", () => {
  const passes = new Set(
    measured("float32", 0).layers.flatMap(({ passes }) => Object.keys(passes)),
  );
  assertEquals(passes, new Set(["descent forward", "descent backward", "update"]));
});

Deno.test("profile: its figures add up", () => {
  const found = measured();
  const { layers, operations, records, operationMilliseconds, tracedMilliseconds } = found;
  const total = (sums: readonly { milliseconds: number }[]) =>
    sums.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  for (const sums of [layers, operations]) {
    assert(Math.abs(total(sums) - operationMilliseconds) < 1e-6 * operationMilliseconds);
    assert(Math.abs(sums.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-6);
    const held = sums.reduce((sum, { bytesAtPeak }) => sum + bytesAtPeak, 0);
    assertEquals(held, found.peakBytes);
    assertEquals(sums.reduce((sum, part) => sum + part.operations, 0), records.length);
  }
  // Some run at the same time, none longer than the whole.
  const threads = navigator.hardwareConcurrency;
  assert(operationMilliseconds < threads * 1.1 * tracedMilliseconds + 1);
  const end = Math.max(...records.map(({ start, microseconds }) => start + microseconds));
  assert(end / 1000 <= 1.05 * tracedMilliseconds + 1, `${end} µs of ${tracedMilliseconds} ms`);
  assert(found.milliseconds > 0);
});

Deno.test("profile: activations that the backward pass needs are in memory at the peak", () => {
  const { layers, peakBytes } = measured();
  const [first] = layers;
  // Its output, float32 [8, 16, 16, 16].
  assert(first!.bytesAtPeak >= 8 * 16 * 16 * 16 * 4, `${first!.bytesAtPeak}`);
  const narrow = measured("bfloat16");
  assert(narrow.peakBytes < 0.8 * peakBytes, `${narrow.peakBytes} of ${peakBytes}`);
});

Deno.test("profile: tells what layers compute in", () => {
  const dtypes = (precision: Precision) =>
    new Set(
      measured(precision).layers.filter(({ layer }) => /conv|bn/.test(layer))
        .map(({ dtype }) => dtype),
    );
  assertEquals(dtypes("float32"), new Set(["float32"]));
  assertEquals(dtypes("bfloat16"), new Set(["bfloat16"]));
});

Deno.test("profile: oneDNN's executions are summed by what computes in what", () => {
  const record = (direction: string, dtypes: string[], milliseconds: number) => ({
    ...{ primitive: "convolution", implementation: "jit:avx512_core", problem: "" },
    ...{ direction, dtypes, milliseconds },
  });
  const records = [
    record("forward_training", ["f32"], 1),
    record("backward_data", ["f32"], 6),
    record("forward_training", ["f32"], 2),
    record("forward_training", ["bf16"], 1),
  ];
  const sums = sumByPrimitive(records);
  assertEquals(
    sums.map(({ direction, dtypes, ...of }) => [
      ...[direction, ...dtypes, of.milliseconds, of.share, of.executions],
    ]),
    [
      ["backward_data", "f32", 6, 0.6, 1],
      ["forward_training", "f32", 3, 0.3, 2],
      ["forward_training", "bf16", 1, 0.1, 1],
    ],
  );
  assertEquals(sumByPrimitive([]), []);
});

Deno.test("profile: where oneDNN was not asked before its first use, it says so", () => {
  const found = measured();
  assertEquals(found.primitives, []);
  assertStringIncludes(`${found}`, "\n\nNo figures of oneDNN's own: it computed nothing");
});

Deno.test("profile command: oneDNN's table in a process of its own, none of its lines", async () => {
  await using child = cli([
    ...["profile", "--model", "wide_resnet_10_1", "--batch-size", "4", "--image-size", "8"],
    ...["--precision", "bfloat16", "--runs", "2"],
  ]);
  const { code, stdout } = await child.ended;
  assertEquals(code, 0);
  assert(!stdout.includes("onednn_verbose"), stdout);
  const rows = stdout.slice(stdout.indexOf("\noneDNN")).trim().split("\n").slice(1);
  if (lacksBfloat16Units() !== undefined) return; // what computes is another thing there
  const convolutions = rows.filter((row) => row.startsWith("convolution "));
  assert(convolutions.every((row) => /bf16 +bf16 +\d+ +[\d.]+ +[\d.]+$/.test(row)), stdout);
  // Seven forward in each of two passes; backward of data not to the images.
  const count = (direction: string) =>
    convolutions.filter((row) => row.startsWith(`convolution ${direction}`))
      .reduce((sum, row) => sum + Number(row.trim().split(/ +/).at(-3)), 0);
  assertEquals(
    ["forward_training", "backward_weights", "backward_data"].map(count),
    [14, 14, 12],
    stdout,
  );
});

Deno.test("profile: the trace is JSON that Perfetto reads, every operation in it once", () => {
  const { trace, records } = measured();
  const { traceEvents } = JSON.parse(trace());
  const complete = traceEvents.filter(({ ph }: { ph: string }) => ph === "X");
  assertEquals(complete.length, records.length);
  const ends = new Map<number, number>();
  for (const { ts, dur, tid, name } of complete) {
    assert(ts >= (ends.get(tid) ?? 0), `${name} begins inside of another in its lane`);
    assert(dur >= 0);
    ends.set(tid, ts + dur);
  }
  const curve = traceEvents.filter(({ ph }: { ph: string }) => ph === "C");
  assert(curve.every(({ args }: { args: { bytes: number } }) => args.bytes >= 0));
  assert(curve.length > 0);
});

Deno.test("profile: leaves arguments and results as they were, and nothing behind", () =>
  leavesNothing(() => {
    const x = tf.tensor1d([1, 2]);
    const three = tf.scalar(3);
    const variable = tf.variable(three);
    const found = profile((x: tf.Tensor) => [tf.mul(x, variable), x], [x], { runs: 1, warmUp: 0 });
    assert(found.operations.some(({ type }) => type === "Mul"));
    assertEquals([...x.dataSync()], [1, 2]);
    tf.dispose([x, three, variable]);
  }));

Deno.test("profile: refuses counts that are none, and what cannot be compiled", () => {
  const x = tf.scalar(1);
  const step = (x: tf.Tensor) => tf.square(x);
  assertThrows(
    () => profile(step, [x], { runs: 0 }),
    RangeError,
    "Cannot profile with runs 0: it must be a whole number >= 1",
  );
  assertThrows(() => profile((x: tf.Tensor) => x.dataSync(), [x]), Error, "Cannot read a tensor's");
  x.dispose();
});

Deno.test("profile command: tables by layer and operation, and the trace in a file", () =>
  leavesNothing(async () => {
    const folder = await Deno.makeTempDir();
    const output = recorder(false);
    const path = `${folder}/step.json`;
    const size = ["--model", "wide_resnet_10_1", "--batch-size", "4", "--image-size", "8"];
    const code = await profileCommand(
      [...size, "--precision", "bfloat16", "--runs", "1", "--trace", path],
      output,
    );
    assertEquals(code, 0);
    const text = output.written.join("");
    assert(/^init_conv +bfloat16( +[\d.]+){8}$/m.test(text), text);
    assert(/^\w*Conv2DBackpropFilter +14( +[\d.]+){3}$/m.test(text), text);
    assert(JSON.parse(await Deno.readTextFile(path)).traceEvents.length > 100);
    await Deno.remove(folder, { recursive: true });
  }));
