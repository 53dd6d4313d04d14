import { backend, tf } from "../tensorflow/mod.ts";
import type { EpochEvent, TrainEvent } from "./events.ts";

/** Writes events to a TensorBoard file until it is closed. */
export interface TensorBoardLog extends Disposable {
  show(event: TrainEvent): void;
  close(): void;
}

/**
 * A TensorBoard event file of a run, written by TensorFlow's own summary operations: the scalars
 * `train_loss`, `train_error_rate`, `test_loss`, `test_error_rate`, `learning_rate`,
 * `gradient_norm` and `param_norm` of each epoch, by optimizer step.
 *
 * A resumed run begins a new file in the same folder. It opens with TensorFlow's mark of a session,
 * by which TensorBoard drops what an earlier session wrote after the step that this one starts from.
 */
export function createTensorBoardLog(folder: string): TensorBoardLog {
  let writer: tf.Tensor | undefined;

  function show(event: TrainEvent): void {
    if (event.type === "start") {
      const done = (event.resumedFrom?.epoch ?? 0) * event.stepsPerEpoch;
      close();
      writer = openWriter(folder);
      const mark = encodeSessionStart(done + 1, Date.now() / 1000);
      const resource = writer;
      tf.tidy(() => void backend.run("ImportEvent", [], [resource, stringScalar(mark)], 0));
    } else if (event.type === "epoch" && writer) {
      for (const [tag, value] of scalarsOf(event)) {
        backend.writeScalarSummary(writer, event.step, tag, value);
      }
      backend.flushSummaryWriter(writer);
    }
  }

  function close(): void {
    if (!writer) return;
    backend.run("CloseSummaryWriter", [], [writer], 0);
    writer.dispose();
    writer = undefined;
  }

  return { show, close, [Symbol.dispose]: close };
}

function scalarsOf(event: EpochEvent): [tag: string, value: number][] {
  const { row, learningRate, gradientNorm, parameterNorm } = event;
  return [
    ["train_loss", row.trainLoss],
    ["train_error_rate", row.trainError],
    ["test_loss", row.testLoss],
    ["test_error_rate", row.testError],
    ["learning_rate", learningRate],
    ["gradient_norm", gradientNorm],
    ["param_norm", parameterNorm],
  ];
}

function openWriter(folder: string): tf.Tensor {
  Deno.mkdirSync(folder, { recursive: true });
  return tf.tidy(() => {
    const writer = backend.summaryWriter(folder);
    backend.createSummaryFileWriter(writer, folder);
    return writer;
  });
}

/** The bytes of `Event { wall_time, step, session_log { status: START } }` (`event.proto`). */
function encodeSessionStart(step: number, wallTime: number): Uint8Array {
  const time = new Uint8Array(8);
  new DataView(time.buffer).setFloat64(0, wallTime, true);
  const varint: number[] = [];
  for (let rest = step; varint.length === 0 || rest > 0; rest = Math.floor(rest / 128)) {
    varint.push(rest % 128 + (rest >= 128 ? 128 : 0));
  }
  const sessionLog = [0x08, 1];
  return Uint8Array.of(0x09, ...time, 0x10, ...varint, 0x3a, sessionLog.length, ...sessionLog);
}

function stringScalar(bytes: Uint8Array): tf.Tensor {
  return tf.tensor([bytes] as unknown as string[], [], "string");
}
