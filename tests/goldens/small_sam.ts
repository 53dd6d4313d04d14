/**
 * Takes the numbers of three SAM steps of the original code out of the fixture `small_sam`, for
 * those who do not have the fixtures:
 *
 *     SAM_DATA_DIR=../shared/data deno run -A tests/goldens/small_sam.ts
 */
import {
  encodeSafetensors,
  type NamedArrays,
  type NumericArray,
} from "../../lib/checkpoints/safetensors.ts";
import { namedLeaves, type tf, type Tree } from "../../lib/tensorflow/mod.ts";
import { fixture } from "../_fixtures.ts";
import { summary } from "../_tensors.ts";

const STEPS = [0, 1, 2];

const oracle = fixture("small_sam");
const { flags, per_step: steps } = oracle.scalars;
const arrays: Record<string, NumericArray> = {};
const put = (name: string, values: ArrayLike<number>, shape: readonly number[]) => {
  arrays[name] = { dtype: "F32", shape, data: Float32Array.from(values) };
};
const putTensor = (name: string, tensor: tf.Tensor) => put(name, tensor.dataSync(), tensor.shape);
const putTree = (name: string, tree: Tree) =>
  namedLeaves(tree).forEach(([path, leaf]) => putTensor(`${name}/${path}`, leaf));

putTree("params", oracle.tree("init_params"));
putTree("state", oracle.tree("init_state"));
for (const index of STEPS) {
  putTensor(`image_${index}`, oracle.array(`image_${index}`));
  putTensor(`label_${index}`, oracle.array(`label_${index}`));
  for (const key of ["params", "state", "momentum"]) {
    const numbers = summary(oracle.tree(`after_step${index}_${key}`));
    put(`after_step${index}/${key}`, numbers, [numbers.length / 2, 2]);
  }
}
for (const key of ["train_loss", "train_error_rate", "gradient_norm", "param_norm"]) {
  put(key, steps.map((step: Record<string, number[]>) => step[key]![0]!), [STEPS.length]);
}
putTree("final_state", oracle.tree("final_state"));
const { Dense_3: dense } = oracle.tree("final_params");
putTree("final_params/Dense_3", dense!);

const { learning_rate, weight_decay, sam_rho, gradient_clipping } = flags;
const metadata = {
  source: "three SAM steps of google-research/sam, of the fixture small_sam",
  flags: JSON.stringify({ learning_rate, weight_decay, sam_rho, gradient_clipping }),
};
const file = new URL("small_sam.safetensors", import.meta.url);
await new Blob(encodeSafetensors(arrays as NamedArrays, metadata) as BlobPart[]).stream()
  .pipeTo((await Deno.create(file)).writable);
