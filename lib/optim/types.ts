import type { tf, Tree } from "../tensorflow/mod.ts";

/** A pure transformation of gradients, with a state that it hands from step to step. */
export interface Optimizer {
  /** The state before the first step. The tensors are the caller's. */
  init(params: Tree): Tree;
  /**
   * What to add to the parameters for these gradients, and the new state. The tensors are new, and
   * the caller's; those handed in stay so too.
   */
  update<P extends Tree>(grads: P, state: Tree, params: P): [updates: P, state: Tree];
}

/** A learning rate by step: 0 for the first. Takes and gives a float32 scalar. */
export type Schedule = (step: tf.Scalar) => tf.Scalar;

/** What a loss gives besides its value: batch statistics after the pass, and values to be logged. */
export interface Loss {
  /** The scalar that is differentiated. */
  readonly loss: tf.Scalar;
  /** Batch statistics after the pass. */
  readonly state: Tree;
  /** Scalars by name, which carry no gradient. */
  readonly metrics: { readonly [name: string]: tf.Tensor };
}

/** A loss of parameters and whatever else: a batch, a seed. */
export interface LossFunction<P extends Tree, Args extends readonly unknown[]> {
  (params: P, ...args: Args): Loss;
  /**
   * The same loss as SAM climbs it, where that is another function: networks that shake (Shake-Shake,
   * ShakeDrop) have their true gradient there.
   */
  readonly ascent?: (params: P, ...args: Args) => Loss;
}

/** A loss with its gradients with respect to the parameters. */
export interface GradientFunction<P extends Tree, Args extends readonly unknown[]> {
  (params: P, ...args: Args): Loss & { readonly grads: P };
  /** As SAM climbs it, where that is another function. */
  readonly ascent?: (params: P, ...args: Args) => Loss & { readonly grads: P };
}
