import { mapTree, onDevice, random, tf, tidy, type Tree } from "../tensorflow/mod.ts";
import { checkGradientFunction } from "./_check_function.ts";
import { checkM, countGroups, dividedBy, type MSharpnessOptions } from "./_groups.ts";
import type { Gradient, GradientFunction, Metrics } from "./types.ts";

export type { MSharpnessOptions };

/** Options of {@linkcode mSharpness}. */
export interface GroupOptions extends MSharpnessOptions {
  /**
   * Number of the batch's first group, where the batch is a share of a larger one, as on one of several
   * workers; then a single group has a seed of its own too. Default: it is the whole batch.
   */
  readonly firstGroup?: number;
  /**
   * Devices that the groups of a compiled step are given to in turn, as `listDevices` names them;
   * default: where TensorFlow puts them.
   */
  readonly devices?: readonly string[] | undefined;
}

/**
 * m-sharpness: a gradient function, such as one made by `sam`, on each group of m examples of the
 * batch by itself, and the mean over the groups. SAM then climbs from the gradient of m examples, as
 * on a device of several that sees only its own share of the batch.
 *
 * Each group is normalised by its own batch statistics, as on the reference's replicas are its CIFAR
 * models and ResNets (`activation` in `sam_jax/models/utils.py`, `sam_jax/imagenet_models/resnet.py`),
 * but not its EfficientNets: {@linkcode synchronizedMSharpness}. Loss, metrics and running statistics
 * are means over the groups. Each group has a seed of its own. With m the size of the batch it is the
 * gradient function itself.
 *
 * ```ts
 * import { models, optim, train } from "sam";
 *
 * const model = models.wideResNet({ depth: 10, width: 1, classes: 10 });
 * const gradient = optim.valueAndGrad(train.crossEntropyLoss(model));
 * const sharper = optim.mSharpness(optim.sam(gradient, { rho: 0.05 }), { m: 16 });
 * ```
 *
 * The reference's replicas are these groups. With its `sync_perturbations` they climb together, each
 * normalised by its own statistics: `sam(mSharpness(gradient, { m }), { rho })`. With its
 * `inner_group_size` k of them do: `mSharpness(sam(mSharpness(gradient, { m }), { rho }), { m: k * m })`.
 *
 * Source: Foret et al. 2021, section 4.1 ("m-sharpness"); `train_step` in `flax_training.py` of the
 * reference.
 *
 * @throws TypeError for anything else than a gradient function
 * @throws RangeError if m is not a positive integer, or (when called) does not divide the batch
 */
export function mSharpness<P extends Tree, Batch, M extends Metrics>(
  gradient: GradientFunction<P, Batch, M>,
  { m, firstGroup, devices = [] }: GroupOptions,
): GradientFunction<P, Batch, M> {
  checkGradientFunction("divide", gradient);
  checkM(m);
  return (params, batch, pass) =>
    tidy(() => {
      const count = countGroups(batch as Tree, m);
      if (count === 1 && firstGroup === undefined) return gradient(params, batch, pass);
      return meanOf(Array.from({ length: count }, (_, index) => {
        const group = mapTree((tensor) => tf.slice(tensor, [index * m], [m]), batch as Tree);
        const seed = random.foldIn(pass.seed, (firstGroup ?? 0) + index);
        const found = () => gradient(params, group as Batch, { ...pass, seed });
        return devices.length === 0 ? found() : onDevice(devices[index % devices.length]!, found);
      }));
    });
}

function meanOf<P extends Tree, M extends Metrics>(
  found: readonly Gradient<P, M>[],
): Gradient<P, M> {
  const [first, ...others] = found as unknown as Tree[];
  const sum = mapTree((...tensors) => tf.addN(tensors), first!, ...others);
  return dividedBy(found.length, sum as unknown as Gradient<P, M>);
}
