import type { random, TensorRecord, tf, Tree } from "../tensorflow/mod.ts";

/** A pure transformation of gradients, with a state that it hands from step to step. */
export interface Optimizer {
  /** The rate by which it descends, for logs; absent where it has none. */
  readonly learningRate?: Schedule;
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

/** Scalars by name, to be logged; they carry no gradient. */
export type Metrics = { readonly [name: string]: tf.Tensor };

/** What a loss is given besides parameters and a batch. */
export interface Pass {
  /** What the model keeps besides its parameters, such as batch statistics; often empty. */
  readonly state: TensorRecord;
  /** Of this step's random numbers. Both passes of SAM have the same. */
  readonly seed: random.Seed;
  /**
   * Whether SAM climbs by this gradient: networks that shake (Shake-Shake, ShakeDrop) then give the
   * true one. Whoever wraps a loss or a gradient function hands it on. Default false.
   */
  readonly ascent?: boolean;
  /**
   * Whether nothing is trained, but measured: with running batch statistics and without dropout.
   * Default false.
   */
  readonly evaluate?: boolean;
}

/** What a loss gives, if not just its value. */
export interface Loss<M extends Metrics = Metrics> {
  /** The scalar that is differentiated. */
  readonly loss: tf.Tensor;
  /** What the model keeps, after the pass; default as it was. */
  readonly state?: TensorRecord;
  /** Default: none besides the loss. One that is named `loss` is logged in the loss's place. */
  readonly metrics?: M;
}

/** A loss of parameters and a batch: a scalar, or a scalar and what else the pass gives. */
export type LossFunction<P extends Tree, Batch, M extends Metrics = Metrics> = (
  params: P,
  batch: Batch,
  pass: Pass,
) => tf.Tensor | Loss<M>;

/** A loss with its gradients with respect to the parameters. */
export interface Gradient<P extends Tree, M extends Metrics = Metrics> {
  readonly loss: tf.Scalar;
  readonly state: TensorRecord;
  readonly metrics: M;
  readonly grads: P;
}

/** Gives a loss with its gradients: what `valueAndGrad` makes, and `sam` transforms. */
export type GradientFunction<P extends Tree, Batch, M extends Metrics = Metrics> = (
  params: P,
  batch: Batch,
  pass: Pass,
) => Gradient<P, M>;

/**
 * A gradient function with a memory that it hands from step to step, as optimizers have one: for
 * methods that use a gradient again, keep a mean of gradients, or perturb every k-th step.
 */
export interface StatefulGradient<P extends Tree, Batch, M extends Metrics = Metrics> {
  /** The memory before the first step, of float32 and int32. The tensors are the caller's. */
  init(params: P): Tree;
  /** The gradient, and the memory after it. The tensors are new, and the caller's. */
  update(
    params: P,
    memory: Tree,
    batch: Batch,
    pass: Pass,
  ): [found: Gradient<P, M>, memory: Tree];
}
