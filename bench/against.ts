import { beside, contest, missed, start } from "./_contest.ts";
import { type Entry, ours } from "./_entries.ts";
import { firstOp } from "./startup.ts";
import type { Requirement, Row } from "./_report.ts";
import { inRounds, type Timing } from "./_rounds.ts";
import { type Bench, networkName, type Session } from "./_session.ts";

/** Whether this commit is as fast as another one. */
export const against: Bench = {
  name: "against",
  about: "our steps, pipelines, start-up and memory beside those of another commit",
  run,
};

const required: Requirement = { of: "ratio", sense: "at most", limit: 1.03 };

/** What is timed, and by how many steps a round. */
const CASES: readonly {
  readonly what: string;
  readonly task: Entry["setup"]["task"];
  readonly mode: Entry["setup"]["mode"];
  readonly batch?: number;
  readonly size?: number;
  readonly steps?: number;
}[] = [
  { what: "SAM step, compiled", task: "sam", mode: "compile" },
  { what: "SGD step, compiled", task: "sgd", mode: "compile" },
  { what: "SAM step, eager", task: "sam", mode: "eager" },
  { what: "Pipeline, basic", task: "pipeline", mode: "compile", batch: 128, steps: 100 },
  {
    what: "Pipeline, AutoAugment",
    task: "pipeline_autoaugment",
    mode: "compile",
    batch: 128,
    steps: 50,
  },
  {
    what: "Pipeline, JPEG files",
    task: "pipeline_jpeg",
    mode: "compile",
    batch: 32,
    size: 224,
    steps: 60,
  },
];

async function run(session: Session): Promise<Row[]> {
  const other = session.against;
  if (other === undefined) return [];
  /** The same process here and there. */
  const pair = (entry: Entry): [Entry, Entry] => [
    { ...entry, label: "ours" },
    {
      ...entry,
      label: other.name,
      args: ["run", `--config=${other.folder}/deno.json`, ...entry.args.slice(1, -1)].concat(
        `${other.folder}/bench/peers/sam_deno.ts`,
      ),
    },
  ];
  const rows: Row[] = [];
  for (const { what, task, mode, batch, size = 32, steps } of CASES) {
    const network = { ...session.network, ...batch !== undefined && { batch, size } };
    const entries = pair(ours({ ...session, network }, task, mode));
    const timings = await contest(session, entries, session.quick ? undefined : steps);
    const [here, there] = ["ours", other.name].map((label) => timings.get(label));
    if (here === undefined || there === undefined) continue;
    // Batches come in bursts: the mean over all of them counts.
    rows.push(
      batch === undefined ? beside(what, here, there, required) : meanRow(what, here, there),
    );
  }
  const step = pair(ours(session, "sam", "compile"));
  return [...rows, ...await startup(session, step), ...await peak(session, step)];
}

function meanRow(what: string, here: Timing, there: Timing): Row {
  const mean = ({ ms }: Timing) => ms.reduce((a, b) => a + b) / ms.length;
  return {
    name: `${what}, mean: ${here.label}`,
    value: mean(here),
    unit: "ms",
    peer: there.label,
    ratio: mean(here) / mean(there),
    required,
  };
}

async function startup(session: Session, entries: readonly Entry[]): Promise<Row[]> {
  for (const entry of entries) await firstOp(session, entry); // warms the disk
  const [here, there] = await inRounds(
    entries.map((entry) => ({
      label: entry.label,
      run: async () => ({ ms: [await firstOp(session, entry)] }),
    })),
    { warmUp: 0, rounds: 2 * session.rounds, steps: 1 },
  );
  return [beside("Process start to first op", here!, there!, required)];
}

async function peak(session: Session, entries: readonly Entry[]): Promise<Row[]> {
  const bytes: number[] = [];
  for (const entry of entries) {
    await using peer = await start(session, entry);
    if (peer === undefined) return [];
    try {
      await peer.run(3);
      bytes.push((await peer.memory()).peakBytes);
    } catch (error) {
      missed(session, error);
      return [];
    }
  }
  const [here, there] = bytes as [number, number];
  return [{
    name: `Peak resident memory, SAM step of ${networkName(session.network)}: ours`,
    value: here / 2 ** 20,
    unit: "MiB",
    peer: entries[1]!.label,
    ratio: here / there,
    required,
  }];
}
