import { setTimeout as delay } from "node:timers/promises";
import {
  collectives,
  compile,
  type Compiled,
  configureDevices,
  leaves,
  TensorFlowError,
  tf,
  tidy,
  type Tree,
  withLeaves,
} from "../tensorflow/mod.ts";
import { reasonOf } from "../system/mod.ts";
import { bucketsOf, inOrderOfTrace } from "./_buckets.ts";
import { differences, digestOf } from "./_agreement.ts";
import { doNotAnswer, EVERY_MS, Heartbeat, lostAmong } from "./_heartbeat.ts";
import { type Cluster, describeTask } from "./cluster.ts";
import { WorkerError } from "./worker_error.ts";

/** How long workers wait for one another. */
export interface WorkerOptions {
  /** Until all others have started; default 45 s. */
  readonly startSeconds?: number;
  /**
   * In a step, for the slowest; default 600 s. A worker that is gone or stopped is noticed sooner, by its
   * heartbeat.
   */
  readonly stepSeconds?: number;
  /** When it is aborted, nobody is waited for any longer. */
  readonly signal?: AbortSignal;
}

/** All workers are one group. */
const ALL = 1;
const START_POLL_MS = 200;
/** For which one that is told to stop waits still: the others are told too, each in its turn. */
const STOP_MS = 2000;
const GONE_POLL_MS = 1000;
/** For which a worker that knows of a lost one stays, until the others know too and do not miss it. */
const LINGER_MS = EVERY_MS + 3000;
/** For which one that failed by itself stays at most: the others learn why at their next sum. */
const TELL_MS = 30_000;
const ANSWER_MS = 5000;
const WORD_BYTES = 4;
/**
 * Elements of a sum at least. Of up to 128 bytes TensorFlow's ring makes a single part: the first worker
 * waits until the next one fetches it, asks nobody, and so does not hear that another gave up.
 */
const LEAST_ELEMENTS = 64;
/** Around what a worker tells the others as it gives up. */
const TOLD = /<<(.*?)>>/s;
/** What TensorFlow says where two have another number of workers in mind. */
const OTHER_SIZE =
  /Device (\/job:\w+\/replica:0\/task:\d+)\/\S+ is joining a group with size\s?(\d+), but that group has size (\d+)/;
/** What TensorFlow says where another process has joined under this one's name. */
const TWICE = /Device (\/job:\w+\/replica:0\/task:\d+)\/\S+ current incarnation doesn't match/;

/**
 * The other processes of a cluster, connected: what is summed over all of them inside a compiled step,
 * and whether they are still there. There can be one in a process, and no operation may have run
 * before.
 */
export class Workers implements Disposable {
  readonly cluster: Cluster;
  readonly #stepSeconds: number;
  readonly #heartbeat: Heartbeat;
  readonly #exchanges = new Map<number, Compiled<[tf.Tensor], tf.Tensor>>();
  #instances = 0;
  /** Whether the others know that this worker has failed. */
  #isTold = false;

  private constructor(cluster: Cluster, stepSeconds: number) {
    this.cluster = cluster;
    this.#stepSeconds = stepSeconds;
    this.#heartbeat = new Heartbeat(cluster, (problem) => this.#give(problem));
  }

  /**
   * Starts this process's server and waits until all others answer.
   *
   * @throws WorkerError that names those that do not, or have another cluster in mind, or this one if
   *   its port is taken; what the signal was aborted with
   */
  static async connect(
    cluster: Cluster,
    { startSeconds = 45, stepSeconds = 600, signal }: WorkerOptions = {},
  ): Promise<Workers> {
    const { tasks, rank } = cluster;
    configureDevices({ collectiveLeader: collectives.taskName(tasks[0]!) });
    try {
      await collectives.startServer(tasks, tasks[rank]!);
    } catch (error) {
      if (!(error instanceof TensorFlowError)) throw error;
      throw new WorkerError(
        `Cannot start ${
          describeTask(cluster, rank)
        }: it cannot listen there, as when the port is ` +
          `taken (${error.message})`,
        { cause: error },
      );
    }
    await waitForAll(cluster, startSeconds, signal);
    const workers = new Workers(cluster, stepSeconds);
    try {
      await workers.#join(startSeconds, signal);
      return workers;
    } catch (error) {
      using _workers = workers;
      signal?.throwIfAborted(); // the others were told to stop as well, and are gone
      throw await workers.explain(error);
    }
  }

  /**
   * The first sum, by which they are a group: whoever gives up before a step can tell the others why.
   * Two of one index answer all questions before it, and wait here for one another.
   */
  async #join(seconds: number, signal: AbortSignal | undefined): Promise<void> {
    const { cluster, size: count } = this;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = () => {
      const give = () => this.#give(`${describeTask(cluster, this.rank)} was told to stop`);
      timer = setTimeout(give, STOP_MS);
    };
    signal?.addEventListener("abort", stop);
    const join = compile(
      (own: tf.Tensor) => this.#sum(own, { count, timeoutSeconds: seconds }),
      { name: "the first sum of workers" },
    );
    const own = tf.zeros([LEAST_ELEMENTS]);
    try {
      tf.dispose(await join(own));
    } catch (error) {
      const isLate = error instanceof TensorFlowError && error.code === "DEADLINE_EXCEEDED";
      if (!isLate || this.#heartbeat.problem !== undefined) throw error;
      await delay(LINGER_MS);
      throw new WorkerError(
        `Cannot begin: all ${count} workers answer, but they are no group after ${seconds} s, as when ` +
          "two have the same index. Start all again, each with its own index, and with the same " +
          "addresses in the same order, in TF_CONFIG",
        { cause: error },
      );
    } finally {
      signal?.removeEventListener("abort", stop);
      clearTimeout(timer);
      own.dispose();
      join.dispose();
    }
  }

  /** How many there are, this one included. */
  get size(): number {
    return this.cluster.tasks.length;
  }

  get rank(): number {
    return this.cluster.rank;
  }

  /** Whether this one evaluates, saves and writes down. */
  get isChief(): boolean {
    return this.rank === 0;
  }

  /**
   * The mean over the workers of each tensor, in the function that is being traced: all workers have to
   * trace and run the same. Small tensors are summed together, those that are traced first before the
   * others, while these are computed. It has no gradient.
   *
   * @param of over so many workers of neighbouring ranks, by default all
   * @throws RangeError unless that divides their number
   */
  meanOf<T extends Tree>(
    tree: T,
    { of: count = this.size }: { readonly of?: number | undefined } = {},
  ): T {
    if (!Number.isInteger(this.size / count)) {
      throw new RangeError(
        `Cannot take means over ${count} of ${this.size} workers: it must divide their number`,
      );
    }
    return tidy(() => {
      const found = leaves(tree);
      const order = inOrderOfTrace(found);
      const tensors = order.map((position) => found[position]!);
      let after: tf.Tensor | undefined;
      const means = bucketsOf(tensors.map(({ size }) => size)).flatMap(({ begin, end }) => {
        const bucket = tensors.slice(begin, end);
        const flat = bucket.map((tensor) => tf.reshape(tensor, [-1]));
        const elements = bucket.reduce((sum, { size }) => sum + size, 0);
        if (elements < LEAST_ELEMENTS) flat.push(tf.zeros([LEAST_ELEMENTS - elements]));
        const options = { count, mean: true, timeoutSeconds: this.#stepSeconds, after };
        after = this.#sum(tf.concat(flat), options);
        return tf.split(after, flat.map(({ size }) => size)).slice(0, bucket.length)
          .map((part, index) => tf.reshape(part, bucket[index]!.shape));
      });
      const inPlace = new Array<tf.Tensor>(means.length);
      order.forEach((position, index) => inPlace[position] = means[index]!);
      return withLeaves(tree, inPlace);
    });
  }

  /**
   * Gives each worker's numbers to all, by rank; whoever comes waits for the others.
   *
   * @param values 32 bits each, as many as the others give
   */
  async exchange(values: readonly number[]): Promise<number[][]> {
    const { size, rank } = this;
    // TensorFlow ends the process at an empty sum.
    if (values.length === 0) throw new RangeError("Cannot exchange no numbers: give at least one");
    const count = values.length;
    let exchange = this.#exchanges.get(count);
    if (exchange === undefined) {
      const sum = (own: tf.Tensor) => this.#sum(own, { count: size, timeoutSeconds: 0 });
      this.#exchanges.set(count, exchange = compile(sum, { name: "the exchange of workers" }));
    }
    const table = new Int32Array(Math.max(LEAST_ELEMENTS, size * count));
    table.set(values, rank * count);
    const own = tf.tensor1d(table, "int32");
    try {
      const sums = await exchange(own);
      const all = [...sums.dataSync()];
      sums.dispose();
      return Array.from({ length: size }, (_, at) => all.slice(at * count, (at + 1) * count));
    } finally {
      own.dispose();
    }
  }

  /**
   * Gives each worker's text to all, by rank; whoever comes waits for the others. Where all are empty
   * there is a single sum.
   */
  async exchangeTexts(text: string): Promise<string[]> {
    const bytes = new TextEncoder().encode(text);
    const lengths = (await this.exchange([bytes.length])).map(([length]) => length!);
    const words = Math.ceil(Math.max(...lengths) / WORD_BYTES);
    if (words === 0) return lengths.map(() => "");
    // A sum is traced for each size: there are few of these.
    const table = new Int32Array(2 ** Math.ceil(Math.log2(words)));
    new Uint8Array(table.buffer).set(bytes);
    const rows = await this.exchange([...table]);
    // Who has its answer leaves only once all have theirs.
    await this.exchange([0]).catch(() => {});
    return rows.map((row, rank) =>
      new TextDecoder().decode(new Uint8Array(Int32Array.from(row).buffer, 0, lengths[rank]))
    );
  }

  /**
   * Compares what has to be the same in all workers with the chief's.
   *
   * @param properties by what they are in a sentence: "another version of the code"
   * @throws WorkerError that names the workers that differ
   */
  async agree(properties: Readonly<Record<string, string>>): Promise<void> {
    const names = Object.keys(properties);
    const rows = await this.exchange(Object.values(properties).flatMap(digestOf));
    const found = differences(rows, names);
    if (found.length === 0) return;
    const problem = found.map(({ rank, name }) =>
      `${describeTask(this.cluster, rank)} has ${name}`
    );
    throw new WorkerError(
      `Cannot train together: ${problem.join("; ")} than the chief (${
        this.cluster.tasks[0]!.address
      }). Give all workers the same`,
    );
  }

  /**
   * What a failure means, to be thrown: that of a worker which is lost, with its name, or that of this
   * one, which the others are told. No worker can go on afterwards.
   *
   * @param diagnose finds the cause of an error that is this worker's own; default it is the cause
   */
  async explain(error: unknown, diagnose?: () => Promise<unknown>): Promise<unknown> {
    if (error instanceof WorkerError || this.#isTold) return error;
    const { cluster } = this;
    const problem = this.#heartbeat.problem ?? await problemIn(cluster, error);
    const cause = problem === undefined ? await diagnose?.() ?? error : error;
    this.#isTold = true;
    this.#give(problem ?? `${describeTask(cluster, this.rank)} failed: ${reasonOf(cause)}`);
    await (problem === undefined ? untilGone(cluster, TELL_MS) : delay(LINGER_MS));
    if (problem === undefined) return cause;
    return new WorkerError(
      `Cannot train on: ${problem}. Start all workers again: they go on from the last checkpoint`,
      { cause },
    );
  }

  /** @returns the error, of which the others know: {@linkcode explain} leaves it, and what is made of it */
  told(error: unknown): unknown {
    this.#isTold = true;
    return error;
  }

  [Symbol.dispose](): void {
    this.#heartbeat[Symbol.dispose]();
    for (const exchange of this.#exchanges.values()) exchange.dispose();
  }

  /** Gives up, and tells the others why. */
  #give(problem: string): void {
    collectives.abort(`<<${problem}>>`);
  }

  #sum(
    tensor: tf.Tensor,
    { count, ...options }:
      & { readonly count: number }
      & Omit<collectives.SumOptions, "groupSize" | "groupKey" | "instanceKey">,
  ): tf.Tensor {
    const { size, rank } = this;
    // The same in all workers, as they trace the same functions in the same order.
    const instanceKey = ++this.#instances;
    const groupKey = count === size ? ALL : ALL + count * size + Math.floor(rank / count);
    return collectives.sum(tensor, { ...options, groupSize: count, groupKey, instanceKey });
  }
}

/** What an error says of another worker; undefined if it is this one's own. */
async function problemIn(cluster: Cluster, error: unknown): Promise<string | undefined> {
  const text = reasonOf(error);
  const told = TOLD.exec(text)?.[1];
  if (told !== undefined || !(error instanceof TensorFlowError)) return told;
  const named = (name: string) =>
    describeTask(
      cluster,
      cluster.tasks.findIndex((task) => collectives.taskName(task) === name),
    );
  const [, name, size, other] = OTHER_SIZE.exec(text) ?? [];
  if (name !== undefined) {
    return `${named(name)} is of a cluster of ${size} workers, another one of ${other}`;
  }
  const [, twice] = TWICE.exec(text) ?? [];
  if (twice !== undefined) {
    return `${
      named(twice)
    } has joined before, as another process that has its index, or that it was ` +
      "before it was started again";
  }
  const lost = await lostAmong(cluster, ANSWER_MS);
  return lost.length === 0 ? undefined : doNotAnswer(cluster, lost);
}

/** Waits until none of the others answers any more, or the time is over. */
async function untilGone(cluster: Cluster, milliseconds: number): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (performance.now() < deadline) {
    const lost = await lostAmong(cluster, ANSWER_MS);
    if (lost.length === cluster.tasks.length - 1) return;
    await delay(GONE_POLL_MS);
  }
}

/** @throws WorkerError that names the workers that do not answer in time; of the signal, its reason */
async function waitForAll(
  cluster: Cluster,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = performance.now() + 1000 * seconds;
  let missing = cluster.tasks.map((_, rank) => rank).filter((rank) => rank !== cluster.rank);
  while (true) {
    const lost = await lostAmong(cluster, 1000);
    signal?.throwIfAborted();
    if (lost.length === 0) return;
    // One that was there may have left, as it missed the same worker; that is to be named.
    const never = missing.filter((rank) => lost.includes(rank));
    if (performance.now() >= deadline) {
      await delay(LINGER_MS);
      throw new WorkerError(
        `Cannot begin: ${
          doNotAnswer(cluster, never.length > 0 ? never : lost)
        } after ${seconds} s. ` +
          "Start all workers, each with the same cluster in TF_CONFIG",
      );
    }
    missing = never;
    await delay(START_POLL_MS);
  }
}
