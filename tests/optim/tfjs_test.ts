import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { applyUpdates, type Loss, sam, sgd, valueAndGrad } from "../../lib/optim/mod.ts";
import { SamOptimizer, samOptimizer } from "../../lib/optim/tfjs.ts";
import "../../lib/tensorflow/mod.ts";
import { PASS } from "../_pass.ts";
import { assertClose, assertSameBits, pytorch, values } from "../_tensors.ts";

/** Runs a test on our engine and on TensorFlow.js's own backend in plain JavaScript. */
function onBackends(name: string, test: () => void | Promise<void>): void {
  for (const backend of ["tensorflow", "cpu"]) {
    Deno.test(`samOptimizer: ${name}, backend ${backend}`, async () => {
      await tf.setBackend(backend);
      tf.engine().startScope();
      const { random } = Math;
      Math.random = seeded(1);
      try {
        await test();
      } finally {
        Math.random = random;
        tf.engine().endScope();
        tf.disposeVariables();
      }
    });
  }
}

/** Numbers in [0, 1) for what TensorFlow.js draws without a seed, dropout for one (mulberry32). */
function seeded(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Data, and a network with everything that behaves differently in training. */
function convolutional(seed = 1) {
  const kernelInitializer = tf.initializers.heNormal({ seed });
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 2], kernelInitializer }),
      tf.layers.batchNormalization({ momentum: 0.5 }),
      tf.layers.activation({ activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units: 3, activation: "softmax", kernelInitializer }),
    ],
  });
  return { model, ...data([12, 6, 6, 2]) };
}

function perceptron(seed = 1) {
  const kernelInitializer = tf.initializers.glorotNormal({ seed });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, activation: "tanh", inputShape: [4], kernelInitializer }),
      tf.layers.dense({ units: 3, activation: "softmax", kernelInitializer }),
    ],
  });
  return { model, ...data([12, 4]) };
}

function data(shape: number[]) {
  const x = tf.randomNormal(shape, 0, 1, "float32", 7);
  const classes = Array.from({ length: shape[0]! }, (_, index) => index % 3);
  const y = tf.tidy(() => tf.oneHot(tf.tensor1d(classes, "int32"), 3).toFloat());
  return { x, y };
}

const loss = "categoricalCrossentropy";
const weights = (model: tf.LayersModel) => model.getWeights().map((weight) => weight.clone());

onBackends("fit learns, and its history is that of the first pass", async () => {
  for (const make of [perceptron, convolutional]) {
    const { model, x, y } = make();
    const optimizer = samOptimizer(tf.train.momentum(0.05, 0.9), { rho: 0.05 });
    model.compile({ optimizer, loss, metrics: ["accuracy"] });
    const before = model.evaluate(x, y) as tf.Scalar[];
    const { history } = await model.fit(x, y, { epochs: 15, batchSize: 12, verbose: 0 });
    const losses = history.loss as number[];
    assertEquals([losses.length, history.acc!.length], [15, 15]);
    assert(losses.at(-1)! < 0.7 * losses[0]!, `${losses}`);
    assertEquals(optimizer.iterations, 15);
    // Without batch normalization and dropout, the first step's loss is the model's own.
    if (make === perceptron) assertAlmostEquals(losses[0]!, values(before[0]!)[0]!, 1e-6);
  }
});

onBackends("steps leave no tensors behind, with metrics and without", async () => {
  const { model, x, y } = convolutional();
  const optimizer = samOptimizer(tf.train.adam(0.01), { rho: 0.05 });
  for (const metrics of [[], ["accuracy", "mse"]]) {
    model.compile({ optimizer, loss, metrics });
    await model.fit(x, y, { epochs: 1, batchSize: 4, verbose: 0 });
    const counted = tf.memory().numTensors;
    await model.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0 });
    await model.trainOnBatch(x, y);
    assertEquals(tf.memory().numTensors, counted);
  }
});

onBackends("rho = 0 is the base optimizer, bit for bit", async () => {
  const trained: tf.Tensor[][] = [];
  for (const wrap of [false, true]) {
    const { model, x, y } = perceptron();
    const base = tf.train.momentum(0.05, 0.9, true);
    const optimizer = wrap ? samOptimizer(base, { rho: 0 }) : base;
    model.compile({ optimizer, loss });
    await model.fit(x, y, { epochs: 3, batchSize: 5, verbose: 0, shuffle: false });
    trained.push(weights(model));
  }
  assertSameBits(trained[1]!, trained[0]!);
});

onBackends("a quadratic by hand", () => {
  const curvatures = [4, 1, 0.25];
  const start = [0.75, -1, 2];
  const w = tf.variable(tf.tensor1d(start));
  const f = () => tf.tidy(() => tf.sum(tf.mul(curvatures, tf.square(w))).mul(0.5) as tf.Scalar);
  const optimizer = samOptimizer(tf.train.sgd(0.1), { rho: 0.5 });
  const gradient = start.map((value, i) => curvatures[i]! * value);
  const norm = Math.hypot(...gradient);
  const second = start.map((value, i) => curvatures[i]! * (value + 0.5 * gradient[i]! / norm));

  const cost = optimizer.minimize(f, true)!;
  assertClose(cost, [start.reduce((sum, value, i) => sum + 0.5 * curvatures[i]! * value ** 2, 0)]);
  assertClose(w, start.map((value, i) => value - 0.1 * second[i]!));
  assertEquals(optimizer.minimize(f), null);

  // The two halves of minimize, as those write it who look at gradients in between.
  w.assign(tf.tidy(() => tf.tensor1d(start)));
  const { value, grads } = optimizer.computeGradients(f);
  assertClose(value, values(cost), 0);
  assertClose(grads[w.name]!, second);
  assertClose(w, start, 0);
  optimizer.applyGradients(grads);
  assertClose(w, start.map((value, i) => value - 0.1 * second[i]!));
});

onBackends("a gradient of zero perturbs nothing", () => {
  const w = tf.variable(tf.zeros([2]));
  const optimizer = samOptimizer(tf.train.sgd(0.1), { rho: 0.5 });
  optimizer.minimize(() => tf.sum(tf.square(w)));
  assertEquals(values(w), [0, 0]);
});

for (const { rho, x, y, start, losses, after } of pytorch.sam) {
  onBackends(`fit equals PyTorch's two passes with rho ${rho}`, async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, activation: "tanh", inputShape: [3] }),
        tf.layers.dense({ units: 2 }),
      ],
    });
    const initial = [[3, 4], [4], [4, 2], [2]].map((shape, i) => tf.tensor(start[i], shape));
    model.setWeights(initial);
    const optimizer = samOptimizer(tf.train.momentum(0.1, 0.9, true), { rho });
    model.compile({ optimizer, loss: "meanSquaredError" });
    const [inputs, targets] = [tf.tensor2d(x, [6, 3]), tf.tensor2d(y, [6, 2])];
    for (const [step, expected] of after.entries()) {
      const options = { epochs: 1, batchSize: 6, verbose: 0 as const };
      const { history } = await model.fit(inputs, targets, options);
      assertAlmostEquals(history.loss![0] as number, losses[step], 2e-6);
      model.getWeights().forEach((weight, index) => assertClose(weight, expected[index], 2e-6));
    }
  });
}

onBackends("fit agrees with sam and sgd of this library on the same network", async () => {
  const { model, x, y } = perceptron();
  type Params = readonly [tf.Tensor2D, tf.Tensor1D, tf.Tensor2D, tf.Tensor1D];
  const network = ([w1, b1, w2, b2]: Params): Loss => {
    const hidden = tf.tanh(tf.add(tf.matMul(x as tf.Tensor2D, w1), b1));
    const logits = tf.add(tf.matMul(hidden, w2), b2);
    const loss = tf.neg(tf.mean(tf.sum(tf.mul(y, tf.logSoftmax(logits)), 1))) as tf.Scalar;
    return { loss, state: {}, metrics: {} };
  };
  const base = sgd(0.1, { momentum: 0.9 });
  let params = weights(model) as unknown as Params;
  let state = base.init(params);
  const optimizer = samOptimizer(tf.train.momentum(0.1, 0.9), { rho: 0.2 });
  model.compile({ optimizer, loss });
  for (let step = 0; step < 5; step++) {
    await model.fit(x, y, { epochs: 1, batchSize: 12, verbose: 0 });
    let updates: Params;
    [updates, state] = base.update(
      sam(valueAndGrad(network), { rho: 0.2 })(params, {}, PASS).grads,
      state,
      params,
    );
    params = applyUpdates(params, updates);
    model.getWeights().forEach((weight, i) => assertClose(weight, values(params[i]!), 1e-6));
  }
});

onBackends("moving averages are those of the first pass", async () => {
  const averages: tf.Tensor[][] = [];
  for (const rho of [0, 5]) {
    const { model, x, y } = convolutional();
    const optimizer = samOptimizer(tf.train.sgd(0), { rho });
    model.compile({ optimizer, loss });
    await model.trainOnBatch(x, y);
    averages.push(model.layers[1]!.getWeights().slice(2).map((weight) => weight.clone()));
    assertNotEquals(values(averages.at(-1)![0]!), [0, 0, 0, 0]);
  }
  assertSameBits(averages[1]!, averages[0]!);
});

onBackends("both passes drop the same units", () => {
  const x = tf.ones([40]);
  const w = tf.variable(tf.ones([40]));
  const masks: number[][] = [];
  const f = () =>
    tf.tidy(() => {
      const dropped = tf.dropout(tf.mul(x, w), 0.5);
      masks.push(values(tf.greater(dropped, 0)));
      const noise = tf.sum(tf.randomNormal([3])).add(Math.random());
      masks.at(-1)!.push(...values(noise));
      return tf.sum(dropped) as tf.Scalar;
    });
  const optimizer = samOptimizer(tf.train.sgd(0.1), { rho: 0.1 });
  const { random } = Math;
  for (let step = 0; step < 3; step++) optimizer.minimize(f);
  assertEquals(masks[1], masks[0]);
  assertEquals(masks[3], masks[2]);
  assertNotEquals(masks[2], masks[0]);
  assertEquals(Math.random, random);
});

onBackends("weights come back exactly, also when the second pass fails", () => {
  const w = tf.variable(tf.tensor1d([0.1, -3e-8, 7e7]));
  const counter = tf.variable(tf.scalar(0), false);
  const before = w.clone();
  let calls = 0;
  let failing = false;
  const f = () => {
    if (failing && ++calls === 2) throw new Error("out of luck");
    counter.assign(tf.tidy(() => tf.add(counter, 1)));
    return tf.tidy(() => tf.sum(tf.square(w)) as tf.Scalar);
  };
  const optimizer = samOptimizer(tf.train.sgd(0), { rho: 1e3 });
  tf.dispose(optimizer.minimize(f, true)!);
  assertSameBits(w, before);
  assertEquals(values(counter), [1]);
  failing = true;
  assertThrows(() => optimizer.minimize(f), Error, "out of luck");
  assertSameBits(w, before);
  assertEquals(values(counter), [2]);
});

onBackends("frozen layers stay, and do not count in the norm", async () => {
  const { model, x, y } = perceptron();
  model.layers[0]!.trainable = false;
  const optimizer = samOptimizer(tf.train.sgd(0.1), { rho: 0.5 });
  model.compile({ optimizer, loss });
  const [before, trained] = model.layers.map((layer) => layer.getWeights().map((w) => w.clone()));
  await model.fit(x, y, { epochs: 1, batchSize: 12, verbose: 0 });
  assertSameBits(model.layers[0]!.getWeights(), before!);
  assertNotEquals(values(model.layers[1]!.getWeights()[0]!), values(trained![0]!));

  // A variable of the list that is not trainable, and one that does not matter.
  const [w, frozen, idle] = [true, false, true].map((trainable) =>
    tf.tidy(() => tf.variable(tf.tensor1d([3]), trainable))
  ) as [tf.Variable, tf.Variable, tf.Variable];
  const two = samOptimizer(tf.train.momentum(0.1, 0.9), { rho: 1 });
  const f = () => tf.tidy(() => tf.sum(tf.square(tf.add(w, frozen))) as tf.Scalar);
  two.minimize(f, false, [w, frozen, idle]);
  assertClose(w, [3 - 0.1 * 2 * 7]);
  assertEquals([values(frozen), values(idle)], [[3], [3]]);
});

onBackends("what a loss keeps is disposed with its like of the other pass", () => {
  const w = tf.variable(tf.tensor1d([2]));
  const optimizer = samOptimizer(tf.train.sgd(0), { rho: 1 });
  const all: tf.Tensor[] = [];
  let last: tf.Tensor;
  const f = () => {
    const loss = tf.sum(tf.square(w));
    all.push(last = tf.keep(tf.mul(loss, 10)));
    return loss as tf.Scalar;
  };
  optimizer.minimize(f);
  assertEquals(all.map((tensor) => values(tensor)[0]), [40, 90]);
  last!.dispose();
  assert(all.every((tensor) => tensor.isDisposed));
  optimizer.minimize(f);
  all[2]!.dispose();
  assert(all.every((tensor) => tensor.isDisposed));
});

onBackends("models are saved and loaded with it, and go on as if they had not been", async () => {
  for (
    const base of [
      () => tf.train.sgd(0.05),
      () => tf.train.momentum(0.05, 0.9, true),
      () => tf.train.rmsprop(0.01),
      () => tf.train.adam(0.01),
    ]
  ) {
    const { model, x, y } = perceptron();
    const optimizer = samOptimizer(base(), { rho: 0.05 });
    model.compile({ optimizer, loss, metrics: ["accuracy"] });
    const options = { epochs: 2, batchSize: 12, verbose: 0 as const };
    await model.fit(x, y, options);
    let artifacts: tf.io.ModelArtifacts;
    await model.save(
      tf.io.withSaveHandler((saved) => {
        // As files would hold it.
        artifacts = { ...JSON.parse(JSON.stringify(saved)), weightData: saved.weightData };
        return Promise.resolve({
          modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" as const },
        });
      }),
      { includeOptimizer: true },
    );
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts!));
    const restored = loaded.optimizer as SamOptimizer;
    assertEquals([restored.getClassName(), restored.rho], ["SAM", 0.05]);
    assertEquals(restored.base.getConfig(), optimizer.base.getConfig());
    assertEquals(restored.iterations, 2);
    await model.fit(x, y, options);
    await loaded.fit(x, y, options);
    assertEquals([restored.iterations, optimizer.iterations], [4, 4]);
    loaded.getWeights().forEach((w, i) => assertClose(w, values(model.getWeights()[i]!), 1e-6));
  }
});

onBackends("its settings are saved, and unknown bases named", async () => {
  const optimizer = samOptimizer(tf.train.sgd(0.3), { rho: 0.1 });
  const config = optimizer.getConfig();
  assertEquals(JSON.parse(JSON.stringify(config)), {
    rho: 0.1,
    base: { className: "SGD", config: { learningRate: 0.3 } },
  });
  const again = SamOptimizer.fromConfig(SamOptimizer, config) as SamOptimizer<tf.SGDOptimizer>;
  assertEquals(again.getConfig(), config);
  assert(again instanceof tf.Optimizer);
  again.base.setLearningRate(0.01);
  assertEquals((again.getConfig().base as { config: unknown }).config, { learningRate: 0.01 });
  const saved = await again.saveIterations();
  assertEquals([saved.name, values(saved.tensor)], ["iter", [0]]);
  assertThrows(
    () =>
      SamOptimizer.fromConfig(SamOptimizer, {
        rho: 0.1,
        base: { className: "Mine", config: {} },
      }),
    Error,
    "Cannot load SAM over the optimizer Mine: register its class",
  );
  const { c: rate } = again.base as unknown as { c: tf.Tensor };
  again.dispose();
  assert(rate.isDisposed);
});

onBackends("bad settings, and losses of nothing, are refused", () => {
  const base = tf.train.sgd(0.1);
  for (const rho of [-0.1, NaN, Infinity]) {
    assertThrows(() => samOptimizer(base, { rho }), RangeError, `Cannot perturb with rho ${rho}`);
  }
  for (const none of [null, undefined, "sgd", {}, 3]) {
    assertThrows(
      () => samOptimizer(none as unknown as tf.Optimizer, { rho: 0.1 }),
      TypeError,
      "its base is not a tf.Optimizer",
    );
  }
  const optimizer = samOptimizer(base, { rho: 0.1 });
  const w = tf.variable(tf.scalar(1));
  const frozen = tf.variable(tf.scalar(1), false);
  const square = () => tf.square(w) as tf.Scalar;
  assertThrows(() => optimizer.minimize(square, false, [frozen]), Error, "trainable");
  assertThrows(() => optimizer.minimize(() => tf.scalar(1), false, [w]), Error, "connection");
  assertEquals(values(w), [1]);
});

Deno.test("samOptimizer needs TensorFlow.js and nothing else", async () => {
  const folder = new URL("../../lib/optim/", import.meta.url);
  const imports = async (file: string): Promise<string[]> => {
    const source = await Deno.readTextFile(new URL(file, folder));
    return [...source.matchAll(/from "(.+)";/g)].map(([, from]) => from!)
      .filter((from) => !from.startsWith("sam/"));
  };
  const all = ["./_sam_options.ts", "@tensorflow/tfjs"];
  assertEquals([...new Set(await imports("tfjs.ts"))].sort(), all);
  assertEquals(await imports("_sam_options.ts"), []);
});
