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

/** Two workers on a core each beside one process on one core, and what a step of theirs is made of. */
async function workers(session: Session): Promise<Row[]> {
  const request = { network: session.network, steps: session.quick ? 2 : 5 };
  try {
    const [alone] = await run([request], [0]);
    const together = await run([request, request], [0, 1]);
    const slowest = (of: keyof ScaleFigures) => Math.max(...together.map((figures) => figures[of]));
    const [step, compute, reduce] = [slowest("step"), slowest("compute"), slowest("reduce")];
    const name = `SAM step of two workers on a core each, ${networkName(session.network)} each`;
    const row = (what: string, value: number): Row => ({
      name: `${name}: ${what}`,
      value,
      unit: "ms",
      peer: null,
      ratio: null,
    });
    const required = { of: "value", sense: "at least", limit: 0.9 } as const;
    return [
      row("one process on one core", alone!.compute),
      row("whole", step),
      row("computing", compute),
      row("reducing", reduce),
      row("waiting", Math.max(0, step - compute - reduce)),
      { ...row("efficiency", alone!.compute / step), unit: "", required },
    ];
  } catch (error) {
    missed(session, error);
    return [];
  }
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
