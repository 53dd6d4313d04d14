import type * as tf from "@tensorflow/tfjs";
import {
  type Capture,
  check,
  context,
  cString,
  dtypeCode,
  type NodeOutput,
  status,
  tensorflow,
} from "../native/mod.ts";
import type { OutputInfo, Precision } from "../backend/mod.ts";
import { type ArraySignature, build, type Signature } from "./signature.ts";
import { traceFunction } from "./trace_function.ts";

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
  { xla = false, nested = false, precision }: {
    readonly xla?: boolean;
    readonly nested?: boolean;
    readonly precision: Precision;
  },
): Concrete {
  const ends: number[] = [];
  const { name, captures, functions, result, outputs, tensors, nodes } = traceFunction({
    action: "trace",
    title,
    prefix: "sam",
    xla,
    nested,
    precision,
    requireResult: (result, outputs) => {
      refuseValues(title, result, "the result");
      refuseConstants(title, outputs);
    },
  }, (argument) => {
    let count = 0;
    const next = ({ shape, dtype }: { shape: readonly number[]; dtype: tf.DataType }) => {
      count++;
      return argument(dtypeCode(dtype), shape);
    };
    const args = signature.items.map((item) => {
      const tree = build(item, next);
      ends.push(count);
      return tree;
    });
    return fn(...args as never[]);
  });
  const infos = tensors.map(({ shape, dtype }, index) => ({
    shape,
    dtype,
    code: outputs[index]!.dtype,
  }));
  return {
    name,
    signature,
    ends,
    captures,
    result,
    outputs: infos,
    functions,
    nodes,
    running: 0,
  };
}

/** Takes it, and what it calls, out of TensorFlow. No call may be running. */
export function removeConcrete({ name, functions }: Concrete): void {
  for (const each of [name, ...functions]) {
    tensorflow().TFE_ContextRemoveFunction(context(), cString(each), status());
    check(`remove the function ${each}`);
  }
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

function refuseConstants(title: string, outputs: readonly NodeOutput[]): void {
  if (outputs.some((output) => output.varies)) return;
  throw new Error(
    `Cannot trace ${title}: its result does not depend on a tensor and would be the same at every ` +
      "call",
  );
}
