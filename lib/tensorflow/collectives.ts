/**
 * TensorFlow's collectives over several processes: its server, the sum over all of them inside a
 * compiled function, and what tells a peer that is gone. What a training run makes of them is in
 * `lib/distributed`.
 *
 * Source: `tensorflow/c/eager/c_api.h`, `tensorflow/core/ops/collective_ops.cc`.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { backend } from "./backend/mod.ts";
import {
  attribute,
  check,
  configProto,
  context,
  cString,
  DType,
  newStatus,
  tensorflow,
} from "./native/mod.ts";
import { bytesField, integerField } from "../system/mod.ts";

/** A process of a cluster, as TensorFlow's `ServerDef` names it. */
export interface ServerTask {
  readonly job: string;
  /** Within its job. */
  readonly index: number;
  /** Such as `127.0.0.1:2222`. */
  readonly address: string;
}

/**
 * Starts this process's server, by which the others reach it; it listens on the port of its address on
 * all interfaces. It does not wait for the others.
 *
 * ```ts
 * import { collectives, configureDevices } from "sam/tensorflow";
 *
 * const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * const address = `127.0.0.1:${listener.addr.port}`;
 * listener.close();
 * const alone = { job: "worker", index: 0, address };
 * configureDevices({ collectiveLeader: collectives.taskName(alone) });
 * await collectives.startServer([alone], alone);
 * await collectives.checkHealth(alone, 10_000);
 * ```
 *
 * @param collectiveLeader has to be configured before, the same in all processes
 * @throws TensorFlowError if the port is taken
 */
export async function startServer(
  tasks: readonly ServerTask[],
  { job, index }: ServerTask,
): Promise<void> {
  const definition = Uint8Array.from([
    ...bytesField(1, jobsOf(tasks).flatMap((job) => bytesField(1, job))),
    ...bytesField(2, job),
    ...integerField(3, index),
    ...bytesField(4, configProto()),
    ...bytesField(5, "grpc"),
  ]);
  await withStatus(
    "start the server of this worker",
    (status) =>
      tensorflow().TFE_EnableCollectiveOpsAsync(
        context(),
        definition,
        BigInt(definition.length),
        status,
      ),
  );
}

/** `JobDef`s of `tensorflow/core/protobuf/cluster.proto`. */
function jobsOf(tasks: readonly ServerTask[]): number[][] {
  const names = [...new Set(tasks.map(({ job }) => job))];
  return names.map((name) => [
    ...bytesField(1, name),
    ...tasks.filter(({ job }) => job === name).flatMap(({ index, address }) =>
      bytesField(2, [...integerField(1, index), ...bytesField(2, address)])
    ),
  ]);
}

/**
 * TensorFlow's name of a process.
 *
 * ```ts
 * import { collectives } from "sam/tensorflow";
 *
 * console.log(collectives.taskName({ job: "worker", index: 1 })); // /job:worker/replica:0/task:1
 * ```
 */
export function taskName({ job, index }: Pick<ServerTask, "job" | "index">): string {
  return `/job:${job}/replica:0/task:${index}`;
}

/**
 * @throws TensorFlowError unless the process answers within that time
 *
 * ```ts
 * import { collectives, TensorFlowError } from "sam/tensorflow";
 *
 * const other = { job: "worker", index: 1, address: "127.0.0.1:2223" };
 * try {
 *   await collectives.checkHealth(other, 1000);
 * } catch (error) {
 *   if (!(error instanceof TensorFlowError)) throw error; // it is not in a cluster, or gone
 * }
 * ```
 */
export async function checkHealth(task: ServerTask, milliseconds: number): Promise<void> {
  const name = cString(taskName(task));
  await withStatus(
    `reach ${task.address}`,
    (status) =>
      tensorflow().TFE_CollectiveOpsCheckPeerHealthAsync(
        context(),
        name,
        BigInt(milliseconds),
        status,
      ),
  );
}

/**
 * Ends all collectives, here and in the processes that wait in one, with an error that says this.
 *
 * ```ts
 * import { collectives } from "sam/tensorflow";
 *
 * collectives.abort("worker 1 is out of memory");
 * ```
 */
export function abort(message: string): void {
  const library = tensorflow();
  const status = newStatus();
  library.TF_SetStatus(status, ABORTED, cString(message));
  library.TFE_AbortCollectiveOps(context(), status);
  library.TF_DeleteStatus(status);
}

/** `TF_ABORTED` of `tf_status.h`. */
const ABORTED = 10;

/** Which processes take part in a sum, and in which of their sums. */
export interface SumOptions {
  /** How many do. */
  readonly groupSize: number;
  /** The same in all that do, and in no other group. */
  readonly groupKey: number;
  /** The same in all that do, and in no other sum of a function that may be running. */
  readonly instanceKey: number;
  /** After how long it fails; 0: never. */
  readonly timeoutSeconds: number;
  /** Divide by the group's size; default false. */
  readonly mean?: boolean;
  /** A sum that has to end before this one begins. */
  readonly after?: tf.Tensor | undefined;
}

/**
 * The sum of a tensor over processes: a node of the function that is being traced. Each of them has
 * to run it, with a tensor of the same shape. It has no gradient.
 *
 * ```ts
 * import { collectives, compile, tf } from "sam/tensorflow";
 *
 * const group = { groupSize: 1, groupKey: 1, instanceKey: 1, timeoutSeconds: 10 };
 * const total = compile((x: tf.Tensor) => collectives.sum(x, group));
 * console.log((await total(tf.scalar(3))).dataSync()[0]); // 3: there is no other process
 * ```
 *
 * @throws Error outside of a trace, and for a dtype other than float32 and int32
 */
export function sum(tensor: tf.Tensor, options: SumOptions): tf.Tensor {
  const { binding } = backend;
  const { trace } = binding;
  if (trace === undefined) throw new Error("Cannot sum over processes outside of a trace");
  const dtype = tensor.dtype === "int32" ? DType.int32 : DType.float32;
  const constant = (value: number) =>
    trace.output(binding.createTensor([], DType.int32, Int32Array.of(value)))!;
  const output = (tensor: tf.Tensor) => trace.output(backend.getInputTensorIds([tensor])[0]!)!;
  const { groupSize, groupKey, instanceKey, timeoutSeconds, mean = false, after } = options;
  const [result] = trace.operation(
    "CollectiveReduceV2",
    [
      attribute.type("T", dtype),
      attribute.string("merge_op", "Add"),
      attribute.string("final_op", mean ? "Div" : "Id"),
      attribute.string("communication_hint", "auto"),
      attribute.float("timeout_seconds", timeoutSeconds),
      attribute.bool("is_stateless", false),
      attribute.int("Nordering_token", 0),
      attribute.int("max_subdivs_per_device", -1),
    ],
    [output(tensor), constant(groupSize), constant(groupKey), constant(instanceKey)],
    1,
    after === undefined ? [] : [output(after)],
  );
  return backend.createOutputTensor({ id: result!.id, shape: [...tensor.shape], dtype });
}

async function withStatus(
  action: string,
  call: (status: ReturnType<typeof newStatus>) => Promise<void>,
): Promise<void> {
  const status = newStatus();
  try {
    await call(status);
    check(action, status);
  } finally {
    tensorflow().TF_DeleteStatus(status);
  }
}
