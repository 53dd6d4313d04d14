import type { Workers } from "../../lib/distributed/mod.ts";
import { batchNorm, convolution, dense, globalAveragePool, model, relu } from "../../lib/nn/mod.ts";
import { compile, leaves, random, tf, tidy, type Tree } from "../../lib/tensorflow/mod.ts";
import { type GradientOptions, samGradient } from "../../lib/train/gradient.ts";

const BATCH = 24;
const network = model((scope, images) => {
  const x = convolution(scope.child("conv"), images, 4);
  return dense(scope.child("dense"), globalAveragePool(relu(batchNorm(scope.child("bn"), x))), 3);
});

/** Ways in which four workers, with six examples each, divide a batch, and how one process says it. */
const WAYS: readonly [what: string, many: Way, one?: Way][] = [
  ["each climbs by itself", { m: 6, samStatistics: true }],
  ["two climb together, normalised by their shares", { m: 12, samStatistics: true }, {
    m: 6,
    syncPerturbations: true,
    innerGroupSize: 2,
    samStatistics: true,
  }],
  ["two climb together, groups normalised", {
    m: 3,
    syncPerturbations: true,
    innerGroupSize: 4,
    samStatistics: true,
  }],
  ["the same without statistics", { m: 3, syncPerturbations: true, innerGroupSize: 4 }],
];

type Way = Pick<
  GradientOptions,
  "m" | "syncPerturbations" | "innerGroupSize" | "samStatistics"
>;

/** All numbers of SAM's gradient, metrics and batch statistics among them, for each way. */
export function gradients(workers?: Workers): { what: string; found: number[] }[] {
  return WAYS.map(([what, many, one = many]) => ({
    what,
    found: tidy(() => {
      const { size, rank } = workers ?? { size: 1, rank: 0 };
      const share = BATCH / size;
      const own = (whole: tf.Tensor) => tf.slice(whole, [rank * share], [share]);
      const labels = tf.oneHot(tf.range(0, BATCH, 1, "int32").mod(tf.scalar(3, "int32")), 3);
      const batch = {
        images: own(random.normal(random.seed(1), [BATCH, 6, 6, 3])),
        labels: own(labels.toFloat()),
      };
      const way = workers === undefined ? one : many;
      const options = { ...way, rho: 0.1, batchSize: BATCH, weightDecay: 0.01, workers };
      const compiled = compile(samGradient(network, options));
      const { params, state } = network.init(0, [BATCH, 6, 6, 3]);
      const found = compiled.sync(params, batch, { state, seed: random.seed(2) });
      compiled.dispose();
      return leaves(found as unknown as Tree).flatMap((leaf) => [...leaf.dataSync()]);
    }),
  }));
}
