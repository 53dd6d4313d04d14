/**
 * A process of the benches of scale: steps of SAM, of one worker or several, whose figures it prints as
 * JSON. `TF_CONFIG` says which workers there are.
 *
 *     deno run -A bench/peers/_scale.ts '{"network": {…}, "microBatch": 64, "steps": 5}'
 *
 * @module
 */
import { clusterFrom, meanOverWorkers, Workers } from "../../lib/distributed/mod.ts";
import { wideResNet } from "../../lib/models/mod.ts";
import { accumulate, sam, sgd, valueAndGrad } from "../../lib/optim/mod.ts";
import { compile, mapTree, random, tf, type Tree } from "../../lib/tensorflow/mod.ts";
import { crossEntropyLoss, trainStep } from "../../lib/train/mod.ts";
import type { Network } from "../_protocol.ts";

/** What it is asked for. */
export interface ScaleRequest {
  /** Its batch is that of this worker. */
  readonly network: Network;
  /** Examples at once; default the batch. */
  readonly microBatch?: number;
  readonly steps: number;
}

/** What it measured: medians in milliseconds, and its largest memory. */
export interface ScaleFigures {
  /** Of a step of this worker alone. */
  readonly compute: number;
  /** Of one together with the others, and of the mean of its gradients alone; 0 without others. */
  readonly step: number;
  readonly reduce: number;
  readonly peakBytes: number;
}

const { network, microBatch, steps } = JSON.parse(Deno.args[0]!) as ScaleRequest;
const { blocks, width, batch, size } = network;
const cluster = clusterFrom();
using workers = cluster && await Workers.connect(cluster);
const model = wideResNet({ depth: 6 * blocks + 4, width, classes: 10 });
const seed = random.seed(0);
const images = random.normal(seed, [batch, size, size, 3]);
const labels = tf.oneHot(tf.range(0, batch, 1, "int32").mod(tf.scalar(10, "int32")), 10).toFloat();

/** Steps one after another, all beginning together. @returns milliseconds of each but the first */
async function time(together: boolean): Promise<number[]> {
  const whole = valueAndGrad(crossEntropyLoss(model, { weightDecay: 5e-4 }));
  const small = microBatch === undefined
    ? whole
    : accumulate(whole, { microBatchSize: microBatch });
  const own = sam(small, { rho: 0.05 });
  const gradient = together ? meanOverWorkers(own, workers!) : own;
  const { init, step } = trainStep(gradient, sgd(0.1, { momentum: 0.9 }), { gradientClipping: 5 });
  const compiled = compile(step, { donate: [0] });
  let state = init(model.init(0, images.shape));
  return await timed(async () => {
    const result = await compiled(state, { images, labels }, seed);
    state = result.state;
    tf.dispose(Object.values(result.metrics));
  });
}

/** The mean of something as large as the gradients. */
async function timeReduce(): Promise<number[]> {
  const { params } = model.init(0, images.shape);
  const mean = compile((tree: Tree) => workers!.meanOf(tree));
  return await timed(async () => {
    const found = await mean(params);
    mapTree((leaf) => (leaf.dispose(), leaf), found);
  });
}

async function timed(run: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index <= steps; index++) {
    await workers?.exchange([0]);
    const begun = performance.now();
    await run();
    if (index > 0) times.push(performance.now() - begun);
  }
  return times;
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** What Linux counted as this process's peak. */
function peakBytes(): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
}

const figures: ScaleFigures = {
  compute: median(await time(false)),
  step: workers === undefined ? 0 : median(await time(true)),
  reduce: workers === undefined ? 0 : median(await timeReduce()),
  peakBytes: peakBytes(),
};
await workers?.exchange([0]);
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(figures) + "\n"));
Deno.exit(0);
