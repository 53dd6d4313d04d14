import type { Variables } from "../nn/mod.ts";
import { namedLeaves, tf, withLeaves } from "../tensorflow/mod.ts";
import { CheckpointError, type CheckpointFile } from "./types.ts";

/** Where a program keeps parameters and state: the prefixes of their paths. */
interface Layout {
  readonly params: string;
  readonly state: string;
}

const LAYOUTS: readonly Layout[] = [
  // The reference's own runs, with an average of the parameters and without.
  { params: "optimizer/target/params/", state: "model_state/0/" },
  { params: "optimizer/target/params/", state: "model_state/" },
  // `to_bytes((model, state))`, as the pretrained EfficientNets of the reference.
  { params: "0/params/", state: "1/" },
  // Ours.
  { params: "params/", state: "state/" },
  // FLAX's linen.
  { params: "params/", state: "batch_stats/" },
  { params: "", state: "" },
];

/** Exponential moving averages: that which the reference keeps in its state, and ours. */
const AVERAGES: readonly Layout[] = [
  { params: "model_state/1/param_ema/0/params/", state: "model_state/1/param_ema/1/" },
  { params: "average/params/", state: "average/state/" },
];

/** Options of {@linkcode restoreVariables}. */
export interface RestoreOptions {
  /** Whether the moving average of the parameters is taken, where one was kept. */
  readonly average?: boolean;
  /** Whether a last layer for another number of classes keeps the values it has; default true. */
  readonly replaceHead?: boolean;
}

/**
 * Whether a checkpoint has a moving average of its parameters, by which its run is judged.
 *
 * ```ts
 * import { checkpoints } from "sam";
 *
 * const entry = { dtype: "float32", shape: [2] };
 * const entries = new Map([["params/w", entry], ["average/params/w", entry]]);
 * console.log(checkpoints.hasAverage({ entries })); // true
 * ```
 */
export function hasAverage({ entries }: Pick<CheckpointFile, "entries">): boolean {
  return AVERAGES.some(({ params }) => entries.keys().some((name) => name.startsWith(params)));
}

/** What {@linkcode restoreVariables} gives. */
export interface Restored {
  /** New tensors, which are the caller's. */
  readonly variables: Variables;
  /** Paths of the last layer's parameters, if the file has them for another number of classes. */
  readonly replaced: readonly string[];
}

/**
 * Variables with the values of a checkpoint; names are those of the reference's layers, one to one.
 * Nothing is taken unless all of it fits, except a last layer for another number of classes: that
 * keeps the values of `initial`, as in finetuning.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkpoints, nn, tf } from "sam";
 *
 * const network = (classes: number) =>
 *   nn.model((scope, input) => nn.dense(scope.child("head"), input, classes));
 * const path = await Deno.makeTempFile();
 * const { params, state } = network(10).init(1, [1, 4]);
 * await Deno.writeFile(path, ReadableStream.from(checkpoints.encodeFlax({ params, state })));
 *
 * const initial = network(37).init(0, [1, 4]);
 * {
 *   using file = checkpoints.openCheckpoint(path);
 *   const { variables, replaced } = checkpoints.restoreVariables(file, initial);
 *   assertEquals(replaced, ["head/bias", "head/kernel"]); // for other classes
 *   tf.dispose([variables.params, variables.state]);
 * }
 * await Deno.remove(path);
 * ```
 *
 * @param initial the network's, as its `init` draws them; they stay the caller's
 * @throws {CheckpointError} that names the first parameter that is missing, superfluous or of another
 *   shape, with both shapes
 */
export function restoreVariables(
  file: CheckpointFile,
  initial: Variables,
  { average = false, replaceHead = true }: RestoreOptions = {},
): Restored {
  const layout = layoutOf(file, initial, average);
  const wanted = namedLeaves({ params: initial.params, state: initial.state }).map(
    ([path, tensor]) => {
      const [kind, rest] = split(path);
      return { path: rest, name: layout[kind] + rest, tensor };
    },
  );
  const head = replaceHead ? headOf(file, wanted) : new Set();
  for (const { name, path, tensor } of wanted) {
    if (!head.has(path)) checkEntry(file, name, tensor.shape);
  }
  checkNoOthers(file, layout, new Set(wanted.map(({ name }) => name)));
  const read: tf.Tensor[] = [];
  try {
    for (const { path, name, tensor } of wanted) {
      read.push(head.has(path) ? tensor.clone() : file.read(name));
    }
  } catch (error) {
    tf.dispose(read);
    throw error;
  }
  return {
    variables: withLeaves({ params: initial.params, state: initial.state }, read),
    replaced: wanted.filter(({ path }) => head.has(path)).map(({ path }) => path),
  };
}

interface Wanted {
  readonly path: string;
  readonly name: string;
  readonly tensor: tf.Tensor;
}

function split(path: string): ["params" | "state", string] {
  const slash = path.indexOf("/");
  return [path.slice(0, slash) as "params" | "state", path.slice(slash + 1)];
}

/** The layout in which the most variables are found. */
function layoutOf(file: CheckpointFile, { params, state }: Variables, average: boolean): Layout {
  const found = (layout: Layout) =>
    namedLeaves(params).filter(([path]) => file.entries.has(layout.params + path)).length +
    namedLeaves(state).filter(([path]) => file.entries.has(layout.state + path)).length;
  const layouts = average ? AVERAGES : LAYOUTS;
  const counts = layouts.map(found);
  const most = Math.max(...counts);
  if (most === 0) {
    const [first = "nothing"] = file.entries.keys();
    const [[wanted] = ["nothing"]] = namedLeaves(params);
    throw new CheckpointError(
      `Cannot restore ${file.path}: it has ${
        average ? "no moving average" : "none of the parameters"
      } of this network (it begins with ${first}, the network has ${wanted})`,
    );
  }
  return layouts[counts.indexOf(most)]!;
}

/**
 * The parameters of the last layer, if the file has them for another number of classes: a kernel
 * [inputs, classes] and a bias [classes], and no others differ.
 */
function headOf(file: CheckpointFile, wanted: readonly Wanted[]): Set<string> {
  const different = wanted.filter(({ name, tensor }) => {
    const there = file.entries.get(name)?.shape;
    return there?.length === tensor.rank &&
      there.slice(0, -1).every((size, axis) => size === tensor.shape[axis]) &&
      there.at(-1) !== tensor.shape.at(-1);
  });
  const layers = new Set(different.map(({ path }) => path.replace(/\/[^/]*$/, "")));
  const isHead = layers.size === 1 && different.length === 2 &&
    different.every(({ path, tensor }) =>
      /\/kernel$/.test(path) ? tensor.rank === 2 : /\/bias$/.test(path) && tensor.rank === 1
    );
  return new Set(isHead ? different.map(({ path }) => path) : []);
}

function checkEntry({ path, entries }: CheckpointFile, name: string, shape: readonly number[]) {
  const there = entries.get(name);
  if (there && !/float/.test(there.dtype)) {
    throw new CheckpointError(
      `Cannot restore ${path}: ${name} is of ${there.dtype} there and of float32 in the network`,
    );
  }
  if (!there) {
    throw new CheckpointError(
      `Cannot restore ${path}: it has no ${name}, which is [${shape.join(", ")}] in the network`,
    );
  }
  if (there.shape.length !== shape.length || there.shape.some((size, i) => size !== shape[i])) {
    throw new CheckpointError(
      `Cannot restore ${path}: ${name} is [${there.shape.join(", ")}] there and ` +
        `[${shape.join(", ")}] in the network`,
    );
  }
}

function checkNoOthers(file: CheckpointFile, layout: Layout, wanted: ReadonlySet<string>): void {
  const { path, entries } = file;
  const prefixes = [layout.params, layout.state].filter((prefix) => prefix !== "");
  for (const [name, { shape }] of entries) {
    if (!wanted.has(name) && prefixes.some((prefix) => name.startsWith(prefix))) {
      throw new CheckpointError(
        `Cannot restore ${path}: it has ${name} [${
          shape.join(", ")
        }], which the network does not have`,
      );
    }
  }
}
