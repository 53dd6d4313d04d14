import * as tf from "@tensorflow/tfjs";
import { attribute, type Capture, type NodeOutput, type Trace } from "../native/mod.ts";
import { backend, type Precision, withPrecision } from "../backend/mod.ts";
import { matches, type Signature, signatureOf } from "./signature.ts";
import { traced } from "./traced.ts";

/** Makes the next argument of a function that is being traced, by its dtype's code and its sizes. */
export type ArgumentMaker = (dtype: number, shape: readonly number[]) => tf.Tensor;

/** What to trace a function for. */
export interface TraceRequest {
  /** What it is traced for, as errors begin: "Cannot trace", "Cannot map by". */
  readonly action: string;
  /** The function in messages, and a part of its name in TensorFlow. */
  readonly title: string;
  /** What its name in TensorFlow begins with. */
  readonly prefix: string;
  /** Allow outputs of unknown size. */
  readonly unknownSizes?: boolean;
  /** Compile it with XLA. */
  readonly xla?: boolean;
  /** It is called by the function whose trace is under construction, and not put in its place there. */
  readonly nested?: boolean;
  /** What its products compute in; default float32. */
  readonly precision?: Precision;
  /** Throws for a result that is of no use. */
  readonly requireResult: (result: Signature, outputs: readonly NodeOutput[]) => void;
}

/** A function of the context, made of a trace. */
export interface TracedFunction {
  readonly name: string;
  /** Its inputs besides the arguments. */
  readonly captures: readonly Capture[];
  /** Functions that it calls. */
  readonly functions: readonly string[];
  readonly result: Signature;
  /** Its outputs, and the tensors of the result that stood for them. They are disposed. */
  readonly outputs: readonly NodeOutput[];
  readonly tensors: readonly tf.Tensor[];
  /** Operations in it. */
  readonly nodes: number;
}

let functions = 0;

/**
 * Traces a function and adds it to TensorFlow. Its inputs are the arguments, in the order in which
 * `fn` asks for them, and then what it captures.
 *
 * @throws TypeError if the result is a promise or no tree of tensors and plain values
 * @throws Error for what cannot be traced, see {@linkcode traced}
 */
export function traceFunction(
  {
    action,
    title,
    prefix,
    unknownSizes,
    xla,
    nested = false,
    precision = "float32",
    requireResult,
  }: TraceRequest,
  fn: (argument: ArgumentMaker) => unknown,
): TracedFunction {
  return traced(title, { unknownSizes, anySize: xla, nested }, (trace) => {
    const inputs: NodeOutput[] = [];
    const argument: ArgumentMaker = (dtype, shape) => {
      const { tensor, output } = placeholder(trace, dtype, shape);
      inputs.push(output);
      return tensor;
    };
    const tree = withPrecision(precision, () => fn(argument));
    refusePromise(`${action} ${title}`, tree);
    const result = signatureOf(tree, "the result");
    const tensors: tf.Tensor[] = [];
    matches(result, tree, tensors);
    const outputs = backend.getInputTensorIds(tensors).map((id) => trace.output(id)!);
    requireResult(result, outputs);
    const name = `${prefix}_${functions++}_${title.replaceAll(/\W/g, "_")}`;
    const all = [...inputs, ...trace.captures.map((capture) => capture.output)];
    const nodesOf = outputs.map((output) => asNode(trace, output));
    trace.graph.addFunction(name, all, nodesOf, { xla, inline: !nested });
    const { captures, functions: called, graph: { nodes } } = trace;
    return { name, captures, functions: called, result, outputs, tensors, nodes };
  });
}

/** A tensor of a trace that is fed when the function runs. */
export function placeholder(
  trace: Trace,
  dtype: number,
  shape: readonly number[],
): { tensor: tf.Tensor; output: NodeOutput } {
  const output = trace.graph.placeholder(dtype, shape);
  const metadata = { id: trace.add(output), shape: [...shape], dtype };
  return { tensor: backend.createOutputTensor(metadata), output };
}

/** An input is not a node of the function; what is handed through needs one. */
export function asNode(trace: Trace, output: NodeOutput): NodeOutput {
  return trace.graph.operation("Identity", [attribute.type("T", output.dtype)], [output], 1)[0]!;
}

function refusePromise(what: string, result: unknown): void {
  if (!(result instanceof Promise)) return;
  result.catch(() => {}); // it fails, having lost its trace, and nobody else waits for it
  throw new TypeError(
    `Cannot ${what}: it is asynchronous. Pass a function that returns its result at once`,
  );
}
