import { bytesField, integerField } from "../../system/mod.ts";
import * as tf from "@tensorflow/tfjs";
import { type Attribute, attribute, AttributeType } from "../native/mod.ts";
import { type Concrete, removeConcrete, traceConcrete } from "./_concrete.ts";
import { type ArraySignature, build, difference, matches, signatureOf } from "./signature.ts";
import { backend, type Precision, withPrecision } from "../backend/mod.ts";

/** How a function is compiled. */
export interface CompileOptions {
  /**
   * `graph` (default): TensorFlow's executor, equal to eager execution bit for bit, except for
   * softmax, which oneDNN computes there and Eigen eagerly (1e-6); `xla`: fused by XLA, which rounds
   * differently (1e-5).
   */
  readonly jit?: "graph" | "xla";
  /** Positions of arguments whose tensors are disposed after a successful call: the old state. */
  readonly donate?: readonly number[];
  /** Let TensorFlow's graph optimizer rewrite the function; default true. */
  readonly optimize?: boolean;
  /**
   * What its convolutions and matrix products compute in, see `withPrecision`; default float32, and
   * inside another trace what that computes in.
   */
  readonly precision?: Precision | undefined;
  /** For messages; default the function's own name. */
  readonly name?: string;
  /** Called after each trace; by default the fifth and later ones print a warning. */
  readonly onTrace?: (trace: TraceReport) => void;
}

/** What a trace was made for and what it took. */
export interface TraceReport {
  readonly name: string;
  /** 1 for the first. */
  readonly count: number;
  /** Operations in the function. */
  readonly nodes: number;
  readonly milliseconds: number;
  /** What differs from the trace before: "argument 1 is float32[8,10], not float32[16,10]". */
  readonly reason: string | undefined;
}

/** A function compiled by {@linkcode compile}. */
export interface Compiled<Args extends readonly unknown[], Result> {
  /** Runs on TensorFlow's threads while the event loop goes on. The result is the caller's. */
  (...args: Args): Promise<Result>;
  /** Runs before it returns. Inside another trace, or a gradient, it becomes a part of that. */
  sync(...args: Args): Result;
  /** Traces for arguments as these, unless that was done before, and runs nothing. */
  trace(...args: Args): void;
  /** Traces so far: one for each structure, shapes and dtypes of the arguments. */
  readonly traceCount: number;
  /** Removes the traces from TensorFlow, which would keep them; the next call traces again. */
  dispose(): void;
}

/** A call of a concrete function: its tensors among the arguments, and all inputs as handles. */
interface Call {
  readonly concrete: Concrete;
  readonly tensors: readonly tf.Tensor[];
  readonly inputs: readonly number[];
}

/** The functions being traced: one that is called again inside its trace would never end. */
const tracing = new Set<unknown>();

/**
 * Compiles a function of tensors, written in TensorFlow.js, gradients included, into one
 * TensorFlow function: `tf.function` for TensorFlow.js. It is traced at the first call with
 * arguments of a new structure, shape or dtype; the last 512 traces are kept.
 *
 * Arguments and results are trees of tensors: arrays and plain records. Other values among the
 * arguments (numbers, strings) are constants of the trace. Tensors that the function uses besides
 * its arguments are read at each call, variables with their current value.
 *
 * ```ts
 * import { compile, tf } from "sam";
 * const norm = compile((x: tf.Tensor) => tf.sqrt(tf.sum(tf.square(x))));
 * const y = await norm(tf.tensor1d([3, 4]));
 * console.log(y.dataSync()[0]); // 5
 * y.dispose();
 * ```
 *
 * @throws TypeError for what is no function
 * @throws RangeError for another way to compile, or positions that no argument has
 * @throws Error (when called) if the function reads values, draws random numbers in JavaScript,
 *   calls itself, keeps a tensor beyond the trace, assigns to a variable, or returns nothing that
 *   depends on a tensor. TensorFlow.js is then as it was before the call
 * @throws TypeError (when called) for arguments or results that are not such trees, and for
 *   asynchronous functions
 */
export function compile<Args extends readonly unknown[], Result>(
  fn: (...args: Args) => Result,
  options: CompileOptions = {},
): Compiled<Args, Result> {
  const of = new CompiledFunction(fn, options);
  const members = {
    sync: (...args: Args) => of.sync(args),
    trace: (...args: Args) => of.trace(args),
    dispose: () => of.dispose(),
  };
  return Object.defineProperty(
    Object.assign((...args: Args) => of.call(args), members),
    "traceCount",
    { get: () => of.traceCount },
  ) as Compiled<Args, Result>;
}

/** A function with its traces. */
class CompiledFunction<Args extends readonly unknown[], Result> {
  readonly #fn: (...args: Args) => Result;
  readonly #title: string;
  readonly #donate: readonly number[];
  readonly #isXla: boolean;
  readonly #precision: Precision | undefined;
  readonly #attributes: readonly Attribute[];
  readonly #onTrace: (trace: TraceReport) => void;
  readonly #traces: Concrete[] = [];
  traceCount = 0;

  constructor(
    fn: (...args: Args) => Result,
    { jit = "graph", donate = [], optimize = true, onTrace = warnOfRetraces, name, precision }:
      CompileOptions,
  ) {
    if (typeof fn !== "function") throw new TypeError(`Cannot compile ${fn}: give a function`);
    if (jit !== "graph" && jit !== "xla") {
      throw new RangeError(`Cannot compile with jit ${jit}: choose from graph, xla`);
    }
    if (!Array.isArray(donate) || !donate.every((at) => Number.isInteger(at) && at >= 0)) {
      throw new RangeError(
        `Cannot donate the arguments ${donate}: give a list of their positions, from 0`,
      );
    }
    this.#fn = fn;
    this.#title = name ?? (fn.name || "the function");
    this.#donate = donate;
    this.#isXla = jit === "xla";
    this.#precision = precision;
    this.#attributes = callAttributes(jit, optimize);
    this.#onTrace = onTrace;
  }

  call(args: Args): Promise<Result> {
    const { trace } = backend.binding;
    if (trace === undefined) return this.#run(args);
    throw new Error(
      `Cannot call ${this.#title} while ${trace.name} is being traced: its result is a promise. ` +
        "Call its `sync`",
    );
  }

  sync(args: Args): Result {
    if (backend.binding.trace !== undefined || isTapeOn()) {
      const { precision } = backend.binding;
      const inlined = () => withPrecision(this.#precision ?? precision, () => this.#fn(...args));
      return this.#guarded(inlined);
    }
    const call = this.#prepare(args);
    const { name, outputs } = call.concrete;
    const ids = backend.binding.execute(name, this.#attributes, call.inputs, outputs.length);
    return this.#finish(call, ids);
  }

  trace(args: Args): void {
    this.#prepare(args);
  }

  dispose(): void {
    this.#traces.splice(0).forEach(removeUnused);
  }

  async #run(args: Args): Promise<Result> {
    const call = this.#prepare(args);
    const { concrete, inputs } = call;
    const { name, outputs } = concrete;
    concrete.running++;
    try {
      return this.#finish(
        call,
        await backend.binding.executeAsync(name, this.#attributes, inputs, outputs.length),
      );
    } finally {
      concrete.running--;
      if (!this.#traces.includes(concrete)) removeUnused(concrete);
    }
  }

  #prepare(args: Args): Call {
    const tensors: tf.Tensor[] = [];
    let concrete = this.#traces.find((candidate) => {
      tensors.length = 0;
      return matches(candidate.signature, args, tensors);
    });
    if (concrete === undefined) {
      concrete = this.#traceAnew(args);
      tensors.length = 0;
      matches(concrete.signature, args, tensors);
    }
    const inputs = new Array<number>(tensors.length);
    for (let index = 0; index < tensors.length; index++) {
      const tensor = tensors[index]!;
      if (tensor.isDisposed) {
        throw new Error(
          `Cannot run ${this.#title}: an argument of shape [${tensor.shape}] was disposed`,
        );
      }
      if (backend.binding.isMixed) backend.widen(tensor);
      inputs[index] = backend.handleId(tensor);
    }
    for (const capture of concrete.captures) inputs.push(capture.handleId());
    return { concrete, tensors, inputs };
  }

  #traceAnew(args: Args): Concrete {
    const signature: ArraySignature = {
      kind: "array",
      items: args.map((arg, index) => signatureOf(arg, `argument ${index}`)),
    };
    const absent = this.#donate.find((position) => position >= args.length);
    if (absent !== undefined) {
      throw new RangeError(
        `Cannot donate argument ${absent} of ${this.#title}: it is called with ${args.length}`,
      );
    }
    const last = this.#traces.at(-1);
    const start = performance.now();
    const how = { xla: this.#isXla, precision: this.#precision ?? "float32" };
    const concrete = this.#guarded(() => traceConcrete(this.#fn, this.#title, signature, how));
    this.#traces.push(concrete);
    if (this.#traces.length > MOST_TRACES) removeUnused(this.#traces.shift()!);
    this.#onTrace({
      name: this.#title,
      count: ++this.traceCount,
      nodes: concrete.nodes,
      milliseconds: performance.now() - start,
      reason: last && reasonOf(last.signature, args),
    });
    return concrete;
  }

  #finish({ concrete, tensors }: Call, ids: readonly number[]): Result {
    const { ends, outputs, result } = concrete;
    const results = backend.adopt(ids, outputs);
    let next = 0;
    const tree = build(result, () => results[next++]!);
    for (const position of this.#donate) {
      const end = ends[position] ?? 0;
      for (let index = ends[position - 1] ?? 0; index < end; index++) tensors[index]!.dispose();
    }
    return tree as Result;
  }

  /** Runs `body`, in which the function is traced or becomes a part of another trace. */
  #guarded<T>(body: () => T): T {
    const fn = this.#fn;
    if (tracing.has(fn)) throw new Error(`Cannot trace ${this.#title}: it calls itself`);
    tracing.add(fn);
    try {
      return body();
    } finally {
      tracing.delete(fn);
    }
  }
}

/** Takes a trace that was disposed out of TensorFlow, at the latest when its last call has ended. */
function removeUnused(concrete: Concrete): void {
  if (concrete.running === 0) removeConcrete(concrete);
}

/** Whether TensorFlow.js is recording operations for a gradient. */
function isTapeOn(): boolean {
  return (tf.engine() as unknown as { isTapeOn(): boolean }).isTapeOn();
}

function callAttributes(jit: "graph" | "xla", optimize: boolean): Attribute[] {
  const attributes: Attribute[] = [];
  if (jit === "xla") attributes.push(attribute.bool("_XlaMustCompile", true));
  if (!optimize) {
    // ConfigProto.graph_options.rewrite_options.disable_meta_optimizer
    const config = bytesField(10, bytesField(10, integerField(19, true)));
    const value = Uint8Array.from(config);
    attributes.push({ name: "config_proto", type: AttributeType.string, value });
  }
  return attributes;
}

function reasonOf({ items }: ArraySignature, args: readonly unknown[]): string | undefined {
  if (items.length !== args.length) return `${args.length} arguments, not ${items.length}`;
  for (const [index, item] of items.entries()) {
    const reason = difference(item, args[index], `argument ${index}`);
    if (reason !== undefined) return reason;
  }
}

/** Traces that are kept, each of some tens of kilobytes: the oldest goes for another one. */
const MOST_TRACES = 512;

/** Traces from which on retracing is worth a warning: more than shapes of a last batch explain. */
const MANY_TRACES = 5;

function warnOfRetraces({ name, count, milliseconds, reason }: TraceReport): void {
  if (count < MANY_TRACES) return;
  // deno-lint-ignore no-console -- a hint for the person who writes the loop, as tf.function's
  console.warn(
    `${name} was traced ${count} times, now for ${milliseconds.toFixed(0)} ms: ${reason}. ` +
      "Pass what changes as a tensor",
  );
}
