import * as tf from "@tensorflow/tfjs";
import { withoutJavaScriptRandomness } from "./_javascript_random.ts";
import type { Trace, TraceOptions } from "../native/mod.ts";
import { backend } from "../backend/mod.ts";

/** An operation that was recorded for its gradient. */
interface TapeNode {
  readonly saved?: tf.Tensor[];
  /** Gives what computes the gradient of each input. */
  gradient?: (...dys: unknown[]) => Record<string, () => unknown>;
}

/** The members of TensorFlow.js's engine that it declares private. */
interface Engine {
  readonly state: {
    gradientDepth: number;
    kernelDepth: number;
    activeTape?: TapeNode[] | null;
  };
  addTapeNode(...of: unknown[]): void;
  trackTensor(tensor: tf.Tensor, backend?: unknown): void;
}

/**
 * Runs `body` while operations become nodes of a new trace. TensorFlow.js is left as it was, even after
 * an error: the tensors that `body` makes, its result included, are disposed and the graph is
 * deleted. Only constants that a library keeps for later stay.
 *
 * @param name of what is traced, for errors
 * @throws Error if `body` reads values, draws random numbers in JavaScript, keeps a tensor, assigns
 *   to a variable, or opens another trace
 */
export function traced<T>(name: string, options: TraceOptions, body: (trace: Trace) => T): T {
  if (tf.getBackend() !== "tensorflow") {
    throw new Error(
      `Cannot trace ${name} on the backend ${tf.getBackend()}: call tf.setBackend("tensorflow")`,
    );
  }
  return backend.binding.tracing(name, options, (trace) => {
    const made: tf.Tensor[] = [];
    try {
      return withoutJavaScriptRandomness(name, () =>
        isolated(name, made, trace, () => {
          let result: T;
          tf.tidy(() => {
            result = body(trace);
          });
          refuseEscaped(name, made);
          return result!;
        }));
    } finally {
      trace.graph.delete();
      made.filter((tensor) => isDone(tensor)).forEach((tensor) => tensor.dispose());
    }
  });
}

/**
 * Runs `body` with a separate tape, so that gradients inside and outside do not mix, and refuses
 * assignments to variables, which would happen only once, at the trace. Adds the tensors that it
 * makes to `made`. Gradients are computed at the places of what they are gradients of.
 */
function isolated<T>(name: string, made: tf.Tensor[], trace: Trace, body: () => T): T {
  const engine = tf.engine() as unknown as Engine;
  const { state, trackTensor, addTapeNode } = engine;
  const { gradientDepth, kernelDepth, activeTape } = state;
  const { assign } = tf.Variable.prototype;
  Object.assign(state, { gradientDepth: 0, kernelDepth: 0, activeTape: null });
  engine.trackTensor = function (tensor, backend) {
    made.push(tensor);
    trackTensor.call(this, tensor, backend);
  };
  engine.addTapeNode = function (...of) {
    addTapeNode.apply(this, of);
    placeGradient(trace, state.activeTape!.at(-1)!);
  };
  tf.Variable.prototype.assign = () => {
    throw new Error(
      `Cannot assign to a variable while ${name} is being traced: it would happen once, not at ` +
        "every call. Return the value and assign it outside",
    );
  };
  try {
    return body();
  } finally {
    // A gradient that fails leaves its saved tensors behind.
    for (const { saved = [] } of state.activeTape ?? []) tf.dispose(saved);
    Object.assign(state, { gradientDepth, kernelDepth, activeTape });
    Object.assign(engine, { trackTensor, addTapeNode });
    tf.Variable.prototype.assign = assign;
  }
}

function placeGradient(trace: Trace, node: TapeNode): void {
  const place = { ...trace.place, isBackward: true };
  const { gradient } = node;
  const there = <T>(body: () => T): T => {
    const before = trace.place;
    trace.place = place;
    try {
      return body();
    } finally {
      trace.place = before;
    }
  };
  node.gradient = gradient && ((...dys) => {
    const byInput = there(() => gradient(...dys));
    return Object.fromEntries(
      Object.entries(byInput).map(([input, compute]) => [input, () => there(compute)]),
    );
  });
}

function refuseEscaped(name: string, made: readonly tf.Tensor[]): void {
  const escaped =
    made.filter((tensor) =>
      !tensor.isDisposed && (backend.isNode(tensor) || tensor instanceof tf.Variable)
    ).length;
  if (escaped === 0) return;
  throw new Error(
    `Cannot trace ${name}: ${escaped} of its tensors outlive the trace, kept or made a variable. ` +
      "Return them instead",
  );
}

/** Whether nothing can use a tensor after the trace. */
function isDone(tensor: tf.Tensor): boolean {
  if (tensor.isDisposed) return false;
  const { kept } = tensor as unknown as { readonly kept: boolean };
  return !kept || tensor instanceof tf.Variable || backend.isNode(tensor);
}
