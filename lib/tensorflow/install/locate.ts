/** Finding TensorFlow's C library on this machine: fast, synchronous, without a subprocess. */
import { dirname, join, resolve } from "node:path";
import { CLONE, commandLine } from "../../system/mod.ts";
import { librariesOn, TENSORFLOW_VERSION, type WheelDevice } from "./_wheels.ts";

/** Where TensorFlow's C library lies; all paths are absolute. */
export interface TensorFlowLocation {
  /** `libtensorflow_cc.so.2` (on macOS `libtensorflow_cc.2.dylib`), which exports the eager and graph C API. */
  readonly cc: string;
  /** `libtensorflow_framework.so.2`, which the other one needs. */
  readonly framework: string;
  /** The folder of both. */
  readonly folder: string;
  readonly source: "SAM_TENSORFLOW" | "python" | "cache";
  /**
   * The folders of NVIDIA's libraries beside it, if any. TensorFlow finds them by itself, by a
   * run path relative to its own folder.
   */
  readonly gpuLibraries?: readonly string[];
}

/** Reads an environment variable. */
export type Environment = (name: string) => string | undefined;

const REMEDY = `run \`${commandLine("setup")}\`` +
  (CLONE === undefined ? "" : " (or `npx -y deno@2.9.6 task setup`)");
const denoEnvironment: Environment = (name) => Deno.env.get(name);

/** The file in an installation's folder that says where it comes from. */
export const RECORD = "installed.json";

/** Returns the folder that setup installs into: `SAM_CACHE_DIR`, or `sam` in the user's cache. */
export function cacheFolder(
  environment: Environment = denoEnvironment,
  os: typeof Deno.build.os = Deno.build.os,
): string {
  const own = environment("SAM_CACHE_DIR");
  if (own) return resolve(own);
  const xdg = environment("XDG_CACHE_HOME");
  if (xdg?.startsWith("/")) return join(xdg, "sam");
  const home = environment("HOME");
  if (home) {
    return join(resolve(home), ...os === "darwin" ? ["Library", "Caches"] : [".cache"], "sam");
  }
  throw new Error("Cannot choose a cache folder: HOME is not set; set SAM_CACHE_DIR to a folder");
}

/** Returns the folder of an installation below the cache folder. */
export function installFolder(cache: string, device: WheelDevice): string {
  return join(cache, `tensorflow-${TENSORFLOW_VERSION}-${device}`);
}

/**
 * Finds TensorFlow: `SAM_TENSORFLOW` first, then what `deno task setup` installed or recorded in
 * the cache (the GPU build before the CPU build, unless `SAM_DEVICE` is `cpu`).
 *
 * Takes well under a millisecond. Throws an Error that names what was looked for, where, and the
 * remedy.
 */
export function locateTensorFlow(environment: Environment = denoEnvironment): TensorFlowLocation {
  const named = environment("SAM_TENSORFLOW");
  if (named) return locateNamed(named);
  const cache = cacheFolder(environment);
  const found = locateInCache(cache, devicesInOrder(environment));
  if (found) return found;
  throw new Error(
    `Cannot find TensorFlow ${TENSORFLOW_VERSION}: SAM_TENSORFLOW is not set and ${cache} holds ` +
      `no complete installation; ${REMEDY}`,
  );
}

/** Returns the devices whose installations are acceptable, the preferred one first. */
export function devicesInOrder(environment: Environment = denoEnvironment): WheelDevice[] {
  return environment("SAM_DEVICE") === "cpu" ? ["cpu", "gpu"] : ["gpu", "cpu"];
}

/** Returns the first complete installation in the cache, or undefined. */
export function locateInCache(
  cache: string,
  devices: WheelDevice[],
): TensorFlowLocation | undefined {
  for (const device of devices) {
    const folder = installFolder(cache, device);
    const found = locateInFolder(join(folder, "tensorflow"), "cache");
    if (found) return found;
    const recorded = recordedPackage(join(folder, RECORD));
    const python = recorded === undefined ? undefined : locateInFolder(recorded, "python");
    if (python) return python;
  }
  return undefined;
}

/** Returns the location if `folder` holds both libraries, otherwise undefined. */
export function locateInFolder(
  folder: string,
  source: TensorFlowLocation["source"],
  os: typeof Deno.build.os = Deno.build.os,
): TensorFlowLocation | undefined {
  const names = librariesOn(os);
  const cc = join(folder, names.cc);
  const framework = join(folder, names.framework);
  if (!isFile(cc) || !isFile(framework)) return undefined;
  const gpuLibraries = nvidiaFolders(join(dirname(folder), "nvidia"));
  return { cc, framework, folder, source, ...(gpuLibraries.length > 0 && { gpuLibraries }) };
}

/** The folder that SAM_TENSORFLOW names, or the package `tensorflow` in it. */
function locateNamed(named: string): TensorFlowLocation {
  const folder = resolve(named);
  const found = locateInFolder(folder, "SAM_TENSORFLOW") ??
    locateInFolder(join(folder, "tensorflow"), "SAM_TENSORFLOW");
  if (found) return found;
  const { cc, framework } = librariesOn(Deno.build.os);
  throw new Error(
    `Cannot use SAM_TENSORFLOW=${named}: neither ${folder} nor ${join(folder, "tensorflow")} ` +
      `holds ${cc} and ${framework}; set it to a folder that does, or unset it and ${REMEDY}`,
  );
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    return unlessMissing(error, false);
  }
}

function nvidiaFolders(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), (entry) => join(folder, entry.name, "lib"))
      .filter((lib) => isFolder(lib)).sort();
  } catch (error) {
    return unlessMissing(error, []);
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    return unlessMissing(error, false);
  }
}

/** The Python package that setup recorded; an unreadable record counts as none. */
function recordedPackage(path: string): string | undefined {
  try {
    const record: unknown = JSON.parse(Deno.readTextFileSync(path));
    if (typeof record !== "object" || record === null || !("package" in record)) return undefined;
    return typeof record.package === "string" ? record.package : undefined;
  } catch (error) {
    return error instanceof SyntaxError ? undefined : unlessMissing(error, undefined);
  }
}

function unlessMissing<T>(error: unknown, value: T): T {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
    return value;
  }
  throw error;
}
