import type { Workers } from "../distributed/mod.ts";
import { codeVersion } from "../system/mod.ts";
import { tf, type Tree } from "../tensorflow/mod.ts";
import type { Position } from "./_position.ts";
import { toArrays } from "./_state_arrays.ts";
import type { EvaluationShare } from "./task.ts";
import { parametersSha256 } from "./parameters.ts";

/** This process among those that train together. Alone it is the chief and decides by itself. */
export class Crew {
  readonly #workers: Workers | undefined;

  constructor(workers: Workers | undefined) {
    this.#workers = workers;
  }

  /** Whether this one saves and writes down. */
  get isChief(): boolean {
    return this.#workers?.isChief ?? true;
  }

  get isAlone(): boolean {
    return this.#workers === undefined;
  }

  get size(): number {
    return this.#workers?.size ?? 1;
  }

  /** This one among those that share an evaluation; undefined where it is alone. */
  get share(): EvaluationShare | undefined {
    const workers = this.#workers;
    return workers && {
      count: workers.size,
      index: workers.rank,
      async gather(found) {
        const all = await workers.exchangeTexts(found ?? "");
        return all.includes("") ? undefined : all;
      },
    };
  }

  /**
   * Compares what has to be the same in all workers before the first step.
   *
   * @throws WorkerError that names the workers that differ, and in what
   */
  async agreeOn(
    config: Readonly<Record<string, unknown>>,
    sizes: object,
    { epoch, stepInEpoch, state }: Position<Tree>,
  ): Promise<void> {
    await this.#workers?.agree({
      "another version of the code": codeVersion(),
      "another configuration": JSON.stringify(Object.entries(config).sort()),
      "other data": JSON.stringify(sizes),
      "another checkpoint to go on from": JSON.stringify({
        epoch,
        stepInEpoch,
        sha256: parametersSha256(toArrays(state as Tree)),
      }),
    });
  }

  /**
   * A function for compilation, with one more argument, 1 where this worker is to stop, and one more
   * result, above 0 where any is.
   */
  stoppable<Args extends readonly unknown[], Result extends object>(fn: (...args: Args) => Result) {
    return (stop: tf.Scalar | null, ...args: Args): Result & { stopping?: tf.Scalar } => ({
      ...fn(...args),
      ...stop && this.#workers && { stopping: this.#workers.meanOf([stop])[0]! },
    });
  }

  /** Waits for all others; whether any of them says yes, by question. */
  async any(...answers: readonly boolean[]): Promise<readonly boolean[]> {
    if (this.#workers === undefined) return answers;
    const rows = await this.#workers.exchange(answers.map(Number));
    return answers.map((_, index) => rows.some((row) => row[index] !== 0));
  }

  /**
   * Waits for all others and parts from them: none may leave before all have come here. Who has its
   * answer may leave while another is still to fetch its own from it. So there are two sums: none
   * leaves before it is through the first, and of the second only the wait matters.
   */
  async part(): Promise<void> {
    await this.any(false);
    await this.any(false).catch(() => {});
  }

  /** What is to be thrown for an error; the others learn of it. */
  async explain(error: unknown, diagnose: () => Promise<unknown>): Promise<unknown> {
    if (this.#workers !== undefined) return await this.#workers.explain(error, diagnose);
    return await diagnose() ?? error;
  }
}
