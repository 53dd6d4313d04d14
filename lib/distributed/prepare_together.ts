import { reasonOf } from "../system/mod.ts";
import { describeTask } from "./cluster.ts";
import { WorkerError } from "./worker_error.ts";
import type { Workers } from "./workers.ts";

/** Characters of a reason that the others are told. */
const REASON_CHARACTERS = 1000;

/**
 * What a worker needs before the next step, once all have it: all wait here for one another, and learn
 * why one failed.
 *
 * ```ts
 * import { distributed } from "sam";
 *
 * const cluster = distributed.clusterFrom(); // of TF_CONFIG; undefined for a single process
 * using workers = cluster && await distributed.Workers.connect(cluster);
 * const read = () => Deno.readTextFile("deno.json");
 * console.log((await distributed.prepareTogether(workers, read)).length > 0); // true
 * ```
 *
 * @param workers undefined for a single process, which only prepares
 * @throws WorkerError that names the first worker that failed, and why; on that one its own error
 */
export async function prepareTogether<T>(
  workers: Workers | undefined,
  prepare: () => Promise<T> | T,
): Promise<T> {
  if (workers === undefined) return await prepare();
  const [own] = await Promise.allSettled([Promise.try(prepare)]);
  const failed = own.status === "rejected";
  let reasons: string[];
  try {
    reasons = await workers.exchangeTexts(failed ? toldOf(own.reason) : "");
  } catch (error) {
    throw await workers.explain(failed ? own.reason : error);
  }
  if (failed) throw workers.told(own.reason);
  const rank = reasons.findIndex((reason) => reason !== "");
  if (rank < 0) return own.value;
  throw new WorkerError(
    `Cannot begin: ${describeTask(workers.cluster, rank)} failed: ${reasons[rank]}. ` +
      "Start all workers again",
  );
}

/** Never empty, which stands for no failure. */
function toldOf(error: unknown): string {
  return reasonOf(error).slice(0, REASON_CHARACTERS) || "it does not say why";
}
