import { assert, assertEquals, assertThrows } from "@std/assert";
import { wideResNet } from "../../lib/models/mod.ts";
import {
  leaves,
  namedLeaves,
  random,
  type TensorRecord,
  tf,
  withLeaves,
} from "../../lib/tensorflow/mod.ts";
import { fixture, largestDifference } from "../_fixtures.ts";
import { assertMatches } from "../_samples.ts";
import { assertSameBits, scoped, values, withoutLeaks } from "../_tensors.ts";

for (
  const [name, depth] of [["wrn_mini_init", 16], ["wrn_mini_perturbed", 16], [
    "wrn10_1_init",
    10,
  ]] as const
) {
  Deno.test({
    name: `wide ResNet: logits and batch statistics of ${name} as the reference`,
    fn: scoped(() => {
      const oracle = fixture(name);
      const model = wideResNet({ depth, width: 1, classes: 10 });
      const variables = { params: oracle.tree("params"), state: oracle.tree("state") };
      const images = oracle.array("image");
      const evaluated = model.apply(variables, images);
      const trained = model.apply(variables, images, { train: true, seed: random.seed(0) });
      const close = (what: string, difference: number) =>
        assert(difference <= 1e-5, `${what} differ by ${difference}`);
      close("logits", largestDifference(evaluated.output, oracle.array("eval_logits")));
      close("logits in training", largestDifference(trained.output, oracle.array("train_logits")));
      assertMatches(trained.state, oracle.sample("new_state"), 1e-5, "statistics");
      assertSameBits(evaluated.state, variables.state);
    }),
  });
}

function count(shapes: ReadonlyMap<string, readonly number[]>): number {
  return [...shapes.values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

Deno.test("wide ResNet: 2.7 million parameters for WRN-16-4, 36.2 for WRN-28-10", () => {
  const millions = (depth: number, width: number) =>
    count(wideResNet({ depth, width, classes: 10 }).shapes([1, 32, 32, 3]).params) / 1e6;
  // The paper's shortcuts are convolutions, ours have no parameters.
  assertEquals(millions(16, 4).toFixed(1), "2.7");
  assertEquals(millions(28, 10).toFixed(2), "36.22");
});

Deno.test("wide ResNet: initial values by the reference's rules", () =>
  withoutLeaks(() => {
    const { params, state } = wideResNet({ depth: 10, width: 2, classes: 10 }).init(1, [
      1,
      32,
      32,
      3,
    ]);
    const at = (tree: TensorRecord, path: string) =>
      values(
        path.split("/").reduce(
          (node, name) => node[name] as TensorRecord,
          tree,
        ) as unknown as tf.Tensor,
      );
    const kernel = at(params, "WideResnetGroup_2/WideResnetBlock_0/conv2/kernel");
    const variance = kernel.reduce((sum, value) => sum + value * value, 0) / kernel.length;
    assert(Math.abs(variance / (2 / (9 * 128)) - 1) < 0.03, `variance ${variance}`);
    const dense = at(params, "Dense_3/kernel");
    assert(Math.max(...dense.map(Math.abs)) <= 1 / Math.sqrt(10));
    assertEquals(at(params, "Dense_3/bias"), Array(10).fill(0));
    assertEquals(at(params, "pre-pool-bn/scale"), Array(128).fill(1));
    assertEquals(at(params, "pre-pool-bn/bias"), Array(128).fill(0));
    assertEquals(at(state, "pre-pool-bn/mean"), Array(128).fill(0));
    assertEquals(at(state, "pre-pool-bn/var"), Array(128).fill(1));
    tf.dispose([...leaves(params), ...leaves(state)]);
  }));

Deno.test("wide ResNet: any size of image and batch, as the windows allow", () => {
  const model = wideResNet({ depth: 10, width: 1, classes: 3 });
  for (const shape of [[1, 4, 4, 1], [7, 28, 28, 1], [2, 8, 12, 3], [0, 8, 8, 3]]) {
    assertEquals(model.shapes(shape).output, [shape[0]!, 3]);
  }
  assertThrows(() => model.shapes([28, 28, 1]), RangeError, "Cannot convolve an input of shape");
});

Deno.test("wide ResNet: sizes that it cannot have are refused", () => {
  for (const depth of [4, 9, 11, 18, 28.5, -2, 0, NaN, Infinity]) {
    assertThrows(
      () => wideResNet({ depth, width: 1, classes: 10 }),
      RangeError,
      `Cannot build a wide ResNet of depth ${depth}: it must be 6n + 4`,
    );
  }
  for (const size of [0, -1, 1.5, NaN, Infinity]) {
    for (const name of ["width", "classes"]) {
      assertThrows(
        () => wideResNet({ depth: 10, width: 1, classes: 10, [name]: size }),
        RangeError,
        `Cannot build a wide ResNet of ${name} ${size}: it must be a positive integer`,
      );
    }
  }
});

Deno.test(
  "wide ResNet: with additional skip connections the images are added before the last layers",
  scoped(() => {
    const sizes = { depth: 10, width: 1, classes: 3 };
    const images = random.uniform(random.seed(1), [2, 8, 8, 3]);
    const logits = (additionalSkipConnections: boolean) => {
      const model = wideResNet({ ...sizes, additionalSkipConnections });
      const { params, state } = model.init(1, images.shape);
      const silent = namedLeaves(params).map(([path, leaf]) =>
        path.endsWith("conv/kernel") ? tf.zerosLike(leaf) : leaf
      );
      return values(model.apply({ params: withLeaves(params, silent), state }, images).output);
    };
    // Behind a first convolution of zeros nothing else is left.
    assertEquals(logits(false), Array(6).fill(0));
    assert(logits(true).every((logit) => logit !== 0));
  }),
);
