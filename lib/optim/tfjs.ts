/**
 * SAM for the optimizers of TensorFlow.js and its `LayersModel.fit`, on every backend, browsers
 * included. It needs `@tensorflow/tfjs` and nothing else.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkRho, type SamOptions } from "./_sam_options.ts";

export type { SamOptions };

/**
 * Sharpness-aware minimization over an optimizer of TensorFlow.js, which gets the gradient found
 * within ρ of the weights where the loss is highest.
 *
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { samOptimizer } from "sam/tfjs";
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * const optimizer = samOptimizer(tf.train.momentum(0.05, 0.9), { rho: 0.05 });
 * model.compile({ optimizer, loss: "meanSquaredError" });
 * await model.fit(tf.ones([16, 8]), tf.ones([16, 1]), { epochs: 2, verbose: 0 });
 * ```
 *
 * @param base is taken over: saved with SAM, disposed with it, and found as `base` for changes of
 *   its learning rate
 * @throws RangeError if ρ is negative or not finite
 * @throws TypeError if `base` is not an optimizer
 */
export function samOptimizer<Base extends tf.Optimizer>(
  base: Base,
  options: SamOptions,
): SamOptimizer<Base> {
  return new SamOptimizer(base, options);
}

/**
 * What {@linkcode samOptimizer} makes.
 *
 * Each step calls the loss function twice: with the weights w, then with w + ρ·g/‖g‖₂, all trained
 * variables together. Between the passes and after them:
 *
 * - The trained variables get their very values back before `base` updates them, also on an error.
 * - What the loss function assigns to any variable in the second pass is undone: the moving averages
 *   of batch normalization are those of the first pass, as in the reference. (States of recurrent
 *   layers with `stateful: true` are no variables, and advance twice.)
 * - Numbers from `Math.random`, which is where TensorFlow.js seeds its random tensors from, are the
 *   same in both passes, and so is dropout.
 * - The cost that `minimize` returns, and so the loss and the metrics of `fit`, are those of the
 *   first pass: of the weights as they are, comparable with the base optimizer's.
 *   (`trainOnBatch`, which returns all metrics computed, appends the second pass's.)
 * - Tensors that the loss function keeps (`tf.keep`), as `fit` does with metrics, are disposed
 *   together with their like of the other pass.
 *
 * With ρ = 0 it is `base`. A gradient of zero perturbs nothing.
 *
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { SamOptimizer } from "sam/tfjs";
 *
 * const optimizer = new SamOptimizer(tf.train.sgd(0.1), { rho: 0.05 });
 * const w = tf.variable(tf.scalar(1));
 * optimizer.minimize(() => tf.square(w).asScalar());
 * console.log(w.dataSync()[0]); // 0.79: the gradient is that of 1.05
 * ```
 *
 * Source: Foret et al. 2021, Algorithm 1 and equation (2).
 */
export class SamOptimizer<Base extends tf.Optimizer = tf.Optimizer> extends tf.Optimizer {
  /** The name under which models are saved with it. */
  static readonly className = "SAM";
  readonly base: Base;
  readonly rho: number;

  constructor(base: Base, { rho }: SamOptions) {
    super();
    if (!base || !(base instanceof tf.Optimizer)) {
      throw new TypeError("Cannot make a SAM optimizer: its base is not a tf.Optimizer");
    }
    checkRho(rho);
    this.base = base;
    this.rho = rho;
  }

  /**
   * The gradients of the second pass and the cost of the first; the variables are left as the first
   * pass left them. `minimize` is this and `applyGradients`.
   */
  override computeGradients(f: () => tf.Scalar, varList?: tf.Variable[]): Gradients {
    const { base, rho } = this;
    if (rho === 0) return base.computeGradients(f, varList);
    const { random } = Math;
    const drawn: number[] = [];
    const kept: tf.Tensor[][] = [];
    const pass = (next: () => number) =>
      withRandom(next, () => base.computeGradients(withKept(f, kept), varList));

    const first = pass(() => {
      const value = random();
      drawn.push(value);
      return value;
    });
    const restore = snapshot();
    try {
      climb(first.grads, rho);
      let replayed = 0;
      const second = pass(() => drawn[replayed++] ?? random());
      second.value.dispose();
      disposeTogether(kept);
      return { value: first.value, grads: second.grads };
    } catch (error) {
      first.value.dispose();
      throw error;
    } finally {
      restore();
      tf.dispose(first.grads);
    }
  }

  override applyGradients(gradients: tf.NamedTensorMap | NamedTensor[]): void {
    this.base.applyGradients(gradients);
  }

  override get iterations(): number {
    return this.base.iterations;
  }

  override saveIterations(): Promise<NamedTensor> {
    return this.base.saveIterations();
  }

  override getWeights(): Promise<NamedTensor[]> {
    return this.base.getWeights();
  }

  override setWeights(weights: NamedTensor[]): Promise<void> {
    return this.base.setWeights(weights);
  }

  override dispose(): void {
    this.base.dispose();
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { base, rho } = this;
    return { rho, base: { className: base.getClassName(), config: base.getConfig() } };
  }

  /** @throws Error if the class of the base is not registered with TensorFlow.js */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    { rho, base }: tf.serialization.ConfigDict,
  ): T {
    const { className, config } = base as { className: string; config: typeof base };
    const known = tf.serialization.SerializationMap.getMap().classNameMap;
    if (!Object.hasOwn(known, className)) {
      throw new Error(
        `Cannot load SAM over the optimizer ${className}: register its class with ` +
          "tf.serialization.registerClass",
      );
    }
    const [Base, fromConfig] = known[className]!;
    return new cls(fromConfig(Base, config as tf.serialization.ConfigDict), { rho });
  }
}

tf.serialization.registerClass(SamOptimizer);

type Gradients = ReturnType<tf.Optimizer["computeGradients"]>;
type NamedTensor = Awaited<ReturnType<tf.Optimizer["saveIterations"]>>;

/** w ← w + ρ · g / ‖g‖₂. Variables that are frozen or do not matter have no gradient. */
function climb(grads: tf.NamedTensorMap, rho: number): void {
  const { registeredVariables } = tf.engine();
  const found = Object.entries(grads).filter(([, grad]) => grad !== null);
  tf.tidy(() => {
    const squares = found.map(([, grad]) => tf.sum(tf.square(grad)));
    const scale = tf.divNoNan(rho, tf.sqrt(tf.addN(squares)));
    for (const [name, grad] of found) {
      const variable = registeredVariables[name]!;
      variable.assign(tf.add(variable, tf.mul(grad, scale)));
    }
  });
}

/** Remembers the values of all variables; the function returned gives them back. */
function snapshot(): () => void {
  const saved = Object.values(tf.engine().registeredVariables)
    .map((variable) => ({ variable, data: variable.dataId, copy: tf.keep(variable.clone()) }));
  return () => {
    for (const { variable, data, copy } of saved) {
      if (!variable.isDisposed && variable.dataId !== data) variable.assign(copy);
      copy.dispose();
    }
  };
}

/** Runs `body` with `Math.random` replaced. */
function withRandom<T>(next: () => number, body: () => T): T {
  const { random } = Math;
  Math.random = next;
  try {
    return body();
  } finally {
    Math.random = random;
  }
}

/** A loss function that appends to `kept` what it keeps beyond the scope that it runs in. */
function withKept(f: () => tf.Scalar, kept: tf.Tensor[][]): () => tf.Scalar {
  return () => {
    const cost = f();
    kept.push(tf.engine().state.activeScope?.track.filter((tensor) => tensor.kept) ?? []);
    return cost;
  };
}

/** Lets each tensor kept by one pass be disposed with the corresponding one of the other. */
function disposeTogether(kept: readonly tf.Tensor[][]): void {
  // Those that the tape kept for itself are disposed by now.
  const [first, second] = kept.map((pass) => pass.filter((tensor) => !tensor.isDisposed));
  first!.slice(0, second!.length).forEach((one, index) => {
    const other = second![index]!;
    for (const [tensor, twin] of [[one, other], [other, one]] as const) {
      const { dispose } = tensor;
      tensor.dispose = () => {
        dispose.call(tensor);
        if (!twin.isDisposed) twin.dispose();
      };
    }
  });
}
