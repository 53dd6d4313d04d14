import { join } from "node:path";
import { installKernel } from "../kernel/mod.ts";
import { boolean, entry, integer, optionalEntry, text } from "../schema/mod.ts";
import { readCommandLine } from "./_command.ts";
import { labEnvironment, labPrograms, prepareLab } from "./_lab_environment.ts";
import { CLONE, signalTo } from "../system/mod.ts";
import { TERMINATED_CODE } from "./_exit_codes.ts";
import { onTerminate } from "./_on_terminate.ts";
import { type Output, printer } from "../terminal/mod.ts";

export const command = {
  name: "lab",
  about: `Starts JupyterLab with the kernel "Deno (SAM)". At first use, JupyterLab is installed
into ${
    CLONE === undefined ? "the cache folder" : ".venv/lab of this project"
  }; nothing else changes.

Cells run with all permissions, whatever deno.json says: run only notebooks that you trust.`,
  flags: {
    "folder": optionalEntry(
      text(),
      CLONE === undefined
        ? "The folder that it opens (default this one)"
        : "The folder that it opens (default the notebooks)",
    ),
    "port": entry(integer({ min: 0, max: 65535 }), "Port on loopback", 8888),
    "no-browser": entry(boolean(), "Only print the address", false),
    "setup-only": entry(boolean(), "Install and register, start nothing", false),
  },
};

/**
 * The command `lab`.
 *
 * @param output standard output
 * @returns the exit code: JupyterLab's, or 143 by SIGTERM, which JupyterLab is handed
 * @throws UsageError for a command line that cannot be carried out
 */
export async function labCommand(args: readonly string[], output: Output): Promise<number> {
  const given = readCommandLine(command, args, output);
  if (given === undefined) return 0;
  const { folder, port, "no-browser": noBrowser, "setup-only": setupOnly } = given.flags;
  const environment = labEnvironment();
  await prepareLab(environment, printer(output));
  await installKernel({ prefix: environment });
  if (setupOnly) return 0;
  const root = folder ?? (CLONE === undefined ? Deno.cwd() : join(CLONE, "notebooks"));
  await Deno.mkdir(root, { recursive: true });
  const lab = new Deno.Command(join(labPrograms(environment), "jupyter-lab"), {
    args: [
      "--ServerApp.ip=127.0.0.1",
      `--ServerApp.port=${port}`,
      `--ServerApp.root_dir=${Deno.realPathSync(root)}`,
      ...noBrowser ? ["--no-browser"] : [],
      // JupyterLab refuses to run as root, which is who one is in a container.
      ...Deno.uid() === 0 ? ["--allow-root"] : [],
    ],
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  // Ctrl-C reaches JupyterLab too, which asks before it ends and then ends its kernels.
  const stay = () => {};
  Deno.addSignalListener("SIGINT", stay);
  let terminated = false;
  using _terminate = onTerminate(() => {
    terminated = true;
    signalTo(lab, "SIGTERM"); // it ends its kernels
  });
  const { code } = await lab.status;
  Deno.removeSignalListener("SIGINT", stay);
  return terminated ? TERMINATED_CODE : code;
}
