import { encodeHyperparameters, encodeSessionEnd } from "./_hparams.ts";
import { backend, TensorFlowError, tf } from "../tensorflow/mod.ts";
import { bytesField, doubleField, integerField, unwritable } from "../system/mod.ts";
import type { EpochEvent, TrainEvent } from "./events.ts";
import { figuresOf, type TaskRow } from "../metrics/mod.ts";

/** Writes events to a TensorBoard file until it is closed. */
export interface TensorBoardLog extends Disposable {
  show(event: TrainEvent<TaskRow>): void;
  close(): void;
}

/**
 * A TensorBoard event file of a run, written by TensorFlow's own summary operations: scalars of each
 * epoch, by optimizer step, under the reference's tags.
 *
 * Of the epoch's steps: the means `train_loss`, `train_error_rate` and whatever else the loss measures
 * (`train_perplexity`), `gradient_norm` and `param_norm`; `learning_rate`, `last_gradient_norm` and
 * `last_param_norm` of the last one; where they are asked for, what SAM's passes tell
 * (`train_sam_loss_gap`); and `examples_per_second` and `ms_per_step`, without the evaluation.
 *
 * The settings of a run are those of TensorBoard's HParams plugin, which lists it by them.
 *
 * Of evaluations: `…_loss`, `…_error_rate` and, where they are counted, `…_top_5_error_rate` of
 * `test` at the last parameters, `ema_test` at their moving average (where there is one the reference
 * writes only this), and `eval_on_train`; where labels are noisy also of `eval_on_true_labels`,
 * `eval_on_wrong_labels` and `eval_on_corrected_labels`. Epochs without evaluation have none.
 *
 * A resumed run begins a new file in the same folder. It opens with TensorFlow's mark of a session,
 * by which TensorBoard drops what an earlier session wrote after the step that this one starts from.
 *
 * `show` throws an error that names the file if it cannot be written.
 *
 * Source: `train_for_one_epoch` and `train` in `flax_training.py` of the reference.
 */
export function createTensorBoardLog(folder: string): TensorBoardLog {
  let writer: tf.Tensor | undefined;
  let isListed = false;

  function show(event: TrainEvent<TaskRow>): void {
    try {
      write(event);
    } catch (cause) {
      throw cause instanceof TensorFlowError ? clear(cause, folder) : cause;
    }
  }

  function write(event: TrainEvent<TaskRow>): void {
    if (event.type === "start") {
      const done = (event.resumedFrom?.epoch ?? 0) * event.stepsPerEpoch;
      close();
      writer = openWriter(folder);
      const time = Date.now() / 1000;
      importEvent(writer, encodeSessionStart(done + 1, time));
      const settings = encodeHyperparameters(event.config, time);
      if (settings !== undefined) importEvent(writer, settings);
      isListed = settings !== undefined;
    } else if (event.type === "end" && event.reason === "finished" && writer && isListed) {
      importEvent(writer, encodeSessionEnd(Date.now() / 1000));
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

function scalarsOf(event: EpochEvent<TaskRow>): [tag: string, value: number][] {
  const figures = figuresOf(event.row);
  const hasAverage = figures.some(([name]) => name.startsWith("lastTest"));
  const { learningRate } = event;
  return [
    ...figures.map(([name, value]): [string, number] => [tagOf(name, hasAverage), value]),
    ...learningRate === undefined ? [] : [["learning_rate", learningRate] as [string, number]],
    ["gradient_norm", event.gradientNorm],
    ["param_norm", event.parameterNorm],
    ["last_gradient_norm", event.lastGradientNorm],
    ["last_param_norm", event.lastParameterNorm],
    ["examples_per_second", event.imagesPerSecond],
    ["ms_per_step", event.millisecondsPerStep],
  ];
}

/** The tag of a figure: `evalOnTrainTop5Error` is `eval_on_train_top_5_error_rate`. */
function tagOf(name: string, hasAverage: boolean): string {
  const plain = name.replace(/^lastTest/, "test");
  const words = plain.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const tag = words.replace("_top5_", "_top_5_").replace(/error$/, "error_rate");
  return hasAverage && name.startsWith("test") ? `ema_${tag}` : tag;
}

function openWriter(folder: string): tf.Tensor {
  Deno.mkdirSync(folder, { recursive: true });
  return tf.tidy(() => {
    const writer = backend.summaryWriter(folder);
    backend.createSummaryFileWriter(writer, folder);
    return writer;
  });
}

/** TensorFlow says `Cannot run <operation>: <path>; <reason>`, and then, line by line, what it did. */
function clear(error: TensorFlowError, folder: string): Error {
  const [, path = folder, reason = error.message] = /: (.*); (.*)/.exec(error.message) ?? [];
  return unwritable(path, reason, error);
}

/** The bytes of `Event { wall_time, step, session_log { status: START } }` (`event.proto`). */
function encodeSessionStart(step: number, wallTime: number): Uint8Array {
  const sessionStart = integerField(1, 1);
  return Uint8Array.from([
    ...doubleField(1, wallTime),
    ...integerField(2, step),
    ...bytesField(7, sessionStart),
  ]);
}

function importEvent(writer: tf.Tensor, bytes: Uint8Array): void {
  tf.tidy(() => void backend.run("ImportEvent", [], [writer, stringScalar(bytes)], 0));
}

function stringScalar(bytes: Uint8Array): tf.Tensor {
  return tf.tensor([bytes] as unknown as string[], [], "string");
}
