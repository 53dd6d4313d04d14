import type { Edit } from "./_edit.ts";

const CLUSTER = ["tests/distributed/cluster_test.ts"];
const PARTS = ["tests/distributed/parts_test.ts"];
const WORKERS = ["tests/distributed/workers_test.ts"];
const FAULTS = ["tests/distributed/faults_test.ts"];

/** Edits of `lib/distributed`. */
export const edits: readonly Edit[] = [
  {
    mistake: "workers come before the chief",
    file: "lib/distributed/cluster.ts",
    old: 'const JOBS = ["chief", "worker"] as const;',
    new: 'const JOBS = ["worker", "chief"] as const;',
    tests: CLUSTER,
  },
  {
    mistake: "one process is a cluster",
    file: "lib/distributed/cluster.ts",
    old: "return tasks.length === 1 ? undefined : { tasks, rank };",
    new: "return { tasks, rank };",
    tests: CLUSTER,
  },
  {
    mistake: "an index in quotes is nobody's",
    file: "lib/distributed/cluster.ts",
    old: "task.index === Number(index)",
    new: "task.index === index",
    tests: CLUSTER,
  },
  {
    mistake: "a bucket grows beyond its limit",
    file: "lib/distributed/_buckets.ts",
    old: "    bytes += 4 * size;\n",
    new: "",
    tests: PARTS,
  },
  {
    mistake: "only the first half of a digest is compared",
    file: "lib/distributed/_agreement.ts",
    old: "row.slice(WORDS * index, WORDS * (index + 1))",
    new: "row.slice(WORDS * index, WORDS * index + 1)",
    tests: PARTS,
    survives: "two texts with the same 32 bits are not at hand",
  },
  {
    mistake: "means are sums",
    file: "lib/distributed/workers.ts",
    old: "{ count, mean: true, timeoutSeconds",
    new: "{ count, timeoutSeconds",
    tests: WORKERS,
    filter: "means over all",
  },
  {
    mistake: "neighbours share a group with all others",
    file: "lib/distributed/workers.ts",
    old: "ALL + count * size + Math.floor(rank / count)",
    new: "ALL + count * size",
    tests: WORKERS,
    filter: "means over all",
  },
  {
    mistake: "numbers are all the first worker's",
    file: "lib/distributed/workers.ts",
    old: "table.set(values, rank * count);",
    new: "table.set(values, 0);",
    tests: WORKERS,
    filter: "exchange",
  },
  {
    mistake: "differences are told of the chief",
    file: "lib/distributed/workers.ts",
    old: "`${describeTask(this.cluster, rank)} has ${name}`",
    new: "`${describeTask(this.cluster, 0)} has ${name}`",
    tests: WORKERS,
    filter: "agree",
  },
  {
    mistake: "who is lost is not looked for",
    file: "lib/distributed/workers.ts",
    old: "return lost.length === 0 ? undefined : doNotAnswer(cluster, lost);",
    new: "return undefined;",
    tests: FAULTS,
    filter: "the chief is killed",
  },
  {
    mistake: "one that fails before a step is in no group yet",
    file: "lib/distributed/workers.ts",
    old: "      await workers.exchange([0]);\n",
    new: "",
    tests: FAULTS,
    filter: "fails before the first step",
    survives: "a run comes to another sum before anything can fail; own uses of fit do not",
  },
  {
    mistake: "nobody asks whether the others are there",
    file: "lib/distributed/_heartbeat.ts",
    old: "    this.#schedule();\n  }\n\n  [Symbol",
    new: "  }\n\n  [Symbol",
    tests: FAULTS,
    filter: "stopped in a step",
  },
  {
    mistake: "a worker that failed before the first step is not heeded",
    file: "lib/distributed/prepare_together.ts",
    old: "if (rank < 0) return",
    new: "if (rank < 9) return",
    tests: FAULTS,
    filter: "fails before the first step",
  },
  {
    mistake: "sums may be of a single part, of which the first worker hears nothing",
    file: "lib/distributed/workers.ts",
    old: "const LEAST_ELEMENTS = 64;",
    new: "const LEAST_ELEMENTS = 1;",
    tests: ["tests/distributed/own_task_faults_test.ts"],
    filter: "worker 1 fails after steps",
  },
  {
    mistake: "every worker evaluates the first one's batches",
    file: "lib/train/_summed.ts",
    old: "if (batch++ % count === index) yield found;",
    new: "if (batch++ % count === 0) yield found;",
    tests: ["tests/distributed/evaluation_test.ts"],
    filter: "a task of one's own",
  },
];
