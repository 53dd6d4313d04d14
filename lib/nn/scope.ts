import { tf } from "../tensorflow/mod.ts";
import type { MeanOverAll } from "./_normalize.ts";
import type { Initializer } from "./initializers.ts";

/**
 * Where a layer finds its parameters, batch statistics and random seeds, by name. A model is a
 * function of a scope and its input; names make up the paths of the trees that it works on.
 */
export interface Scope {
  /** Names from the root, as in `WideResnetGroup_0/conv1`; empty at the root. */
  readonly path: string;
  /** Whether batch statistics are taken from the batch, and dropout drops. */
  readonly train: boolean;
  /** Whether layers that shake give the gradient of what they computed, not a shaken one. */
  readonly trueGradient: boolean;
  /** The mean over all processes whose examples are normalised together; absent: there are no others. */
  readonly meanOverAll?: MeanOverAll | undefined;
  /** The scope of a part with its own name. */
  child(name: string): Scope;
  /** The scope of the next part without one: `Dense_3` is the fourth such part, of any type. */
  numbered(type: string): Scope;
  /** How many groups of examples, one after the other, have parameters of their own: usually 1. */
  readonly groups: number;
  /**
   * A trained tensor. A layer that takes its parameters in `eachGroup` works with any number of groups.
   *
   * @throws Error where the scope is of several groups
   */
  param(name: string, shape: readonly number[], initializer: Initializer): tf.Tensor;
  /** A tensor that is updated but not trained, such as a running mean. */
  state(name: string, shape: readonly number[], initializer: Initializer): tf.Tensor;
  /** Its value after this pass. */
  setState(name: string, value: tf.Tensor): void;
  /** What `part` makes of each group's examples with that group's parameters, one after the other. */
  eachGroup<Output extends tf.Tensor>(
    input: tf.Tensor,
    part: (scope: Scope, input: tf.Tensor) => Output,
  ): Output;
  /**
   * Numbers of this pass that belong to this scope and name, float32 uniform in [0, 1). The first axis
   * is that of the examples.
   */
  uniform(name: string, shape: readonly number[]): tf.Tensor;
  /** Reports this layer's output to whoever lists the layers. @returns the output as it is */
  layer<Output extends tf.Tensor>(output: Output): Output;
}

/** A layer or a whole network. */
export type Module = (scope: Scope, input: tf.Tensor) => tf.Tensor;

type ParamLookup = (
  path: string,
  shape: readonly number[],
  initializer: Initializer,
) => tf.Tensor;

/** What a {@linkcode scope} is made of: where values are found and kept, by path. */
export interface ScopeStore {
  readonly train: boolean;
  readonly trueGradient: boolean;
  readonly meanOverAll?: MeanOverAll | undefined;
  /** Of each group, in the order of the batch. */
  readonly params: readonly ParamLookup[];
  state(path: string, shape: readonly number[], initializer: Initializer): tf.Tensor;
  setState(path: string, value: tf.Tensor): void;
  uniform(path: string, shape: readonly number[]): tf.Tensor;
  layer?(path: string, output: tf.Tensor): void;
}

/** The root scope over a store. */
export function rootScope(store: ScopeStore): Scope {
  return scope(store, "");
}

function scope(store: ScopeStore, path: string): Scope {
  const groups = store.params.length;
  let parts = 0;
  const at = (name: string) => path === "" ? name : `${path}/${name}`;
  const self: Scope = {
    path,
    train: store.train,
    trueGradient: store.trueGradient,
    meanOverAll: store.meanOverAll,
    groups,
    child: (name) => scope(store, at(name)),
    numbered: (type) => scope(store, at(`${type}_${parts++}`)),
    param(name, shape, initializer) {
      const found = at(name);
      if (groups === 1) return store.params[0]!(found, shape, initializer);
      throw new Error(
        `Cannot take ${found} for all examples: ${groups} groups have parameters of their own; take ` +
          "it inside of scope.eachGroup",
      );
    },
    state: (name, shape, initializer) => store.state(at(name), shape, initializer),
    setState: (name, value) => store.setState(at(name), value),
    eachGroup(input, part) {
      if (groups === 1) return part(self, input);
      const own = store.params.map((param) => scope({ ...store, params: [param] }, path));
      return tf.concat(tf.split(input, groups).map((input, group) => part(own[group]!, input)));
    },
    uniform: (name, shape) => store.uniform(at(name), shape),
    layer(output) {
      store.layer?.(path, output);
      return output;
    },
  };
  return self;
}
