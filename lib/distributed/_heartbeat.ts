import { collectives } from "../tensorflow/mod.ts";
import { type Cluster, describeTask } from "./cluster.ts";

/** From one question to the next. */
export const EVERY_MS = 4000;
const ANSWER_MS = 12_000;
/** Workers that one watches: all of few; of many each is watched by so many. */
const WATCHED = 8;

/**
 * Asks the next workers again and again whether they are there, and calls once one is not. TensorFlow
 * answers on threads of its own, while a step runs too; a process that is stopped or gone does not.
 */
export class Heartbeat implements Disposable {
  readonly #cluster: Cluster;
  readonly #onLost: (problem: string) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;
  /** Who was lost, in a sentence. */
  problem: string | undefined;

  constructor(cluster: Cluster, onLost: (problem: string) => void) {
    this.#cluster = cluster;
    this.#onLost = onLost;
    this.#schedule();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => this.#ask(), EVERY_MS);
    // A process whose work is done does not stay for it.
    Deno.unrefTimer(this.#timer);
  }

  async #ask(): Promise<void> {
    const { tasks, rank } = this.#cluster;
    const next = Array.from(
      { length: Math.min(WATCHED, tasks.length - 1) },
      (_, index) => (rank + 1 + index) % tasks.length,
    );
    const lost = await lostAmong(this.#cluster, ANSWER_MS, next);
    if (this.#disposed) return;
    if (lost.length === 0) return this.#schedule();
    this.problem = doNotAnswer(this.#cluster, lost);
    this.#onLost(this.problem);
  }
}

/** The ranks among these, by default all other workers', that do not answer in time. */
export async function lostAmong(
  cluster: Cluster,
  milliseconds: number,
  ranks = [...cluster.tasks.keys()].filter((rank) => rank !== cluster.rank),
): Promise<number[]> {
  const found = await Promise.all(ranks.map(async (rank) => {
    try {
      await collectives.checkHealth(cluster.tasks[rank]!, milliseconds);
      return [];
    } catch {
      return [rank];
    }
  }));
  return found.flat();
}

/** That these workers do not answer, in a sentence. */
export function doNotAnswer(cluster: Cluster, ranks: readonly number[]): string {
  const verb = ranks.length === 1 ? "does" : "do";
  return `${ranks.map((rank) => describeTask(cluster, rank)).join(", ")} ${verb} not answer`;
}
