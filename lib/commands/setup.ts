import { boolean, entry } from "../schema/mod.ts";
import { setupTensorFlow, TENSORFLOW_VERSION } from "../tensorflow/install/setup.ts";
import { type Output, printer, streamOutput } from "../terminal/mod.ts";
import { readCommandLine } from "./_command.ts";

export const command = {
  name: "setup",
  about: `Finds TensorFlow ${TENSORFLOW_VERSION}, or fetches it once with pip or uv.`,
  flags: {
    "gpu": entry(
      boolean(),
      "The CUDA build with NVIDIA's libraries (Linux x86_64, 3.3 GB to download)",
      false,
    ),
    "force": entry(boolean(), "Fetch it again, whatever is there", false),
    "quiet": entry(boolean(), "Say nothing if there is nothing to do", false),
  },
  after: `SAM_TENSORFLOW  a folder that holds libtensorflow_cc.so.2 and libtensorflow_framework.so.2
SAM_CACHE_DIR   where it is installed, instead of ~/.cache/sam
SAM_DEVICE      "cpu" prefers the CPU build where both are installed`,
};

/**
 * The command `setup`.
 *
 * @param output standard output; progress goes to standard error
 * @returns the exit code: 130 when interrupted
 * @throws UsageError for a command line that cannot be carried out
 */
export async function setupCommand(args: readonly string[], output: Output): Promise<number> {
  const given = readCommandLine(command, args, output);
  if (given === undefined) return 0;
  const print = printer(streamOutput(Deno.stderr));
  const { gpu, force, quiet } = given.flags;
  const interruption = new AbortController();
  const { signal } = interruption;
  const stop = () => interruption.abort();
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const name of signals) Deno.addSignalListener(name, stop);
  try {
    const { folder, source } = await setupTensorFlow({ gpu, force, signal });
    if (!quiet) print(`TensorFlow ${TENSORFLOW_VERSION} is ready: ${folder} (${source})`);
    return 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    print("\nInterrupted: nothing was installed; run the command again");
    return 130;
  } finally {
    for (const name of signals) Deno.removeSignalListener(name, stop);
  }
}
