import { missed, start } from "./_contest.ts";
import type { PeerProcess } from "./_peer_process.ts";
import { type Entry, inWords, ours, torch } from "./_entries.ts";
import { note } from "./_print.ts";
import type { Memory } from "./_protocol.ts";
import type { Row } from "./_report.ts";
import { type Bench, networkName, type Session, WRN_10_1 } from "./_session.ts";

/** How much memory the SAM step takes, and whether it takes ever more. */
export const memory: Bench = {
  name: "memory",
  about: "peak resident memory of the SAM step beside PyTorch's, and growth over 500 steps (Linux)",
  run: async (session) => [...await peak(session), ...await growth(session)],
};

const MIB = 2 ** 20;

/** Peak of a fresh process after a few steps. */
async function peak(session: Session): Promise<Row[]> {
  const [own, peers] = [ours(session, "sam", "compile"), torch(session, "sam", "eager")];
  const [our, torchs] = [await peakBytes(session, own), await peakBytes(session, ...peers)];
  const name = `Peak resident memory, SAM step of ${networkName(session.network)}`;
  const row = (label: string, bytes: number): Row => ({
    name: `${name}: ${label}`,
    value: bytes / MIB,
    unit: "MiB",
    peer: null,
    ratio: null,
  });
  const rows: Row[] = [];
  if (torchs !== undefined) rows.push(row(peers[0]!.label, torchs));
  if (our === undefined) return rows;
  if (torchs === undefined) return [row(own.label, our)];
  const required = { of: "ratio", sense: "at most", limit: 1.4 } as const;
  return [
    ...rows,
    { ...row(own.label, our), peer: peers[0]!.label, ratio: our / torchs, required },
  ];
}

async function peakBytes(session: Session, entry?: Entry): Promise<number | undefined> {
  if (entry === undefined) return undefined;
  await using peer = await start(session, entry);
  if (peer === undefined) return undefined;
  try {
    await peer.run(3);
    return (await peer.memory()).peakBytes;
  } catch (error) {
    missed(session, error);
    return undefined;
  }
}

const STEPS = 500;
const SAMPLES = 10;

/**
 * Growth over many steps of a small network, which makes as many tensors as a large one. Native
 * memory breathes with its allocator, so the lowest of three samples at the
 * beginning is compared with the lowest of the last three. 8 MiB are 16 KiB a step: less than the
 * smallest of the step's activations, and about what a kept handle for each parameter would take.
 */
async function growth(session: Session): Promise<Row[]> {
  const steps = session.quick ? 50 : STEPS;
  await using peer = await start(
    session,
    ours({ ...session, network: WRN_10_1 }, "sam", "compile"),
  );
  if (peer === undefined) return [];
  try {
    await peer.run(steps / 5); // until caches and pools have their sizes
    const samples = await memorySamples(peer, steps);
    const lowest = (part: Memory[]) => Math.min(...part.map(nativeBytes));
    const name = `Growth over ${steps} SAM steps of ${networkName(WRN_10_1)}`;
    const row = (unit: string, value: number, limit: number): Row => ({
      name: `${name}: ours, compiled${inWords(session)}`,
      value,
      unit,
      peer: null,
      ratio: null,
      required: { of: "value", sense: "at most", limit },
    });
    const bytes = lowest(samples.slice(-3)) - lowest(samples.slice(0, 3));
    const tensors = (samples.at(-1)?.tensors ?? NaN) - (samples[0]?.tensors ?? NaN);
    return [row("tensors", tensors, 0), row("MiB native", bytes / MIB, 8)];
  } catch (error) {
    missed(session, error);
    return [];
  }
}

/** Without V8's heap, which grows and shrinks by its own rules whatever is kept. */
function nativeBytes({ residentBytes, heapBytes = 0 }: Memory): number {
  return residentBytes - heapBytes;
}

async function memorySamples(peer: PeerProcess, steps: number): Promise<Memory[]> {
  const samples = [await peer.memory()];
  for (let i = 0; i < SAMPLES; i++) {
    await peer.run(steps / SAMPLES);
    samples.push(await peer.memory());
  }
  note(`  native: ${samples.map((m) => (nativeBytes(m) / MIB).toFixed(0)).join(", ")} MiB`);
  return samples;
}
