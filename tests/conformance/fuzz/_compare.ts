import { tf } from "../../../lib/tensorflow/mod.ts";
import { type Case, type Input, sizeOf } from "./_draw.ts";

/** What a backend makes of a case: its results, or its refusal. */
export type Outcome =
  | { readonly results: readonly Result[] }
  | { readonly refusal: string };

export interface Result {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: readonly number[];
}

/** How a case is run: at once, or as a part of a compiled function. */
export type Runner = (run: Case["run"], inputs: tf.Tensor[]) => tf.Tensor[];

/** Runs a case on a backend. Nothing is left behind. */
export function outcomeOf(
  backendName: string,
  inputs: readonly Input[],
  run: Case["run"],
  runner: Runner,
): Outcome {
  tf.setBackend(backendName);
  try {
    return tf.tidy(() => {
      const results = runner(run, inputs.map(tensorOf));
      return {
        results: results.map((tensor) => ({
          shape: tensor.shape,
          dtype: tensor.dtype,
          values: Array.from(tensor.dataSync()),
        })),
      };
    });
  } catch (error) {
    resetGradients();
    return { refusal: error instanceof Error ? error.message : `${error}` };
  } finally {
    tf.setBackend("tensorflow");
  }
}

/** TensorFlow.js goes on recording after a gradient that failed; this ends it. */
function resetGradients(): void {
  const { state } = tf.engine() as unknown as {
    state: { gradientDepth: number; activeTape: { saved?: tf.Tensor[] }[] | null };
  };
  for (const { saved = [] } of state.activeTape ?? []) tf.dispose(saved);
  Object.assign(state, { gradientDepth: 0, kernelDepth: 0, activeTape: null });
}

function tensorOf({ values, shape, dtype }: Input): tf.Tensor {
  return tf.tensor(values, [...shape], dtype);
}

/** Of float32, of another order of summation, and of the same formula in another form. */
const TOLERANCE = 2e-4;

/** In what an outcome differs from another, in words; undefined where they agree. */
export function difference(actual: Outcome, wanted: Outcome): string | undefined {
  if ("refusal" in actual || "refusal" in wanted) {
    if ("refusal" in actual && "refusal" in wanted) return undefined;
    return "refusal" in actual
      ? `refused (${actual.refusal}), not ${shapesOf(wanted)}`
      : `${shapesOf(actual)}, not refused (${(wanted as { refusal: string }).refusal})`;
  }
  if (shapesOf(actual) !== shapesOf(wanted)) return `${shapesOf(actual)}, not ${shapesOf(wanted)}`;
  for (const [index, { values }] of actual.results.entries()) {
    const { values: others, shape } = wanted.results[index]!;
    const size = sizeOf(shape);
    if (values.length !== size) return `${values.length} values, not ${size}`;
    const at = values.findIndex((value, place) => !isClose(value, others[place]!));
    if (at >= 0) return `value ${at} of result ${index} is ${values[at]}, not ${others[at]}`;
  }
}

function isClose(value: number, other: number): boolean {
  if (Object.is(value, other) || value === other) return true;
  return Math.abs(value - other) <= TOLERANCE * Math.max(1, Math.abs(other));
}

function shapesOf(outcome: Outcome): string {
  if ("refusal" in outcome) return "refused";
  return outcome.results.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(" ");
}
