import { prepareTogether, type Workers } from "../distributed/mod.ts";
import type { Metrics } from "../optim/mod.ts";
import { leaves, TensorFlowError, type Tree } from "../tensorflow/mod.ts";
import { Crew } from "./_crew.ts";
import { Loop } from "./_loop.ts";
import { type Position, sizesOf } from "./_position.ts";
import { checkTask } from "./check_task.ts";
import { cellInterruptSignal } from "./cell_interrupt.ts";
import { latestCheckpoint } from "./checkpoint.ts";
import type { TrainEvent } from "./events.ts";
import type { RowOf } from "./row_of.ts";
import type { Task } from "./task.ts";

/** How a task is trained. */
export interface FitOptions {
  /**
   * Folder of checkpoints, to resume from and to save to: after each epoch, or as often as the task
   * says, and in the end; none by default. One run at a time: `trainTask` refuses another.
   */
  readonly folder?: string;
  /**
   * When it is aborted, the loop saves after the running step and ends; default: the interrupt of
   * the notebook's cell.
   */
  readonly signal?: AbortSignal | undefined;
  /** Go on from the latest checkpoint in the folder; default true. */
  readonly resume?: boolean;
  /**
   * Called once, before the first checkpoint is saved and the first step is made, when nothing stands
   * in their way any more: the data give a batch, and the step is traced for it.
   */
  readonly onReady?: () => Promise<void>;
  /**
   * The processes that train together: each is called with the same task, whose gradient takes means
   * over the workers and whose training data are its share of each batch. All evaluate, the chief saves;
   * all read the same folder. If any is told to stop, all do, after the same step.
   */
  readonly workers?: Workers | undefined;
}

/**
 * Trains a model and tells of it, event by event. With a folder it goes on from the latest
 * checkpoint there, also from one in the middle of an epoch, and then continues bit for bit as if
 * it had never been stopped; on another kind of machine, or with another number of threads, up to
 * rounding, for TensorFlow's order of summation depends on both.
 *
 * The row of an epoch is told before its checkpoint is saved, so that whoever writes rows down has
 * them all when a run is resumed. The last epoch is evaluated and saved in any case. Aborted, it saves
 * after the running step; an evaluation is left, and made when the run goes on. Tensors are the
 * loop's own: all are disposed when it ends or is left.
 *
 * ```ts
 * import { optim, tf, train } from "sam";
 *
 * const task = train.task({
 *   parameters: { w: tf.zeros([2, 1]) },
 *   loss: ({ w }, { x, y }) => tf.mean(tf.square(tf.sub(tf.matMul(x, w as tf.Tensor2D), y))),
 *   optimizer: optim.sgd(0.1),
 *   training: train.batches({ x: tf.ones([8, 2]), y: tf.ones([8, 1]) }, { batchSize: 4 }),
 *   epochs: 3,
 * });
 * using progress = train.createProgress();
 * for await (const event of train.fit(task)) progress.show(event);
 * ```
 *
 * @throws DivergedError if a loss is not finite, unless the task says that the run goes on; nothing is
 *   saved then
 * @throws RangeError if the checkpoint is of another model, of another seed, of more or fewer data, or of
 *   more epochs
 * @throws TypeError for a task that lacks a part, or a loss that is not a scalar
 *
 * Source: `train_for_one_epoch` and `train` in `flax_training.py` of the reference.
 */
export async function* fit<P extends Tree, B, M extends Metrics>(
  task: Task<P, B, M>,
  { folder, signal = cellInterruptSignal(), resume = true, onReady, workers }: FitOptions = {},
): AsyncGenerator<TrainEvent<RowOf<M>>> {
  const crew = new Crew(workers);
  const started = performance.now();
  const warnings: string[] = [];
  let loop: Loop<P, B, M> | undefined;
  try {
    const checkpoint = await prepareTogether(workers, async () => {
      checkTask(task);
      warnings.push(...task.warnings ?? []);
      const warn = (text: string) => void warnings.push(text);
      const found = folder === undefined || !resume
        ? undefined
        : await latestCheckpoint(folder, { warn });
      loop = await Loop.start(task, found, { folder, onReady, warn, signal, crew });
      return found;
    });
    loop = loop!;
    const { position } = loop;
    const sizes = sizesOf(task);
    await crew.agreeOn(task.config ?? {}, sizes, position as unknown as Position<Tree>);
    yield {
      type: "start",
      config: task.config ?? {},
      parameterCount: leaves(position.state.params).reduce((sum, { size }) => sum + size, 0),
      ...sizes,
      epochs: task.epochs,
      ...checkpoint && { resumedFrom: { epoch: checkpoint.epoch, path: checkpoint.path } },
    };
    for (const message of warnings) yield { type: "warning", message };
    while (position.epoch < task.epochs && !loop.isStopping) {
      if (yield* loop.epoch()) {
        const event = await loop.finishEpoch();
        if (event) yield event;
      }
      if (folder !== undefined && crew.isChief && (loop.isStopping || loop.isSaveDue)) {
        yield await loop.save(folder);
      }
    }
    if (task.epochs === 0) await loop.ready();
    await crew.part(); // no worker leaves before the chief has saved
    yield loop.end(started);
  } catch (error) {
    const diagnose = async () =>
      error instanceof TensorFlowError && await task.diagnose?.() || error;
    throw await crew.explain(error, diagnose);
  } finally {
    loop?.dispose();
  }
}
