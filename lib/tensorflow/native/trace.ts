import type { Attribute } from "./attributes.ts";
import { Graph, type Output } from "./graph.ts";
import type { Pointer } from "./library.ts";
import { requireResult } from "./result.ts";

/** A tensor made outside a trace that the traced function reads: an input besides its arguments. */
export interface Capture {
  readonly output: Output;
  /** The tensor's handle at the time of a call. */
  readonly handleId: () => number;
}

/** Options of a trace. */
export interface TraceOptions {
  /** Allow outputs of unknown size, as the maps of a data set have; by default they are refused. */
  readonly unknownSizes?: boolean;
  /** Allow it inside of another trace, whose nodes call the function. */
  readonly nested?: boolean;
  /** Allow outputs that no memory could hold, as nothing is computed, or XLA fuses it away. */
  readonly anySize?: boolean;
}

/** The building of one function: operations become nodes of its graph instead of running. */
export class Trace {
  readonly name: string;
  readonly graph = new Graph();
  readonly captures: Capture[] = [];
  /** Functions that its nodes call, which are to be removed with it. */
  readonly functions: string[] = [];
  /** Constants by the data that they were made of. */
  readonly constants = new WeakMap<object, number>();
  readonly #options: TraceOptions;
  readonly #outputs = new Map<number, Output>();
  readonly #captured = new Map<unknown, number>();
  readonly #nextId: () => number;

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

  /** The id that stands for an output in place of a tensor handle's. */
  add(output: Output): number {
    const id = this.#nextId();
    this.#outputs.set(id, output);
    return id;
  }

  /** @returns undefined for an id that is not of this trace */
  output(id: number): Output | undefined {
    return this.#outputs.get(id);
  }

  constant(tensor: Pointer): number {
    return this.add(this.graph.constant(tensor));
  }

  /** @param after outputs whose operations have to end before this one begins */
  operation(
    type: string,
    attributes: readonly Attribute[],
    inputs: readonly Output[],
    outputs: number,
    after: readonly Output[] = [],
  ): { id: number; output: Output }[] {
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
