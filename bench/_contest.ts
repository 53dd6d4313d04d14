import { reasonOf } from "../lib/system/mod.ts";
import { PeerProcess } from "./_peer_process.ts";
import type { Entry } from "./_entries.ts";
import { note } from "./_print.ts";
import type { Requirement, Row } from "./_report.ts";
import { inRounds, type Timing } from "./_rounds.ts";
import type { Session } from "./_session.ts";

/** Steps before anything is counted: compilation, and the memory allocators finding their sizes. */
const WARM_UP = 3;

/** Starts a peer, sets it up and warms it up. A failure is noted in `missing`, and others go on. */
export async function start(session: Session, entry: Entry): Promise<PeerProcess | undefined> {
  let peer: PeerProcess | undefined;
  try {
    note(`  starting ${entry.label}`);
    peer = new PeerProcess(entry);
    const { name, version, threads } = await peer.hello();
    session.versions.add(`${name} ${version} (${threads} threads)`);
    await peer.setup(entry.setup);
    await peer.run(WARM_UP);
    return peer;
  } catch (error) {
    missed(session, error);
    await peer?.[Symbol.asyncDispose]();
    return undefined;
  }
}

/** Notes a failure among what could not be measured. */
export function missed(session: Session, error: unknown): void {
  const message = reasonOf(error);
  note(`  ${message}`);
  session.missing.add(message);
}

/** Times the entries in rounds in turn, each in a process of its own; by label, those that run. */
export async function contest(
  session: Session,
  entries: readonly Entry[],
  steps = session.steps,
): Promise<Map<string, Timing>> {
  await using peers = new AsyncDisposableStack();
  const contestants: PeerProcess[] = [];
  for (const entry of entries) {
    const peer = await start(session, entry);
    if (peer !== undefined) contestants.push(peers.use(peer));
  }
  const { rounds } = session;
  const timings = await inRounds(contestants, {
    warmUp: 1,
    rounds,
    steps,
    onTurn(label, round, ms) {
      const turn = round === 0 ? "warm-up" : `round ${round} of ${rounds}`;
      note(`  ${turn}: ${label}, ${timesOf(ms)}`);
    },
  });
  return new Map(timings.map((timing) => [timing.label, timing]));
}

function timesOf(ms: readonly number[]): string {
  return ms.length <= 5
    ? `${ms.map((x) => x.toFixed(0)).join(", ")} ms`
    : `${ms.length} steps, ${ms.reduce((a, b) => a + b).toFixed(0)} ms`;
}

/** A row for one contestant by itself. */
export function alone(what: string, timing: Timing): Row {
  const { label, median, minimum } = timing;
  return { name: `${what}: ${label}`, value: median, unit: "ms", minimum, peer: null, ratio: null };
}

/** A row for a contestant beside another; the ratio is that of the medians. */
export function beside(what: string, timing: Timing, peer: Timing, required?: Requirement): Row {
  return {
    ...alone(what, timing),
    peer: peer.label,
    ratio: timing.median / peer.median,
    ratioOfMinima: timing.minimum / peer.minimum,
    ...(required && { required }),
  };
}
