/**
 * Three SAM steps of a small wide ResNet against the original code's, from a file of the repository:
 * `oracle_test.ts` has more, but needs the fixtures.
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { wideResNet } from "../../lib/models/mod.ts";
import { sam, sgd, valueAndGrad } from "../../lib/optim/mod.ts";
import {
  compile,
  namedLeaves,
  random,
  type TensorRecord,
  tf,
  type Tree,
} from "../../lib/tensorflow/mod.ts";
import { crossEntropy } from "../../lib/train/loss.ts";
import { decodeSafetensors } from "../../lib/checkpoints/safetensors.ts";
import { initialState, trainStep } from "../../lib/train/step.ts";
import { assertClose, scoped, summary } from "../_tensors.ts";

/** Made by `small_sam.ts` beside it. */
const GOLDEN = new URL("../goldens/small_sam.safetensors", import.meta.url);
const { arrays, metadata } = decodeSafetensors(Deno.readFileSync(GOLDEN));

const tensor = (name: string) => {
  const { data, shape } = arrays[name]!;
  return tf.tensor(data as Float32Array, [...shape]);
};

/** The arrays below a name, as a tree. */
function tree(prefix: string): TensorRecord {
  const root: Record<string, unknown> = {};
  for (const name of Object.keys(arrays).filter((name) => name.startsWith(`${prefix}/`))) {
    const path = name.slice(prefix.length + 1).split("/");
    const last = path.pop()!;
    let record = root;
    for (const part of path) record = (record[part] ??= {}) as Record<string, unknown>;
    record[last] = tensor(name);
  }
  return root as TensorRecord;
}

for (const mode of ["eager", "compiled"]) {
  Deno.test(
    `three SAM steps as the original code's, ${mode}`,
    scoped(() => {
      const flags = JSON.parse(metadata.flags!);
      const loss = crossEntropy(wideResNet({ depth: 10, width: 1, classes: 10 }), {
        weightDecay: flags.weight_decay,
      });
      const optimizer = sgd(flags.learning_rate, { momentum: 0.9, nesterov: true });
      const pure = trainStep(sam(valueAndGrad(loss), { rho: flags.sam_rho }), optimizer, {
        gradientClipping: flags.gradient_clipping,
      });
      const compiled = mode === "compiled" ? compile(pure) : undefined;
      const step = compiled?.sync ?? pure;

      let state = initialState({ params: tree("params"), state: tree("state") }, optimizer);
      for (const index of [0, 1, 2]) {
        const batch = { images: tensor(`image_${index}`), labels: tensor(`label_${index}`) };
        const { state: next, metrics } = step(state, batch, random.seed(0));
        state = next;
        const { momentum } = state.optimizer as { momentum: Tree };
        for (
          const [key, found] of Object.entries({
            params: state.params,
            state: state.state,
            momentum,
          })
        ) {
          const expected = arrays[`after_step${index}/${key}`]!.data;
          summary(found).forEach((value, position) => {
            assertAlmostEquals(value, Number(expected[position]), key === "momentum" ? 5e-4 : 1e-4);
          });
        }
        const expected = (name: string) => [Number(arrays[name]!.data[index])];
        assertClose(metrics.loss, expected("train_loss"), 1e-5);
        assertClose(metrics.error, expected("train_error_rate"), 0);
        assertClose(metrics.gradientNorm, expected("gradient_norm"), 1e-5);
        assertClose(metrics.parameterNorm, expected("param_norm"), 1e-5);
      }
      const dense = tree("final_params").Dense_3 as Record<string, tf.Tensor>;
      const found = state.params.Dense_3 as Record<string, tf.Tensor>;
      for (const name of ["kernel", "bias"]) {
        assertClose(found[name]!, dense[name]!.dataSync(), 1e-5);
      }
      const statistics = namedLeaves(tree("final_state"));
      assert(statistics.length > 0);
      namedLeaves(state.state).forEach(([path, leaf], index) => {
        assertEquals(path, statistics[index]![0]);
        assertClose(leaf, statistics[index]![1].dataSync(), 1e-5);
      });
      compiled?.dispose();
    }),
  );
}
