/** How a run of tests ended. */
export interface Outcome {
  readonly passed: boolean;
  /** It took too long and was ended. */
  readonly hung: boolean;
  readonly seconds: number;
  readonly output: string;
}

/** The tests that an edit names. */
export interface Tests {
  readonly tests: readonly string[];
  readonly filter?: string;
}

/**
 * Runs tests in a folder without a type check, until the first failure, in a process group of their
 * own, which is ended with whatever the tests have started: when they are through, after
 * `limitSeconds`, or when the signal is aborted.
 *
 * @throws what the signal was aborted with
 */
export async function runTests(
  { tests, filter }: Tests,
  { folder, limitSeconds, signal }: {
    readonly folder: string;
    readonly limitSeconds: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Outcome> {
  signal?.throwIfAborted();
  const start = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "--quiet", "--no-check", "--fail-fast", "--allow-all"],
      ...filter === undefined ? [] : ["--filter", filter],
      ...tests,
    ],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  const end = () => endGroup(child.pid);
  const output = Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    end();
  }, limitSeconds * 1000);
  signal?.addEventListener("abort", end);
  const { success } = await child.status;
  clearTimeout(timer);
  signal?.removeEventListener("abort", end);
  end();
  const texts = await output;
  signal?.throwIfAborted();
  const seconds = (performance.now() - start) / 1000;
  return { passed: success && !hung, hung, seconds, output: texts.join("\n") };
}

function endGroup(leader: number): void {
  try {
    Deno.kill(-leader, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // all of it has ended
  }
}
