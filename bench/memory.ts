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

/** What a process held at most. */
interface Peak {
  readonly bytes: number;
  /** Without pages of files, such as libraries, which processes share and the system takes back. */
  readonly ownBytes: number;
}

/** Of a fresh process after a few steps. */
async function peak(session: Session): Promise<Row[]> {
  const [own, peers] = [ours(session, "sam", "compile"), torch(session, "sam", "eager")];
  const [our, torchs] = [await peakOf(session, own), await peakOf(session, ...peers)];
  const what = `SAM step of ${networkName(session.network)}`;
  const required = { of: "ratio", sense: "at most", limit: 1.4 } as const;
  const rows = (name: string, bytesOf: (peak: Peak) => number, limit?: typeof required): Row[] => {
    const row = ({ label }: Entry, peak: Peak): Row => ({
      ...{ name: `${name}, ${what}: ${label}`, value: bytesOf(peak) / MIB, unit: "MiB" },
      ...{ peer: null, ratio: null },
    });
    const alone = torchs === undefined ? [] : [row(peers[0]!, torchs)];
    if (our === undefined) return alone;
    if (torchs === undefined) return [row(own, our)];
    const beside = { peer: peers[0]!.label, ratio: bytesOf(our) / bytesOf(torchs) };
    return [...alone, { ...row(own, our), ...beside, ...limit && { required: limit } }];
  };
  return [
    ...rows("Peak resident memory", ({ bytes }) => bytes, required),
    ...rows("Peak memory without pages of files", ({ ownBytes }) => ownBytes),
  ];
}

async function peakOf(session: Session, entry?: Entry): Promise<Peak | undefined> {
  if (entry === undefined) return undefined;
  await using peer = await start(session, entry);
  if (peer === undefined) return undefined;
  try {
    await peer.run(3);
    const { peakBytes: bytes } = await peer.memory();
    // Pages of files only become more while it runs: there were as many at the peak.
    return { bytes, ownBytes: bytes - await peer.fileBytes() };
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
