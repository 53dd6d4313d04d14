import { describeTask, WorkerError, type Workers } from "../distributed/mod.ts";
import { reasonOf } from "../system/mod.ts";

/** Bytes of a reason that the others are told. */
const REASON_BYTES = 1024;

/**
 * What a worker needs before the first step, once all have it. An abort of TensorFlow's collectives
 * between two sums does not reach the chief (tried with two workers): so all wait here for one another, and learn why one
 * failed.
 *
 * @throws WorkerError that names the first worker that failed, and why; on that one its own error
 */
export async function prepareTogether<T>(
  workers: Workers | undefined,
  prepare: () => Promise<T>,
): Promise<T> {
  if (workers === undefined) return await prepare();
  const own = await prepare().then((value) => ({ value }), (error: unknown) => ({ error }));
  const failed = "error" in own;
  let reasons: string[];
  try {
    reasons = await exchangeTexts(workers, failed ? toldOf(own.error) : "");
  } catch (error) {
    throw await workers.explain(failed ? own.error : error);
  }
  if (failed) throw own.error;
  const rank = reasons.findIndex((reason) => reason !== "");
  if (rank < 0) return own.value;
  throw new WorkerError(
    `Cannot begin: ${describeTask(workers.cluster, rank)} failed: ${reasons[rank]}. ` +
      "Start all workers again",
  );
}

/** Never empty, which stands for no failure. */
function toldOf(error: unknown): string {
  return reasonOf(error) || "it does not say why";
}

/** Each worker's text, by rank; only where there are any is there more than one sum. */
async function exchangeTexts(workers: Workers, text: string): Promise<string[]> {
  const bytes = new TextEncoder().encode(text).slice(0, REASON_BYTES);
  const lengths = (await workers.exchange([bytes.length])).map(([length]) => length!);
  const longest = Math.max(...lengths);
  if (longest === 0) return lengths.map(() => "");
  const rows = await workers.exchange(Array.from({ length: longest }, (_, at) => bytes[at] ?? 0));
  // Who has its answer leaves only once all have theirs.
  await workers.exchange([0]).catch(() => {});
  return rows.map((row, rank) =>
    new TextDecoder().decode(Uint8Array.from(row).subarray(0, lengths[rank]))
  );
}
