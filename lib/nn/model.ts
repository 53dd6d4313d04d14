import {
  atPlace,
  backend,
  enterPlace,
  type Precision,
  random,
  shapesOnly,
  showAs,
  type TensorRecord,
  tf,
  tidy,
  withPrecision,
} from "../tensorflow/mod.ts";
import { modelText } from "./_model_text.ts";
import type { VariableShapes } from "./variable_shapes.ts";
import type { Initializer } from "./initializers.ts";
import { type Module, rootScope, type ScopeStore } from "./scope.ts";

/** Parameters and batch statistics of a model: nested records by name. */
export interface Variables {
  readonly params: TensorRecord;
  readonly state: TensorRecord;
}

/** Variables that a pass is made with. */
export interface PassVariables {
  /**
   * An array holds those of each of several groups of examples: the batch has equally many examples of
   * each, one group after the other. Batch statistics are those of all groups.
   */
  readonly params: TensorRecord | readonly TensorRecord[];
  readonly state: TensorRecord;
}

/** How a pass is made. */
export interface ApplyOptions {
  /** Batch statistics of this batch and dropout on; default false. */
  readonly train?: boolean;
  /**
   * For layers that draw random numbers; required if there are any. Each of several groups draws by a
   * seed of its own, the one into which its index is folded.
   */
  readonly seed?: random.Seed;
  /**
   * Whether layers that shake (`shakeShakeSum`, `shakeDrop`) give the gradient of what they computed, as
   * SAM's ascent needs it, instead of one with coefficients of its own; default false.
   */
  readonly trueGradient?: boolean;
  /**
   * The mean over all processes that share the batch, each with as many examples, of a float32 tensor
   * of one axis: then batch norm is by the statistics of all of them, in a function that is compiled.
   * Default: by those of this batch.
   */
  readonly meanOverAll?: ((own: tf.Tensor) => tf.Tensor) | undefined;
  /**
   * Uniform numbers in [0, 1) for the layer at a path, such as recorded ones, in place of those drawn
   * from the seed.
   */
  readonly uniform?: (path: string, shape: readonly number[]) => tf.Tensor;
}

/** A network as pure functions: it holds no tensors. */
export interface Model {
  /**
   * Whether batch norm is by default synchronised over the groups of m-sharpness, as the reference
   * synchronises it over replicas in EfficientNets; absent: no.
   */
  readonly syncBatchNorm?: boolean;
  /**
   * Draws initial parameters for inputs of a shape, batch size included. The tensors are the
   * caller's.
   */
  init(seed: random.Seed | number, inputShape: readonly number[]): Variables;
  /**
   * Names and shapes only, without computing anything.
   *
   * @param precision what products are computed in, see `withPrecision`; default float32
   */
  shapes(inputShape: readonly number[], precision?: Precision): VariableShapes;
  /**
   * A pass over a batch.
   *
   * @returns the output, and the state after the pass (the given tensors where it did not change);
   *   new tensors are the caller's
   * @throws Error if a variable is missing or of the wrong shape, or a seed is needed
   * @throws RangeError if groups do not divide the batch
   */
  apply(
    variables: PassVariables,
    input: tf.Tensor,
    options?: ApplyOptions,
  ): { output: tf.Tensor; state: TensorRecord };
}

/**
 * Makes a model of a module. @param traits what a trainer does with it unless told otherwise
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, tf } from "sam";
 *
 * const network = nn.model((scope, input) => {
 *   const hidden = nn.relu(nn.dense(scope.child("hidden"), input, 16));
 *   return nn.dense(scope.child("logits"), hidden, 10);
 * });
 * const variables = network.init(0, [32, 784]);
 * const { output } = network.apply(variables, tf.zeros([32, 784]));
 * assertEquals(output.shape, [32, 10]);
 * assertEquals(Object.keys(variables.params), ["hidden", "logits"]);
 * ```
 */
export function model(module: Module, traits: Pick<Model, "syncBatchNorm"> = {}): Model {
  requireModule(module);
  let known: readonly number[] | undefined;
  const made: Model = {
    ...traits,

    init(seed, inputShape) {
      const declared = declare(module, inputShape);
      known = [...inputShape];
      return tidy(() => {
        const root = typeof seed === "number" ? random.seed(seed) : seed;
        return {
          params: nest(mapValues(declared.params, (spec, path) => draw(spec, root, path))),
          state: nest(mapValues(declared.state, (spec, path) => draw(spec, root, path))),
        };
      });
    },

    shapes(inputShape, precision) {
      const { params, state, ...others } = declare(module, inputShape, precision);
      const shape = ({ shape }: Declaration) => shape;
      return { params: mapValues(params, shape), state: mapValues(state, shape), ...others };
    },

    apply({ params, state }, input, options = {}) {
      const { train = false, seed, trueGradient = false, meanOverAll, uniform } = options;
      return tidy(() => {
        const updated = new Map<string, tf.Tensor>();
        const groups = Array.isArray(params) ? params as readonly TensorRecord[] : [params];
        checkGroups(groups.length, input);
        const scope = rootScope({
          train,
          trueGradient,
          meanOverAll,
          params: groups.map((params) => (path, shape) => {
            // From here on until the next layer, its activation and residual sum too.
            enterPlace({ layer: path.slice(0, Math.max(0, path.lastIndexOf("/"))) });
            return lookUp(params as TensorRecord, path, shape);
          }),
          state: (path, shape) => lookUp(state, path, shape),
          setState: (path, value) => updated.set(path, value),
          uniform: uniform ?? drawn(groups.length, seed),
        });
        const output = checkedOutput(atPlace({}, () => module(scope, input)));
        return { output, state: replace(state, updated) };
      });
    },
  };
  // Sizes depend on the input, which `init` is the first to see.
  return showAs(
    made,
    (model, inside) =>
      known === undefined
        ? "Model, not initialised: init(seed, inputShape) tells it its sizes"
        : inside
        ? `Model for input [${known.join(", ")}]`
        : modelText(model.shapes(known), known),
  );
}

/** @throws TypeError for what is no function */
function requireModule(module: unknown): void {
  if (typeof module === "function") return;
  throw new TypeError(`Cannot make a model of ${module}: give a function of a scope and an input`);
}

/** @throws TypeError unless a module gave a tensor */
function checkedOutput(output: tf.Tensor): tf.Tensor {
  if (output instanceof tf.Tensor) return output;
  const found = (output as unknown) instanceof Promise ? "a promise" : `${output}`;
  throw new TypeError(`Cannot apply the model: its module gives ${found}, and must give a tensor`);
}

/** @throws Error for a path that another variable has, or that leads to it, or behind it */
function requireFreePath(path: string, others: ReadonlyMap<string, unknown>): void {
  if (others.has(path)) throw new Error(`Cannot use the name ${path} twice in a model`);
  for (const other of others.keys()) {
    if (!other.startsWith(`${path}/`) && !path.startsWith(`${other}/`)) continue;
    throw new Error(
      `Cannot use the name ${path} in a model that has ${other}: one lies in the other`,
    );
  }
}

interface Declaration {
  readonly shape: readonly number[];
  readonly initializer: Initializer;
}

/** Runs the module under shape inference, which only records what it asks for. */
function declare(
  module: Module,
  inputShape: readonly number[],
  precision: Precision = "float32",
) {
  const params = new Map<string, Declaration>();
  const state = new Map<string, Declaration>();
  const layers = new Map<string, readonly number[]>();
  const precisions = new Map<string, Precision>();
  const output = shapesOnly("a model's initialisation", (placeholder) => {
    const record =
      (into: Map<string, Declaration>) =>
      (path: string, shape: readonly number[], initializer: Initializer) => {
        requireFreePath(path, into);
        into.set(path, { shape, initializer });
        return placeholder(shape);
      };
    const root = () =>
      rootScope({
        train: true,
        trueGradient: false,
        params: [record(params)],
        state: record(state),
        setState: (path) => {
          if (!state.has(path)) throw new Error(`Cannot set the state ${path}: it is not declared`);
        },
        uniform: (_path, shape) => placeholder(shape),
        layer: (path, output) => {
          layers.set(path, output.shape);
          precisions.set(path, backend.isBfloat16(output) ? "bfloat16" : "float32");
        },
      });
    const output = withPrecision(precision, () => module(root(), placeholder(inputShape)));
    return checkedOutput(output).shape;
  });
  return { params, state, layers, precisions, output };
}

function draw({ shape, initializer }: Declaration, root: random.Seed, path: string): tf.Tensor {
  return tf.tidy(() => {
    const value = initializer(random.foldIn(root, hash(path)), shape);
    backend.handleId(value);
    return value;
  });
}

function checkGroups(count: number, input: tf.Tensor): void {
  const [examples = 0] = input.shape;
  if (count === 1 || examples % count === 0) return;
  throw new RangeError(
    `Cannot apply the model with parameters of ${count} groups to ${examples} examples: each group ` +
      "needs as many as the others",
  );
}

/** Uniform numbers by path, each group's by its own seed. */
function drawn(groups: number, seed: random.Seed | undefined): ScopeStore["uniform"] {
  return (path, shape) => {
    if (seed === undefined) {
      throw new Error(`Cannot draw random numbers at ${path}: apply the model with a seed`);
    }
    const draw = (seed: random.Seed, shape: readonly number[]) =>
      random.uniform(random.foldIn(seed, hash(path)), shape);
    if (groups === 1) return draw(seed, shape);
    const [examples, ...rest] = shape as [number, ...number[]];
    const own = [examples / groups, ...rest];
    return tf.concat(
      Array.from({ length: groups }, (_, group) => draw(random.foldIn(seed, group), own)),
    );
  };
}

function lookUp(tree: TensorRecord, path: string, shape: readonly number[]): tf.Tensor {
  let found: TensorRecord | tf.Tensor | undefined = tree;
  for (const name of path.split("/")) {
    found = found instanceof tf.Tensor ? undefined : found?.[name];
  }
  if (!(found instanceof tf.Tensor)) {
    throw new Error(
      `Cannot apply the model: it needs ${path} of shape [${shape}], which is missing`,
    );
  }
  if (found.shape.length !== shape.length || found.shape.some((size, i) => size !== shape[i])) {
    throw new Error(
      `Cannot apply the model: it needs ${path} of shape [${shape}], got [${found.shape}]`,
    );
  }
  return found;
}

/** FNV-1a, 31 bits: names to numbers for {@linkcode random.foldIn}. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 1;
}

function mapValues<A, B>(map: ReadonlyMap<string, A>, fn: (value: A, key: string) => B) {
  return new Map(Array.from(map, ([key, value]) => [key, fn(value, key)] as const));
}

function nest(byPath: ReadonlyMap<string, tf.Tensor>): TensorRecord {
  const root: Record<string, unknown> = {};
  for (const [path, tensor] of byPath) {
    const names = path.split("/");
    const last = names.pop()!;
    let record = root;
    for (const name of names) record = (record[name] ??= {}) as Record<string, unknown>;
    record[last] = tensor;
  }
  return root as TensorRecord;
}

function replace(
  tree: TensorRecord,
  updated: ReadonlyMap<string, tf.Tensor>,
  path = "",
): TensorRecord {
  return Object.fromEntries(
    Object.entries(tree).map(([name, child]) => {
      const at = path === "" ? name : `${path}/${name}`;
      if (child instanceof tf.Tensor) return [name, updated.get(at) ?? child];
      return [name, replace(child, updated, at)];
    }),
  );
}
