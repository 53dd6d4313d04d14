import { contest } from "./_contest.ts";
import { ours } from "./_peers.ts";
import type { Row } from "./_report.ts";
import type { Bench, Session } from "./_session.ts";

/** How fast the data pipeline gives batches with the basic augmentation. */
export const pipeline: Bench = {
  name: "pipeline",
  about: "images a second out of the data pipeline: reflect-pad, random crop, flip, batch",
  run,
};

const BATCH = 128;
const BATCHES_A_ROUND = 100;

async function run(session: Session): Promise<Row[]> {
  const entry = ours(
    { ...session, network: { ...session.network, batch: BATCH, size: 32 } },
    "pipeline",
    "compile",
  );
  const timings = await contest(session, [entry], session.quick ? 10 : BATCHES_A_ROUND);
  const timing = timings.get(entry.label);
  if (timing === undefined) return [];
  // Batches come in bursts, so a single one's time says little: the mean over all of them counts.
  const seconds = timing.ms.reduce((a, b) => a + b) / 1000;
  return [{
    name: "Data pipeline, 32×32×3, basic augmentation: ours",
    value: timing.ms.length * BATCH / seconds,
    unit: "images/s",
    peer: null,
    ratio: null,
    required: { of: "value", sense: "at least", limit: 15_000 },
  }];
}
