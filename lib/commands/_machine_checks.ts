import os from "node:os";
import { statfsSync } from "node:fs";
import { join } from "node:path";
import { listKernels } from "../kernel/mod.ts";
import { findChromium } from "../reports/mod.ts";
import { askPython, CLONE, commandLine, VERSION } from "../system/mod.ts";
import { cacheFolder } from "../tensorflow/install/mod.ts";
import { engineChecks } from "./_engine_checks.ts";
import { labEnvironment } from "./_lab_environment.ts";
import { failedBy, type MachineCheck, works } from "./_machine_check.ts";

export type { MachineCheck };

/** Deno before this lacks what the package uses. */
const OLDEST_DENO = [2, 9] as const;
const GIB = 2 ** 30;
/** TensorFlow unpacked, and room for a run. */
const DISK_GIB = 3;
const MEMORY_GIB = 3;

type Found = MachineCheck | readonly MachineCheck[];

/** Things that are looked at; each says what it found, or why it could not. */
const checks: readonly [name: string, check: () => Found | Promise<Found>][] = [
  ["package", () => works("package", `${VERSION}, ${CLONE ?? "from its registry"}`)],
  ["system", () => system()],
  ["Deno", () => deno(Deno.version.deno)],
  ["TensorFlow", () => engineChecks()],
  ["oneDNN", () => oneDnn(Deno.env.get("TF_ENABLE_ONEDNN_OPTS"), Deno.build)],
  ["Python", () => python()],
  ["JupyterLab", () => lab()],
  ["kernel", () => kernel()],
  ["browser", () => browser(findChromium())],
  ["disk", () => disk()],
  ["memory", () => memory(os.totalmem(), os.freemem())],
  ["data sets", () => dataSets()],
];

/** What works on this machine, in one order. */
export async function checkMachine(): Promise<MachineCheck[]> {
  const found: MachineCheck[] = [];
  for (const [name, check] of checks) {
    try {
      found.push(...[await check()].flat());
    } catch (error) {
      found.push(failedBy(name, error, "Report this"));
    }
  }
  return found;
}

function system(): MachineCheck {
  const { os: name, arch } = Deno.build;
  const found = `${name} ${os.release()} ${arch}, ${os.cpus().length} × ${
    os.cpus()[0]?.model ?? arch
  }`;
  if (name === "windows") {
    const remedy = "Run it in WSL 2: docs/machines.md";
    return { name: "system", state: "failed", found, remedy };
  }
  const untried = name === "darwin" ? "; not yet run on macOS: please report how it goes" : "";
  return works("system", found + untried);
}

/** @param version of Deno */
export function deno(version: string): MachineCheck {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isOld = major < OLDEST_DENO[0] || (major === OLDEST_DENO[0] && minor < OLDEST_DENO[1]);
  return isOld
    ? { name: "Deno", state: "failed", found: version, remedy: "Run `deno upgrade`" }
    : works("Deno", version);
}

/** @param setting the environment variable TF_ENABLE_ONEDNN_OPTS */
export function oneDnn(
  setting: string | undefined,
  { os, arch }: Pick<typeof Deno.build, "os" | "arch">,
): MachineCheck {
  const byDefault = os === "linux" && arch === "x86_64";
  const isOn = setting === undefined ? byDefault : setting !== "0";
  if (isOn) return works("oneDNN", setting === undefined ? "on" : `on by TF_ENABLE_ONEDNN_OPTS`);
  const found = setting === undefined ? `off on ${os} ${arch}` : "off by TF_ENABLE_ONEDNN_OPTS=0";
  const remedy = os === "linux"
    ? "Training is slower; set TF_ENABLE_ONEDNN_OPTS=1"
    : "Nothing: TensorFlow has none here";
  return { name: "oneDNN", state: "missing", found, remedy };
}

async function python(): Promise<MachineCheck> {
  const found = await askPython(["--version"]);
  if (found) return works("Python", `${found.answer.trim()} (${found.program})`);
  const remedy = "Only setup and JupyterLab need it: install Python, or uv for setup";
  return { name: "Python", state: "missing", found: "none on the path", remedy };
}

function lab(): MachineCheck {
  const environment = labEnvironment();
  if (isFile(join(environment, "installed.txt"))) return works("JupyterLab", environment);
  const remedy = `\`${commandLine("lab")}\` installs it`;
  return { name: "JupyterLab", state: "missing", found: `not in ${environment}`, remedy };
}

async function kernel(): Promise<MachineCheck> {
  const own = await listKernels();
  const inLab = await listKernels({ prefix: labEnvironment() });
  const usable = [...own, ...inLab].filter(({ usable }) => usable);
  if (usable.length > 0) return works("kernel", usable.map(({ folder }) => folder).join(", "));
  const remedy = `\`${commandLine("lab")}\` or \`${commandLine("kernel install")}\` registers it`;
  return { name: "kernel", state: "missing", found: "not registered", remedy };
}

/** @param program the path of Chromium */
export function browser(program: string | undefined): MachineCheck {
  if (program !== undefined) return works("browser", program);
  const remedy = "Only PDF needs it: install Chromium or Chrome, or name it with CHROMIUM";
  return { name: "browser", state: "missing", found: "no Chromium", remedy };
}

function disk(): MachineCheck {
  const folder = existing(cacheFolder());
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize / GIB;
  const found = `${free.toFixed(1)} GiB free at ${folder}`;
  if (free >= DISK_GIB) return works("disk", found);
  const remedy = "Free some space, or set SAM_CACHE_DIR to a folder on another disk";
  return { name: "disk", state: "missing", found, remedy };
}

/** @param total bytes @param free bytes */
export function memory(total: number, free: number): MachineCheck {
  const found = `${(total / GIB).toFixed(1)} GiB, ${(free / GIB).toFixed(1)} GiB free`;
  if (total >= MEMORY_GIB * GIB) return works("memory", found);
  const remedy = "Train small networks with a small --batch-size";
  return { name: "memory", state: "missing", found, remedy };
}

function dataSets(): MachineCheck {
  const folder = Deno.env.get("SAM_DATA_DIR") ||
    (CLONE === undefined ? "data" : join(CLONE, "data"));
  const names = ["fashion_mnist", "cifar-10-batches-bin", "cifar-100-binary", "svhn"];
  const here = names.filter((name) => isFolder(join(folder, name)));
  const found = ["fashion_mnist_small", "synthetic", ...here].join(", ");
  return works("data sets", `${found} (others are downloaded into ${folder} when they are used)`);
}

/** The nearest folder above that is there. */
function existing(folder: string): string {
  return isFolder(folder) ? folder : existing(join(folder, ".."));
}

function isFile(path: string): boolean {
  return isKind(path, ({ isFile }) => isFile);
}

function isFolder(path: string): boolean {
  return isKind(path, ({ isDirectory }) => isDirectory);
}

function isKind(path: string, test: (info: Deno.FileInfo) => boolean): boolean {
  try {
    return test(Deno.statSync(path));
  } catch {
    return false;
  }
}
