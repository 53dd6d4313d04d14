import { contest } from "./_contest.ts";
import { ours, tensorFlowData, torchData } from "./_entries.ts";
import type { Requirement, Row } from "./_report.ts";
import type { Timing } from "./_rounds.ts";
import type { Bench, Session } from "./_session.ts";

/** How fast the data pipelines give batches. */
export const pipeline: Bench = {
  name: "pipeline",
  about: "images a second out of the data pipelines: in memory, AutoAugment, JPEG files",
  run,
};

/** A pipeline, and what it must reach: beside its peer, or alone. */
interface Case {
  readonly task: "pipeline" | "pipeline_autoaugment" | "pipeline_jpeg";
  readonly what: string;
  readonly batch: number;
  readonly size: number;
  /** Batches a round. */
  readonly batches: number;
  readonly required: Requirement;
}

const CASES: readonly Case[] = [
  {
    task: "pipeline",
    what: "32×32×3, basic augmentation",
    batch: 128,
    size: 32,
    batches: 100,
    required: { of: "ratio", sense: "at least", limit: 1 },
  },
  {
    task: "pipeline_autoaugment",
    what: "32×32×3, AutoAugment",
    batch: 128,
    size: 32,
    batches: 50,
    required: { of: "value", sense: "at least", limit: 5_000 },
  },
  {
    task: "pipeline_jpeg",
    what: "ImageNet's JPEG files, random crop to 224×224×3",
    batch: 32,
    size: 224,
    batches: 60,
    required: { of: "ratio", sense: "at least", limit: 0.95 },
  },
];

async function run(session: Session): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { task, what, batch, size, batches, required } of CASES) {
    const own = { ...session, network: { ...session.network, batch, size } };
    const entry = ours(own, task, "compile");
    const peers = [
      ...task === "pipeline_autoaugment" ? [] : tensorFlowData(own, task),
      ...task === "pipeline_jpeg" ? torchData(own, task) : [],
    ];
    const timings = await contest(session, [entry, ...peers], session.quick ? 10 : batches);
    const speed = speedOf(timings.get(entry.label), batch);
    if (speed === undefined) continue;
    const alone = { name: `Data pipeline, ${what}: ours`, value: speed, unit: "images/s" };
    const beside = peers.flatMap(({ label }) => {
      const peer = speedOf(timings.get(label), batch);
      if (peer === undefined) return [];
      const name = `${label}: ${Math.round(peer)} images/s`;
      return [{ ...alone, peer: name, ratio: speed / peer, required }];
    });
    if (beside.length > 0) rows.push(...beside);
    else {rows.push({
        ...alone,
        peer: null,
        ratio: null,
        ...required.of === "value" && { required },
      });}
  }
  return rows;
}

/** Batches come in bursts, so a single one's time says little: the mean over all of them counts. */
function speedOf(timing: Timing | undefined, batch: number): number | undefined {
  if (timing === undefined) return undefined;
  return 1000 * timing.ms.length * batch / timing.ms.reduce((a, b) => a + b);
}
