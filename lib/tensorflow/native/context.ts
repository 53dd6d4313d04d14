import { notNull, type Pointer, readCString, tensorflow } from "./library.ts";
import { bytesField, integerField } from "../../system/mod.ts";
import { check, status } from "./status.ts";

/** How TensorFlow uses the machine; read once, when the first operation runs. */
export interface DeviceOptions {
  /** Threads that one operation may use; default: one per core. */
  readonly intraOpThreads?: number;
  /** Operations that may run at the same time; default: one per core. */
  readonly interOpThreads?: number;
  /** Take GPU memory as it is needed instead of all at the start; default true. */
  readonly memoryGrowth?: boolean;
  /** Logical CPU devices; default 1. */
  readonly cpuDevices?: number;
  /**
   * The task that brings together the collectives of several processes, such as
   * `/job:worker/replica:0/task:0`; none by default.
   */
  readonly collectiveLeader?: string;
}

/** A device that TensorFlow runs operations on. */
export interface Device {
  /** For example `/job:localhost/replica:0/task:0/device:CPU:0`. */
  readonly name: string;
  /** For example `CPU` or `GPU`. */
  readonly type: string;
  /** Bytes of memory that TensorFlow counts for it; 256 MiB, a placeholder, for CPUs. */
  readonly memoryBytes: number;
}

let options: DeviceOptions = {};
let created: Pointer | undefined;

/** The eager context, made at the first call. */
export function context(): Pointer {
  return created ??= create();
}

/** Whether the eager context exists, which fixes its options. */
export function isStarted(): boolean {
  return created !== undefined;
}

/**
 * Sets how TensorFlow uses the machine.
 *
 * ```ts
 * import { configureDevices } from "sam";
 *
 * configureDevices({ intraOpThreads: 2 }); // before the first operation
 * ```
 *
 * @throws Error once an operation has run, which fixes it
 * @throws RangeError for counts that are not positive integers
 */
export function configureDevices(wanted: DeviceOptions): void {
  if (isStarted()) {
    throw new Error("Cannot configure devices after the first operation: call it before");
  }
  for (const name of ["intraOpThreads", "interOpThreads", "cpuDevices"] as const) {
    const count = wanted[name];
    if (count !== undefined && !(Number.isInteger(count) && count > 0)) {
      throw new RangeError(`Cannot use ${name} ${count}: it must be a positive integer`);
    }
  }
  options = { ...options, ...wanted };
}

/**
 * The devices in TensorFlow's order.
 *
 * ```ts
 * import { listDevices } from "sam";
 *
 * console.log(listDevices().map(({ name }) => name)); // […/device:CPU:0, …]
 * ```
 */
export function listDevices(): Device[] {
  const library = tensorflow();
  const list = notNull(library.TFE_ContextListDevices(context(), status()), "device list");
  check("list devices");
  const devices = Array.from({ length: library.TF_DeviceListCount(list) }, (_, index) => ({
    name: readCString(library.TF_DeviceListName(list, index, status())),
    type: readCString(library.TF_DeviceListType(list, index, status())),
    memoryBytes: Number(library.TF_DeviceListMemoryBytes(list, index, status())),
  }));
  library.TF_DeleteDeviceList(list);
  return devices;
}

function create(): Pointer {
  const library = tensorflow();
  const contextOptions = notNull(library.TFE_NewContextOptions(), "context options");
  try {
    const config = Uint8Array.from(configProto());
    library.TFE_ContextOptionsSetConfig(contextOptions, config, BigInt(config.length), status());
    check("configure TensorFlow");
    const context = library.TFE_NewContext(contextOptions, status());
    check("start TensorFlow");
    return notNull(context, "context");
  } finally {
    library.TFE_DeleteContextOptions(contextOptions);
  }
}

/** `ConfigProto` of `tensorflow/core/protobuf/config.proto`: what the context is made with. */
export function configProto(): number[] {
  const { intraOpThreads, interOpThreads, memoryGrowth = true, cpuDevices } = options;
  const { collectiveLeader } = options;
  const hideGpu = Deno.env.get("SAM_DEVICE") === "cpu";
  return [
    ...(cpuDevices === undefined ? [] : deviceCount("CPU", cpuDevices)),
    ...(hideGpu ? deviceCount("GPU", 0) : []),
    ...(intraOpThreads === undefined ? [] : integerField(2, intraOpThreads)),
    ...(interOpThreads === undefined ? [] : integerField(5, interOpThreads)),
    ...bytesField(6, integerField(4, memoryGrowth)), // gpu_options.allow_growth
    // experimental.collective_group_leader
    ...(collectiveLeader === undefined ? [] : bytesField(16, bytesField(1, collectiveLeader))),
  ];
}

function deviceCount(type: string, count: number): number[] {
  return bytesField(1, [...bytesField(1, type), ...integerField(2, count)]);
}
