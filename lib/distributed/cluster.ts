import type { collectives } from "../tensorflow/mod.ts";

/** The processes that train together, and which of them this one is. */
export interface Cluster {
  /** By rank: the chief, if there is one, before the workers. */
  readonly tasks: readonly collectives.ServerTask[];
  /** Of this process. That of rank 0 evaluates, and saves. */
  readonly rank: number;
}

/** A cluster cannot be understood. */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
}

/** Host of an address that names none. */
const LOOPBACK = "127.0.0.1";

const JOBS = ["chief", "worker"] as const;

/**
 * The cluster that `TF_CONFIG` describes, as `tf.distribute` reads it:
 * `{"cluster": {"chief": [address], "worker": [address, …]}, "task": {"type": "worker", "index": 0}}`.
 * An address is `host:port`, or `:port` on this machine.
 *
 * ```ts
 * import { distributed } from "sam";
 *
 * const cluster = { worker: ["127.0.0.1:2222", "127.0.0.1:2223"] };
 * const text = JSON.stringify({ cluster, task: { type: "worker", index: 1 } });
 * console.log(distributed.clusterFrom(text)?.rank); // 1
 * ```
 *
 * @param text of `TF_CONFIG`; default that of the environment
 * @returns undefined without one, and for a single process
 * @throws ClusterError if it is not such JSON, for other kinds of tasks (`ps`, `evaluator`), and for an
 *   address that comes twice
 */
export function clusterFrom(
  text: string | undefined = Deno.env.get("TF_CONFIG"),
): Cluster | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const { cluster, task } = recordOf(parse(text), "TF_CONFIG");
  if (cluster === undefined && task === undefined) return undefined;
  const jobs = recordOf(cluster, "its cluster");
  const other = Object.keys(jobs).find((name) => !JOBS.some((job) => job === name));
  if (other !== undefined) {
    refuse(`it has tasks of type ${other}, and there are only chief and worker`);
  }
  const tasks = JOBS.flatMap((job) =>
    addressesOf(jobs[job], job).map((address, index) => ({ job, index, address }))
  );
  if (tasks.filter(({ job }) => job === "chief").length > 1) refuse("it has more than one chief");
  const twice = tasks.find(({ address }, at) =>
    tasks.some((t, i) => i < at && t.address === address)
  );
  if (twice !== undefined) refuse(`the address ${twice.address} comes twice`);
  const { type, index } = recordOf(task, "its task");
  // Kubeflow writes it as text; what a shell left empty is no number.
  const position = typeof index === "string" && /^\d+$/.test(index) ? Number(index) : index;
  const rank = tasks.findIndex((task) => task.job === type && task.index === position);
  if (rank < 0) {
    const wanted = [type, index].map((value) => JSON.stringify(value) ?? "undefined");
    refuse(`its cluster has no task of type ${wanted[0]} and index ${wanted[1]}`);
  }
  return tasks.length === 1 ? undefined : { tasks, rank };
}

/**
 * A task in a sentence: `worker 1 of 3 (127.0.0.1:2223)`, by rank.
 *
 * ```ts
 * import { distributed } from "sam";
 *
 * const tasks = [{ job: "worker", index: 0, address: "127.0.0.1:2222" }];
 * console.log(distributed.describeTask({ tasks }, 0)); // worker 0 of 1 (127.0.0.1:2222)
 * ```
 */
export function describeTask({ tasks }: Pick<Cluster, "tasks">, rank: number): string {
  return `worker ${rank} of ${tasks.length} (${tasks[rank]!.address})`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse("it is not JSON");
  }
}

function recordOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  return refuse(`${what} is ${JSON.stringify(value) ?? "missing"}, not an object`);
}

function addressesOf(value: unknown, job: string): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return refuse(`${job} is ${JSON.stringify(value)}, not a list`);
  return value.map((address) => {
    const [, host, port] = /^([^\s:/]*|\[[\da-fA-F:.]+\]):(\d{1,5})$/.exec(String(address)) ?? [];
    if (port === undefined || Number(port) < 1 || Number(port) > 65_535) {
      refuse(`the address ${address} is not host:port`);
    }
    // As names of hosts are compared.
    return `${host === "" ? LOOPBACK : host!.toLowerCase()}:${Number(port)}`;
  });
}

function refuse(problem: string): never {
  throw new ClusterError(
    `Cannot read the cluster from TF_CONFIG: ${problem}. Correct it, or unset it to train alone`,
  );
}
