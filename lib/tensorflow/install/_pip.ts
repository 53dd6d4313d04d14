/** Fetching one pinned wheel with pip, or with the pip that uv can run. */
import { join } from "node:path";
import { type Command, outputOf } from "../../system/mod.ts";
import type { TransferProgress } from "../../terminal/mod.ts";
import { type Wheel, wheelName } from "./_wheels.ts";

/** The ways to run pip, tried in this order. */
export const DOWNLOADERS: readonly Command[] = [
  ["python3", "-m", "pip"],
  ["python", "-m", "pip"],
  ["uv", "tool", "run", "pip"],
];

/** Returns the first command that runs, or throws with what to install. */
export async function findPip(commands: readonly Command[], cwd: string): Promise<Command> {
  for (const command of commands) {
    if (await outputOf(command, ["--version"], cwd) !== undefined) return command;
  }
  throw new Error(
    `Cannot fetch TensorFlow: none of ${commands.map((c) => `\`${c.join(" ")}\``).join(", ")} ` +
      `runs; install Python with pip, or uv, or set SAM_TENSORFLOW to a folder that holds ` +
      `libtensorflow_cc.so.2 and libtensorflow_framework.so.2`,
  );
}

/** The place and manner of a download. */
export interface DownloadOptions {
  pip: Command;
  /** An empty folder for all that pip writes, temporary files included. */
  work: string;
  progress: TransferProgress;
  signal?: AbortSignal;
}

/**
 * Downloads a wheel below `work` and returns its path; the content is not verified yet.
 *
 * pip asks the index that the user configured. It has no machine-readable progress, so the growing
 * file is watched instead.
 */
export async function downloadWheel(wheel: Wheel, options: DownloadOptions): Promise<string> {
  const { pip: [program, ...first], work, progress, signal } = options;
  await Deno.mkdir(work, { recursive: true });
  const child = new Deno.Command(program, {
    args: [...first, ...pipArguments(wheel, work)],
    cwd: work,
    env: { TMPDIR: work },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).spawn();
  const { name, version } = wheelName(wheel.file);
  const task = progress.begin(`Downloading ${name} ${version}`, wheel.bytes);
  const watch = setInterval(() => task.update(sizeOf(wheel.file, work)), 200);
  let success = false;
  try {
    const { stderr, ...result } = await child.output();
    signal?.throwIfAborted();
    success = result.success;
    if (!success) throw failure(wheel, options.pip, new TextDecoder().decode(stderr));
  } finally {
    clearInterval(watch);
    task.end(success);
  }
  return join(work, wheel.file);
}

/** The name, version and tags that a wheel's file name states make pip choose exactly that file. */
function pipArguments(wheel: Wheel, folder: string): string[] {
  const { name, version, platforms } = wheelName(wheel.file);
  return [
    "download",
    `${name}==${version}`,
    "--no-deps",
    "--only-binary=:all:",
    "--python-version=3.12",
    "--implementation=cp",
    "--abi=cp312",
    ...platforms.map((platform) => `--platform=${platform}`),
    `--dest=${folder}`,
    "--no-cache-dir",
    "--no-input",
    "--disable-pip-version-check",
    "--progress-bar=off",
    "--quiet",
  ];
}

/** The size of the wheel in `folder` or in one of pip's temporary folders there. */
function sizeOf(file: string, folder: string): number {
  let size = 0;
  const look = (path: string) => {
    try {
      size = Math.max(size, Deno.statSync(path).size);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  look(join(folder, file));
  for (const entry of Deno.readDirSync(folder)) {
    if (entry.isDirectory) look(join(folder, entry.name, file));
  }
  return size;
}

function failure(wheel: Wheel, pip: Command, stderr: string): Error {
  const lines = stderr.trim().split("\n").filter((line) => !line.startsWith("WARNING: Location"));
  return new Error(
    `Cannot download ${wheel.file}: \`${pip.join(" ")} download\` failed; check the network ` +
      `and pip's index settings, then run the command again; pip says:\n` +
      lines.slice(-4).map((line) => `  ${line}`).join("\n"),
  );
}
