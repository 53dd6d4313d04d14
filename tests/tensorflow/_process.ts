/** The repository, where child processes run. */
const ROOT = new URL("../../", import.meta.url).pathname;

/** What a process left. */
export interface Finished {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly env?: Record<string, string>;
  readonly flags?: readonly string[];
  /** Called when the process has written its first line. */
  readonly onStarted?: (process: Deno.ChildProcess) => void;
}

/** Runs TypeScript in a process of its own, which has the engine's exports as `engine`. */
export async function runScript(
  script: string,
  { env = {}, flags = [], onStarted }: Options = {},
): Promise<Finished> {
  const code = `import * as engine from "./lib/tensorflow/mod.ts";\n${script}`;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", "--ext=ts", ...flags, code],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(process.stderr).text();
  let stdout = "";
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    if (stdout === "") onStarted?.(process);
    stdout += text;
  }
  const { code: exitCode, signal } = await process.status;
  return { code: exitCode, signal, stdout, stderr: await stderr };
}
