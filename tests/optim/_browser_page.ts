/** Runs in a browser: trains a LayersModel with SAM on one backend. @module */
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { samOptimizer } from "../../lib/optim/tfjs.ts";

/** What the page hands to the test. */
export interface Trained {
  readonly backend: string;
  readonly losses: readonly number[];
  readonly weights: readonly number[];
  /** Tensors after a further epoch, less those before it. */
  readonly leaked: number;
}

/** A step of SAM on the same data from the same weights, whatever the backend. */
async function trainOn(backend: string): Promise<Trained> {
  setWasmPaths("/");
  await tf.setBackend(backend);
  await tf.ready();
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, activation: "tanh", inputShape: [2] }),
      tf.layers.dense({ units: 2, activation: "softmax" }),
    ],
  });
  model.setWeights(
    model.getWeights().map(({ shape, size }) =>
      tf.tensor(Array.from({ length: size }, (_, at) => Math.sin(at + 1) / 2), shape)
    ),
  );
  const points = Array.from({ length: 32 }, (_, at) => [Math.sin(at), Math.cos(3 * at)]);
  const x = tf.tensor2d(points);
  const y = tf.oneHot(points.map(([a = 0, b = 0]) => a * b > 0 ? 1 : 0), 2);
  model.compile({
    optimizer: samOptimizer(tf.train.momentum(0.5, 0.9), { rho: 0.05 }),
    loss: "categoricalCrossentropy",
  });
  const fit = (epochs: number) =>
    model.fit(x, y, { epochs, batchSize: 32, shuffle: false, verbose: 0 });
  const { history } = await fit(20);
  const before = tf.memory().numTensors;
  await fit(1);
  const leaked = tf.memory().numTensors - before;
  const weights = model.getWeights().flatMap((tensor) => Array.from(tensor.dataSync()));
  return { backend: tf.getBackend(), losses: history.loss as number[], weights, leaked };
}

Object.assign(globalThis, { trainOn });
