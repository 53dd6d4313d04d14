import * as tf from "@tensorflow/tfjs";
import {
  attribute,
  type Capture,
  check,
  context,
  cString,
  dtypeCode,
  type Output,
  status,
  tensorflow,
  type Trace,
} from "../native/mod.ts";
import {
  type ArraySignature,
  build,
  matches,
  type Signature,
  signatureOf,
  type TensorSignature,
} from "./signature.ts";
import { traced } from "./traced.ts";
import { backend, type OutputInfo } from "../backend/mod.ts";

/** One trace of a compiled function: a TensorFlow function for arguments of one signature. */
export interface Concrete {
  readonly name: string;
  readonly signature: ArraySignature;
  /** By argument: how many tensors it and those before it hold. */
  readonly ends: readonly number[];
  readonly captures: readonly Capture[];
  readonly result: Signature;
  readonly outputs: readonly OutputInfo[];
  /** Functions that it calls. */
  readonly functions: readonly string[];
  /** Operations in the function. */
  readonly nodes: number;
  /** Calls that have not ended. */
  running: number;
}

let functions = 0;

/**
 * Traces a function for arguments of a signature and adds it to TensorFlow; see `compile` for what
 * is refused.
 *
 * @param title of the function, for errors
 */
export function traceConcrete(
  fn: (...args: never[]) => unknown,
  title: string,
  signature: ArraySignature,
  { xla = false, nested = false }: { readonly xla?: boolean; readonly nested?: boolean },
): Concrete {
  return traced(title, { nested }, (trace) => {
    const inputs: Output[] = [];
    const ends: number[] = [];
    const argument = ({ shape, dtype }: TensorSignature) => {
      const output = trace.graph.placeholder(dtypeCode(dtype), shape);
      inputs.push(output);
      const metadata = { id: trace.add(output), shape: [...shape], dtype: output.dtype };
      return backend.createOutputTensor(metadata);
    };
    const args = signature.items.map((item) => {
      const tree = build(item, argument);
      ends.push(inputs.length);
      return tree;
    });
    const tree = fn(...args as never[]);
    refusePromise(title, tree);
    const result = signatureOf(tree, "the result");
    refuseValues(title, result, "the result");
    const tensors: tf.Tensor[] = [];
    matches(result, tree, tensors);
    const outputs = resultOutputs(trace, tensors);
    const name = `sam_${functions++}_${title.replaceAll(/\W/g, "_")}`;
    const all = [...inputs, ...trace.captures.map((capture) => capture.output)];
    trace.graph.addFunction(name, all, outputs, { xla, inline: !nested });
    return {
      name,
      signature,
      ends,
      captures: trace.captures,
      result,
      functions: trace.functions,
      outputs: tensors.map(({ shape, dtype }, index) => ({
        shape,
        dtype,
        code: outputs[index]!.dtype,
      })),
      nodes: trace.graph.nodes,
      running: 0,
    };
  });
}

/** Takes it, and what it calls, out of TensorFlow. No call may be running. */
export function removeConcrete({ name, functions }: Concrete): void {
  for (const each of [name, ...functions]) {
    tensorflow().TFE_ContextRemoveFunction(context(), cString(each), status());
    check(`remove the function ${each}`);
  }
}

function refusePromise(title: string, result: unknown): void {
  if (!(result instanceof Promise)) return;
  result.catch(() => {}); // it fails, having lost its trace, and nobody else waits for it
  throw new TypeError(`Cannot trace ${title}: it is asynchronous; only its call may be`);
}

function refuseValues(title: string, signature: Signature, path: string): void {
  if (signature.kind === "value" && (signature.value ?? undefined) !== undefined) {
    throw new TypeError(
      `Cannot trace ${title}: ${path} is ${Deno.inspect(signature.value)}, which does not depend ` +
        "on a tensor and would be the same at every call",
    );
  }
  if (signature.kind === "array") {
    signature.items.forEach((item, index) => refuseValues(title, item, `${path}[${index}]`));
  }
  if (signature.kind === "record") {
    const { items, keys } = signature;
    items.forEach((item, index) => refuseValues(title, item, `${path}.${keys[index]}`));
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
