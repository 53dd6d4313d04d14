/**
 * Finds TensorFlow's C library, or fetches it once.
 *
 * @module
 */
import {
  cacheFolder,
  devicesInOrder,
  type Environment,
  locateInCache,
  locateTensorFlow,
  type TensorFlowLocation,
} from "./locate.ts";
import { type Command, PYTHONS } from "../../system/mod.ts";
import type { TransferProgress } from "../../terminal/mod.ts";
import { DOWNLOADERS } from "./_pip.ts";
import { findPythonPackage } from "./_python.ts";
import { type WheelDevice, WHEELS, wheelsFor, type WheelTable } from "./_wheels.ts";

export { TENSORFLOW_VERSION } from "./_wheels.ts";

/** Options of {@link setupTensorFlow}; the defaults are this machine's. */
export interface SetupOptions {
  /** Take the CUDA build with NVIDIA's libraries. */
  gpu?: boolean;
  /** Fetch the wheel again, whatever the cache and Python hold. */
  force?: boolean;
  /** Where download and unpacking are shown; standard error by default. */
  progress?: TransferProgress;
  /** Ends the set-up early and leaves nothing half done. */
  signal?: AbortSignal;
  /** Environment variables. */
  environment?: Environment;
  /** The pinned wheels. */
  wheels?: WheelTable;
  /** The platform whose wheel is taken. */
  platform?: { os: string; arch: string };
  /** Python interpreters that may hold TensorFlow. */
  pythons?: readonly Command[];
  /** Ways to run pip. */
  downloaders?: readonly Command[];
}

/**
 * Makes TensorFlow available and returns where it is.
 *
 * In this order: `SAM_TENSORFLOW`; what an earlier set-up left in the cache folder, which is
 * instant; an importable Python package of the same release, whose place is recorded; the pinned
 * wheel, fetched with pip (or uv), verified and unpacked into the cache folder. At any moment the
 * cache holds a complete installation or none, also if the process is killed.
 */
export async function setupTensorFlow(options: SetupOptions = {}): Promise<TensorFlowLocation> {
  const { gpu = false, force = false, signal } = options;
  const environment = options.environment ?? ((name) => Deno.env.get(name));
  if (environment("SAM_TENSORFLOW")) return locateTensorFlow(environment);
  const cache = cacheFolder(environment);
  const wanted: WheelDevice[] = gpu ? ["gpu"] : devicesInOrder(environment);
  const present = force ? undefined : locateInCache(cache, wanted);
  if (present) return present;

  const device: WheelDevice = gpu ? "gpu" : "cpu";
  const progress = options.progress ?? await standardProgress();
  const { installWheels, publish, withWorkFolder } = await import("./install.ts");
  try {
    return await withWorkFolder(cache, { progress, signal }, async (work) => {
      const other = force ? undefined : locateInCache(cache, wanted);
      if (other) return other;
      const python = force
        ? undefined
        : await findPythonPackage(options.pythons ?? PYTHONS, device, work);
      if (python) {
        progress.message(`Using the Python package ${python.package} (${python.version})`);
        await publish(cache, work, device, { ...python });
      } else {
        const { os, arch } = options.platform ?? Deno.build;
        const wheels = wheelsFor(options.wheels ?? WHEELS, device, os, arch);
        const downloaders = options.downloaders ?? DOWNLOADERS;
        await installWheels({ cache, work, device, wheels, downloaders, progress, signal });
      }
      const installed = locateInCache(cache, [device]);
      if (!installed) throw new Error(`Cannot find what was just installed in ${cache}`);
      return installed;
    });
  } catch (error) {
    throw explain(error, cache);
  }
}

/** Loaded only when there is something to show. */
async function standardProgress(): Promise<TransferProgress> {
  const { streamOutput, transferProgress } = await import("../../terminal/mod.ts");
  return transferProgress(streamOutput(Deno.stderr));
}

/** Adds the remedy when the disk or the quota is full, wherever that was noticed. */
function explain(error: unknown, cache: string): unknown {
  if (!(error instanceof Error)) return error;
  const { message } = error;
  if (/No space left on device|Disk quota exceeded|os error (28|122)\b/.test(message)) {
    return new Error(
      `Cannot install TensorFlow into ${cache}: the disk is full (1.2 GB are needed for the CPU, ` +
        `10 GB for the GPU); free some space or set SAM_CACHE_DIR to a folder on another disk`,
      { cause: error },
    );
  }
  return error;
}
