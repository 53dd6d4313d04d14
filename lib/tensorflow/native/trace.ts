import type { Attribute } from "./attributes.ts";
import { Graph } from "./graph.ts";
import type { NodeOutput } from "./node_output.ts";
import type { Pointer } from "./library.ts";
import { requireResult } from "./result.ts";

/** A tensor made outside a trace that the traced function reads: an input besides its arguments. */
export interface Capture {
  readonly output: NodeOutput;
  /** The tensor's handle at the time of a call. */
  readonly handleId: () => number;
}

/** Options of a trace. */
export interface TraceOptions {
  /** Name nodes by where they belong, see {@linkcode Place}; by default they are numbered only. */
  readonly named?: boolean | undefined;
  /** Allow outputs of unknown size, as the maps of a data set have; by default they are refused. */
  readonly unknownSizes?: boolean;
  /** Allow it inside of another trace, whose nodes call the function. */
  readonly nested?: boolean;
  /** Allow outputs that no memory could hold, as nothing is computed, or XLA fuses it away. */
  readonly anySize?: boolean;
}

/** Where in a computation an operation belongs, for those who measure it. */
export interface Place {
  /** Of a step: the pass over the network, such as `ascent`; empty outside of passes. */
  readonly pass: string;
  readonly isBackward: boolean;
  /** Path of the layer; empty outside of layers. */
  readonly layer: string;
}

const NOWHERE: Place = { pass: "", isBackward: false, layer: "" };

/** The building of one function: operations become nodes of its graph instead of running. */
export class Trace {
  readonly name: string;
  readonly graph: Graph = new Graph();
  readonly captures: Capture[] = [];
  /** Functions that its nodes call, which are to be removed with it. */
  readonly functions: string[] = [];
  /** Constants by the data that they were made of. */
  readonly constants: WeakMap<object, number> = new WeakMap();
  /** Nodes of the same values in bfloat16 or, of those, in float32; by id. */
  readonly casts: Map<number, number> = new Map();
  readonly #options: TraceOptions;
  readonly #outputs = new Map<number, NodeOutput>();
  readonly #captured = new Map<unknown, number>();
  readonly #nextId: () => number;
  #place = NOWHERE;

  /** @param outer the trace that it is made inside of */
  constructor(
    name: string,
    nextId: () => number,
    options: TraceOptions = {},
    readonly outer?: Trace,
  ) {
    this.name = name;
    this.#nextId = nextId;
    this.#options = options;
  }

  /** Whether nodes may be of sizes that no memory could hold. */
  get anySize(): boolean {
    return this.#options.anySize ?? false;
  }

  get place(): Place {
    return this.#place;
  }

  /** Where the next operations belong. */
  set place(place: Place) {
    this.#place = place;
    if (this.#options.named) this.graph.scope = scopeOf(place);
  }

  /** The id that stands for an output in place of a tensor handle's. */
  add(output: NodeOutput): number {
    const id = this.#nextId();
    this.#outputs.set(id, output);
    return id;
  }

  /** @returns undefined for an id that is not of this trace */
  output(id: number): NodeOutput | undefined {
    return this.#outputs.get(id);
  }

  constant(tensor: Pointer): number {
    return this.add(this.graph.constant(tensor));
  }

  /** @param after outputs whose operations have to end before this one begins */
  operation(
    type: string,
    attributes: readonly Attribute[],
    inputs: readonly NodeOutput[],
    outputs: number,
    after: readonly NodeOutput[] = [],
  ): { id: number; output: NodeOutput }[] {
    return this.graph.operation(type, attributes, inputs, outputs, after).map((output) => {
      if (!this.#options.unknownSizes && output.shape?.includes(-1)) {
        throw new Error(
          `Cannot trace ${type} in ${this.name}: the shape [${output.shape}] of its output ` +
            "depends on values. Compute it outside of the compiled function",
        );
      }
      if (output.shape) requireResult(type, output.shape, output.dtype, this.#options.anySize);
      return { id: this.add(output), output };
    });
  }

  /** The id of the input that stands for a tensor from outside. */
  capture(key: unknown, dtype: number, shape: readonly number[], handleId: () => number): number {
    let id = this.#captured.get(key);
    if (id === undefined) {
      const output = this.graph.placeholder(dtype, shape);
      this.captures.push({ output, handleId });
      this.#captured.set(key, id = this.add(output));
    }
    return id;
  }
}

/** What names of nodes begin with at a place: `ascent/backward/WideResnetGroup_0/conv1/`. */
function scopeOf({ pass, isBackward, layer }: Place): string {
  const parts = [pass || "outside", isBackward ? "backward" : "forward", layer || "none"];
  return `${parts.join("/").replaceAll(/[^A-Za-z0-9_.\\/>-]/g, "_")}/`;
}

/** What TensorFlow's optimizer puts into the names of nodes that it makes of others. */
const OPTIMIZER = /Optimizer$/;

/** The place in the name of a node; undefined for one without. */
export function placeOf(name: string): Place | undefined {
  const [pass = "", direction, ...rest] = name.split("/");
  const isDirection = direction === "forward" || direction === "backward";
  if (pass.startsWith("_") || !isDirection || rest.length < 2) return undefined;
  const made = rest.findIndex((part) => OPTIMIZER.test(part));
  const layer = rest.slice(0, made < 0 ? -1 : made).join("/");
  return {
    pass: pass === "outside" ? "" : pass,
    isBackward: direction === "backward",
    layer: layer === "none" ? "" : layer,
  };
}
