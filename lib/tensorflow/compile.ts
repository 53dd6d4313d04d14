import * as tf from "@tensorflow/tfjs";
import { type Attribute, attribute, AttributeType } from "./_attributes.ts";
import type { Output } from "./_graph.ts";
import { withoutJavaScriptRandomness } from "./_javascript_random.ts";
import { cString, tensorflow } from "./_library.ts";
import { bytesField, integerField } from "./_proto.ts";
import { build, difference, matches, type Signature, signatureOf } from "./_signature.ts";
import { context } from "./_context.ts";
import { status } from "./_status.ts";
import type { Capture, Trace } from "./_trace.ts";
import { backend } from "./backend.ts";

/** How a function is compiled. */
export interface CompileOptions {
  /**
   * `graph` (default): TensorFlow's executor, equal to eager execution; `xla`: fused by XLA, which
   * rounds differently.
   */
  readonly jit?: "graph" | "xla";
  /** Positions of arguments whose tensors are disposed after a successful call: the old state. */
  readonly donate?: readonly number[];
  /** Let TensorFlow's graph optimizer rewrite the function; default true. */
  readonly optimize?: boolean;
  /** For messages; default the function's own name. */
  readonly name?: string;
  /** Told of each trace; by default the fifth and later ones are warned of. */
  readonly onTrace?: (trace: TraceReport) => void;
}

/** Tells of a trace. */
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
  /** Runs before it returns. Inside another trace it becomes a part of that. */
  sync(...args: Args): Result;
  /** Traces so far: one for each structure, shapes and dtypes of the arguments. */
  readonly traceCount: number;
  /** Removes the traces from TensorFlow; the next call traces anew. */
  dispose(): void;
}

/** One trace: a TensorFlow function for arguments of one signature. */
interface Concrete {
  readonly name: string;
  readonly signature: Signature;
  readonly captures: readonly Capture[];
  readonly result: Signature;
  readonly outputs: readonly { shape: number[]; dtype: tf.DataType; code: number }[];
  readonly nodes: number;
}

const tracing = new Set<unknown>();
let functions = 0;

/**
 * Compiles a function of tensors, written in TensorFlow.js, gradients included, into one
 * TensorFlow function: `tf.function` for TensorFlow.js. It is traced at the first call with
 * arguments of a new structure, shape or dtype.
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
 * @throws Error (when called) if the function reads values, draws random numbers in JavaScript,
 *   calls itself, keeps a tensor beyond the trace, or returns nothing that depends on a tensor
 * @throws TypeError (when called) for arguments or results that are not such trees
 */
export function compile<Args extends readonly unknown[], Result>(
  fn: (...args: Args) => Result,
  options: CompileOptions = {},
): Compiled<Args, Result> {
  const { jit = "graph", donate = [], optimize = true, onTrace = warnOfRetraces } = options;
  const title = options.name ?? (fn.name || "the function");
  const attributes = callAttributes(jit, optimize);
  const traces: Concrete[] = [];
  let traceCount = 0;

  function prepare(args: Args): { concrete: Concrete; inputs: number[] } {
    if (tracing.has(fn)) throw new Error(`Cannot trace ${title}: it calls itself`);
    const tensors: tf.Tensor[] = [];
    let concrete = traces.find((candidate) => {
      tensors.length = 0;
      return matches(candidate.signature, args, tensors);
    });
    if (concrete === undefined) {
      concrete = traceAnew(args);
      tensors.length = 0;
      matches(concrete.signature, args, tensors);
    }
    const inputs = new Array<number>(tensors.length);
    for (let index = 0; index < tensors.length; index++) {
      const tensor = tensors[index]!;
      if (tensor.isDisposed) {
        throw new Error(`Cannot run ${title}: an argument of shape [${tensor.shape}] was disposed`);
      }
      inputs[index] = backend.handleId(tensor);
    }
    for (const capture of concrete.captures) inputs.push(capture.handleId());
    return { concrete, inputs };
  }

  function traceAnew(args: Args): Concrete {
    const signature: Signature = {
      kind: "array",
      items: args.map((arg, index) => signatureOf(arg, `argument ${index}`)),
    };
    const last = traces.at(-1);
    const start = performance.now();
    tracing.add(fn);
    try {
      const concrete = traceFunction(fn, title, signature, jit === "xla");
      traces.push(concrete);
      onTrace({
        name: title,
        count: ++traceCount,
        nodes: concrete.nodes,
        milliseconds: performance.now() - start,
        reason: last && reasonOf(last.signature, args),
      });
      return concrete;
    } finally {
      tracing.delete(fn);
    }
  }

  function finish({ result, outputs }: Concrete, ids: number[], args: Args): Result {
    let next = 0;
    const tree = build(result, () => {
      const { shape, dtype, code } = outputs[next]!;
      return backend.adopt(ids[next++]!, shape, dtype, code);
    });
    for (const position of donate) tf.dispose(args[position] as tf.TensorContainer);
    return tree as Result;
  }

  const compiled = async (...args: Args): Promise<Result> => {
    if (backend.binding.trace !== undefined) {
      throw new Error(
        `Cannot call ${title} while ${backend.binding.trace.name} is being traced: its result is a ` +
          "promise. Call its `sync`",
      );
    }
    const { concrete, inputs } = prepare(args);
    const { name, outputs } = concrete;
    const ids = await backend.binding.executeAsync(name, attributes, inputs, outputs.length);
    return finish(concrete, ids, args);
  };

  const sync = (...args: Args): Result => {
    if (backend.binding.trace !== undefined) {
      if (tracing.has(fn)) throw new Error(`Cannot trace ${title}: it calls itself`);
      return fn(...args);
    }
    const { concrete, inputs } = prepare(args);
    const { name, outputs } = concrete;
    return finish(
      concrete,
      backend.binding.execute(name, attributes, inputs, outputs.length),
      args,
    );
  };

  const dispose = () => {
    for (const { name } of traces.splice(0)) {
      tensorflow().TFE_ContextRemoveFunction(context(), cString(name), status());
    }
  };

  return Object.defineProperty(
    Object.assign(compiled, { sync, dispose }),
    "traceCount",
    { get: () => traceCount },
  ) as Compiled<Args, Result>;
}

function traceFunction<Args extends readonly unknown[]>(
  fn: (...args: Args) => unknown,
  title: string,
  signature: Signature,
  xla: boolean,
): Concrete {
  return backend.binding.tracing(title, {}, (trace) => {
    try {
      const inputs: Output[] = [];
      const argument = (shape: number[], dtype: tf.DataType) => {
        const output = trace.graph.placeholder(backend.getDTypeInteger(dtype), shape);
        inputs.push(output);
        return backend.createOutputTensor({ id: trace.add(output), shape, dtype: output.dtype });
      };
      const tree = withoutJavaScriptRandomness(
        title,
        () =>
          tf.tidy(() =>
            refusePromise(title, fn(...buildArguments(signature, argument) as unknown as Args))
          ),
      );
      const result = signatureOfResult(tree, title);
      const tensors: tf.Tensor[] = [];
      matches(result, tree, tensors);
      const outputs = resultOutputs(trace, tensors);
      disposeTraced(trace, tensors);
      const name = `sam_${functions++}_${title.replaceAll(/\W/g, "_")}`;
      const all = [...inputs, ...trace.captures.map((capture) => capture.output)];
      trace.graph.addFunction(name, all, outputs, { xla });
      return {
        name,
        signature,
        captures: trace.captures,
        result,
        outputs: tensors.map((tensor, index) => ({
          shape: tensor.shape,
          dtype: tensor.dtype,
          code: outputs[index]!.dtype,
        })),
        nodes: trace.graph.nodes,
      };
    } finally {
      trace.graph.delete();
    }
  });
}

function buildArguments(
  signature: Signature,
  argument: (shape: number[], dtype: tf.DataType) => tf.Tensor,
): unknown[] {
  const order: { shape: readonly number[]; dtype: tf.DataType }[] = [];
  collect(signature);
  let next = 0;
  return build(signature, () => {
    const { shape, dtype } = order[next++]!;
    return argument([...shape], dtype);
  }) as unknown[];

  function collect(signature: Signature): void {
    if (signature.kind === "tensor") order.push(signature);
    else if (signature.kind !== "value") signature.items.forEach(collect);
  }
}

function refusePromise(title: string, result: unknown): tf.TensorContainer {
  if (result instanceof Promise) {
    throw new TypeError(`Cannot trace ${title}: it is asynchronous; only its call may be`);
  }
  return result as tf.TensorContainer;
}

function signatureOfResult(tree: unknown, title: string): Signature {
  const signature = signatureOf(tree, "result");
  refuse(signature, "the result");
  return signature;

  function refuse(signature: Signature, path: string): void {
    if (signature.kind === "value" && signature.value != null) {
      throw new TypeError(
        `Cannot trace ${title}: ${path} is ${JSON.stringify(signature.value)}, which does not ` +
          "depend on a tensor and would be the same at every call",
      );
    }
    if (signature.kind === "array") {
      signature.items.forEach((item, index) => refuse(item, `${path}[${index}]`));
    }
    if (signature.kind === "record") {
      signature.items.forEach((item, index) => refuse(item, `${path}.${signature.keys[index]}`));
    }
  }
}

function resultOutputs(trace: Trace, tensors: readonly tf.Tensor[]): Output[] {
  const outputs = backend.getInputTensorIds(tensors).map((id) => trace.output(id)!);
  if (!outputs.some((output) => output.varies)) {
    throw new Error(
      `Cannot trace ${trace.name}: its result does not depend on a tensor and would be the same ` +
        "at every call",
    );
  }
  // An input is not a node of the function; what is handed through needs one.
  return outputs.map((output) =>
    trace.graph.operation("Identity", [attribute.type("T", output.dtype)], [output], 1)[0]!
  );
}

/** Disposes what the trace made; what it captured stays its owner's. */
function disposeTraced(trace: Trace, tensors: readonly tf.Tensor[]): void {
  tf.dispose(tensors.filter((tensor) => backend.isTraced(tensor)));
  const escaped = trace.dataIds.filter((dataId) => backend.holds(dataId)).length;
  if (escaped > 0) {
    throw new Error(
      `Cannot trace ${trace.name}: ${escaped} of its tensors outlive the trace, kept or assigned ` +
        "to a variable. Return them instead",
    );
  }
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

function reasonOf(signature: Signature, args: readonly unknown[]): string | undefined {
  if (signature.kind !== "array") return undefined;
  if (signature.items.length !== args.length) return `${args.length} arguments`;
  for (const [index, item] of signature.items.entries()) {
    const reason = difference(item, args[index], `argument ${index}`);
    if (reason !== undefined) return reason;
  }
}

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
