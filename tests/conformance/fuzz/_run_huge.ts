/** Runs the cases of `_huge.ts`: a refusal in a sentence is as good as a result. @module */
import { backend, compile, DType, tf } from "../../../lib/tensorflow/mod.ts";
import { sizeOf } from "./_draw.ts";
import { HUGE_FAMILIES } from "./_huge.ts";
import { type Batch, drawOf, tell } from "./_run.ts";

/** Bytes above which a result is passed over: it might be possible, and would take its time. */
const MOST_BYTES = 2 ** 26;

/** TensorFlow waits for ten seconds for memory that there is not: it ought not to have been asked. */
const MOST_SECONDS = 5;

class PassedOver extends Error {}

/** Runs cases of a seed and tells of each; a refusal is as good as a result. */
export function runHugeCases({ first, cases, seed, only }: Batch): void {
  Object.assign(console, { warn() {}, log() {} });
  passLargeResultsOver();
  const names = only.length > 0 ? only : Object.keys(HUGE_FAMILIES);
  const refusal = (run: () => unknown) => {
    try {
      return void tf.tidy(() => void run());
    } catch (error) {
      return error;
    }
  };
  for (let number = first; number < cases; number++) {
    const draw = drawOf(seed, number);
    const name = draw.pick(names);
    const { text, run } = HUGE_FAMILIES[name]!(draw);
    tell({ begun: number, name: `${name} ${text}` });
    const values = () => [run(tf.scalar(0))].flat().map((tensor) => tensor.dataSync());
    const started = performance.now();
    const error = refusal(values);
    const seconds = (performance.now() - started) / 1000;
    if (error !== undefined && seconds > MOST_SECONDS) {
      tell({ failure: `took ${seconds.toFixed(0)} s: ${error}` });
    }
    if (error instanceof PassedOver) tell({ known: 1 });
    else if (error !== undefined) tell({ refused: 1 });
    const message = error instanceof Error ? error.message : "";
    if (/BigInt|undefined|\bNaN\b|not a function/.test(message)) {
      tell({ failure: `no sentence: ${message.slice(0, 200)}` });
    }
    if (error instanceof PassedOver || number % 2 === 0) continue;
    refusal(() => {
      const compiled = compile(run);
      try {
        [compiled.sync(tf.scalar(0))].flat().map((tensor) => tensor.dataSync());
      } finally {
        compiled.dispose();
      }
    });
  }
}

function passLargeResultsOver(): void {
  const { binding } = backend;
  const requireResult = binding.requireResult.bind(binding);
  binding.requireResult = (operation, shape, dtype) => {
    requireResult(operation, shape, dtype);
    const bytes = dtype === DType.bool ? 1 : 4;
    if (sizeOf(shape) * bytes > MOST_BYTES) throw new PassedOver(`${operation} [${shape}]`);
  };
}
