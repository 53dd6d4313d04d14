import { fileURLToPath } from "node:url";
import { missed } from "./_contest.ts";
import { note } from "./_print.ts";
import type { Row } from "./_report.ts";
import { type Bench, networkName, type Session } from "./_session.ts";
import type { ScaleFigures, ScaleRequest } from "./peers/_scale.ts";

/** What large batches take: memory on one process, time on several. */
export const scale: Bench = {
  name: "scale",
  about: "peak memory of accumulated gradients; efficiency of workers on a core each (Linux)",
  run: async (session) => [...await accumulation(session), ...await workers(session)],
};

const MIB = 2 ** 20;
const SCRIPT = fileURLToPath(new URL("peers/_scale.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../deno.json", import.meta.url));

/** Peak memory of a batch of sixteen micro-batches beside that of one of them. */
async function accumulation(session: Session): Promise<Row[]> {
  const { network } = session;
  const large = { ...network, batch: 16 * network.batch };
  try {
    const [one] = await run([{ network, steps: 2 }]);
    const [many] = await run([{ network: large, microBatch: network.batch, steps: 1 }]);
    const peak = (name: string, bytes: number): Row => ({
      name: `Peak resident memory, SAM step of ${name}`,
      value: bytes / MIB,
      unit: "MiB",
      peer: null,
      ratio: null,
    });
    const ratio = many!.peakBytes / one!.peakBytes;
    const required = { of: "ratio", sense: "at most", limit: 1.2 } as const;
    const name = `${networkName(large)} in micro-batches of ${network.batch}`;
    return [
      peak(networkName(network), one!.peakBytes),
      { ...peak(name, many!.peakBytes), peer: networkName(network), ratio, required },
    ];
  } catch (error) {
    missed(session, error);
    return [];
  }
}

/**
 * Two workers on a core each beside one process on one core, and four that share these two cores; what
 * a step of theirs is made of.
 */
async function workers(session: Session): Promise<Row[]> {
  const request = { network: session.network, steps: session.quick ? 2 : 5 };
  try {
    const [alone] = await run([request], [0]);
    const two = await split(request, [0, 1], "two workers on a core each");
    const four = await split(request, [0, 1, 0, 1], "four workers on two cores");
    const required = { of: "value", sense: "at least", limit: 0.9 } as const;
    const efficiency = alone!.compute / two[0]!.value;
    return [
      row("SAM step of one process on one core", alone!.compute),
      ...two,
      { ...row("Efficiency of two workers on a core each", efficiency), unit: "", required },
      ...four,
    ];
  } catch (error) {
    missed(session, error);
    return [];
  }
}

/** The slowest worker's step, whole and in parts. */
async function split(request: ScaleRequest, cores: number[], who: string): Promise<Row[]> {
  const together = await run(cores.map(() => request), cores);
  const slowest = (of: keyof ScaleFigures) => Math.max(...together.map((figures) => figures[of]));
  const [step, compute, reduce] = [slowest("step"), slowest("compute"), slowest("reduce")];
  const name = `SAM step of ${who}, ${networkName(request.network)} each`;
  return [
    row(`${name}: whole`, step),
    row(`${name}: computing`, compute),
    row(`${name}: reducing`, reduce),
    row(`${name}: waiting, or below 0 reducing while it computes`, step - compute - reduce),
  ];
}

function row(name: string, milliseconds: number): Row {
  return { name, value: milliseconds, unit: "ms", peer: null, ratio: null };
}

/** Runs a process for each request, all at once, on these cores. */
async function run(
  requests: readonly ScaleRequest[],
  cores?: readonly number[],
): Promise<ScaleFigures[]> {
  const worker = requests.map((_, index) => `127.0.0.1:${PORT + index}`);
  return await Promise.all(requests.map(async (request, index) => {
    const pinned = cores === undefined ? [] : ["taskset", "-c", `${cores[index]}`];
    const [command, ...args] = [
      ...pinned,
      ...[Deno.execPath(), "run", "-q", "-A", "--config", CONFIG, SCRIPT, JSON.stringify(request)],
    ];
    note(`  ${[...pinned, "_scale.ts", JSON.stringify(request)].join(" ")}`);
    const { success, stdout, stderr } = await new Deno.Command(command!, {
      args,
      env: requests.length === 1
        ? {}
        : { TF_CONFIG: JSON.stringify({ cluster: { worker }, task: { type: "worker", index } }) },
    }).output();
    if (!success) {
      throw new Error(`A process of the bench failed: ${new TextDecoder().decode(stderr)}`);
    }
    return JSON.parse(new TextDecoder().decode(stdout)) as ScaleFigures;
  }));
}

/** Of the first worker. */
const PORT = 23_456;
