import { alone, beside, missed } from "./_contest.ts";
import { PeerProcess } from "./_peer_process.ts";
import { type Entry, jax, ours, torch } from "./_entries.ts";
import { note } from "./_print.ts";
import type { Row } from "./_report.ts";
import { inRounds } from "./_rounds.ts";
import type { Bench, Session } from "./_session.ts";

/** The wait for a first result. */
export const startup: Bench = {
  name: "startup",
  about: "time from the start of the process to the end of its first op",
  run,
};

async function run(session: Session): Promise<Row[]> {
  const our = ours(session, "sam", "eager");
  const entries = [our, ...torch(session, "sam", "eager"), ...jax(session, "sam")].map((entry) => ({
    ...entry,
    label: entry.label.split(",")[0]!, // no mode is chosen yet
  }));
  const ready: Entry[] = [];
  for (const entry of entries) {
    try {
      note(`  starting ${entry.label}`);
      await firstOp(session, entry); // also warms the disk
      ready.push(entry);
    } catch (error) {
      missed(session, error);
    }
  }
  const timings = await inRounds(
    ready.map((entry) => ({
      label: entry.label,
      run: async () => ({ ms: [await firstOp(session, entry)] }),
    })),
    { warmUp: 0, rounds: session.rounds, steps: 1 },
  );
  const what = "Process start to first op, warm disk";
  const [first, ...peers] = timings;
  if (first === undefined) return [];
  if (first.label !== "ours") return timings.map((timing) => alone(what, timing));
  const required = { of: "value", sense: "at most", limit: 1000 } as const;
  return [
    { ...alone(what, first), required },
    ...peers.flatMap((peer) => [alone(what, peer), beside(what, first, peer)]),
  ];
}

/** Milliseconds until a new process has answered `hello`, which it does after its first op. */
export async function firstOp(session: Session, entry: Entry): Promise<number> {
  const start = performance.now();
  await using peer = new PeerProcess(entry);
  const { name, version, threads } = await peer.hello();
  const ms = performance.now() - start;
  session.versions.add(`${name} ${version} (${threads} threads)`);
  return ms;
}
