import { basename, dirname, join, resolve } from "node:path";
import { installKernel, KERNEL_NAME } from "../kernel/mod.ts";
import {
  executeNotebook,
  type FailedCell,
  gallery,
  type GalleryEntry,
  type Notebook,
  notebookHtml,
  type Parameters,
  parseParameter,
  printPdf,
  readNotebook,
  reportNames,
  withParameters,
  writeNotebook,
} from "../reports/mod.ts";
import { boolean, choice, entry, list, repeated, text } from "../schema/mod.ts";
import { CLONE, reasonOf } from "../system/mod.ts";
import { type Output, printer, streamOutput } from "../terminal/mod.ts";
import { readCommandLine } from "./_command.ts";
import { TERMINATED_CODE } from "./_exit_codes.ts";
import { UsageError } from "./_flags.ts";
import { labEnvironment, labPrograms, prepareLab } from "./_lab_environment.ts";
import { onTerminate } from "./_on_terminate.ts";

const FORMATS = ["html", "pdf", "ipynb"] as const;

export const command = {
  name: "report",
  about: "Executes notebooks and exports them as pages that need nothing else.",
  operands: { notebook: entry(repeated(text()), "a notebook", []) },
  shorts: { p: "parameter" },
  flags: {
    "parameter": entry(
      repeated(text()),
      'name=value: one that the cell tagged "parameters" declares; also -p',
      [],
    ),
    "format": entry(list(choice(...FORMATS)), "What to write", ["html", "ipynb"]),
    "output": entry(text(), "The folder of the reports", "reports"),
    "all": entry(
      boolean(),
      "All notebooks of the project, and a page that leads to them",
      false,
    ),
    "in-place": entry(
      boolean(),
      "Keep the outputs in the notebook itself too, if no cell throws",
      false,
    ),
    "no-execute": entry(boolean(), "Export the outputs that the notebook has", false),
    "no-code": entry(boolean(), "Leave out the code", false),
  },
  after:
    `A cell that throws fails the report: its traceback is shown, what ran before stays in the output,
and the exit code is 1. Cells run with all permissions: execute only notebooks that you trust, and
open reports as you would open any page that runs scripts. PDF needs Chromium or Chrome (CHROMIUM
names one that is not on the path).`,
};

/** What is to be done. */
interface Job {
  readonly notebooks: readonly string[];
  readonly parameters: Parameters;
  readonly formats: readonly string[];
  readonly output: string;
  readonly inPlace: boolean;
  readonly execute: boolean;
  readonly code: boolean;
}

/**
 * The command `report`.
 *
 * @param output standard output
 * @returns the exit code: 1 if a cell threw, 130 when interrupted by SIGINT, 143 by SIGTERM
 * @throws UsageError for a command line that cannot be carried out
 */
export async function reportCommand(args: readonly string[], output: Output): Promise<number> {
  const given = readCommandLine(command, args, output);
  if (given === undefined) return 0;
  const print = printer(output);
  const { flags, operands: { notebook: files } } = given;
  const parameters = parametersOf(flags.parameter);
  const job: Job = {
    notebooks: flags.all ? [...files, ...await projectNotebooks()] : files,
    parameters,
    formats: FORMATS.filter((format) => flags.format.includes(format)),
    output: flags.output,
    inPlace: flags["in-place"],
    execute: !flags["no-execute"],
    code: !flags["no-code"],
  };
  if (job.notebooks.length === 0) throw new UsageError("Name a notebook, or --all; see --help");
  if (job.inPlace && !(job.execute && Object.keys(parameters).length === 0)) {
    throw new UsageError(
      "--in-place keeps what the notebook gives as it is: no -p, no --no-execute",
    );
  }
  // Before JupyterLab is installed, which takes minutes.
  for (const path of job.notebooks) {
    await readNotebook(path).catch((cause) => {
      throw new UsageError(reasonOf(cause), { cause });
    });
  }
  const environment = labEnvironment();
  await prepareLab(environment, print);
  await installKernel({ prefix: environment });

  // Ctrl-C reaches papermill too, which ends its kernel and leaves what was executed.
  let stopped: number | undefined;
  const stop = () => void (stopped = 130);
  Deno.addSignalListener("SIGINT", stop);
  const termination = new AbortController();
  using _terminate = onTerminate(() => {
    stopped = TERMINATED_CODE;
    termination.abort();
  });
  try {
    const entries: GalleryEntry[] = [];
    let failures = 0;
    const names = reportNames(job.notebooks, flags.all ? ["index"] : []);
    for (const [path, name] of names) {
      const { entry, failed } = await report(path, name, job, {
        programs: labPrograms(environment),
        signal: termination.signal,
        print,
      });
      if (stopped !== undefined) return stopped;
      entries.push(entry);
      if (failed === undefined) continue;
      failures++;
      print(describeFailure(path, failed));
    }
    if (flags.all) {
      const index = join(job.output, "index.html");
      await Deno.writeTextFile(index, gallery(entries));
      print(`Wrote ${index}`);
    }
    return failures > 0 ? 1 : 0;
  } catch (error) {
    if (stopped !== undefined) return stopped;
    throw error;
  } finally {
    Deno.removeSignalListener("SIGINT", stop);
  }
}

/** Executes and exports one notebook. */
async function report(
  path: string,
  name: string,
  { parameters, formats, output, inPlace, execute, code }: Job,
  { programs, signal, print }: {
    readonly programs: string;
    readonly signal: AbortSignal;
    readonly print: (line: string) => void;
  },
): Promise<{ readonly entry: GalleryEntry; readonly failed: FailedCell | undefined }> {
  const target = (format: string) => join(output, `${name}.${format}`);
  if (resolve(target("ipynb")) === resolve(path)) {
    throw new UsageError(`--output ${output} is the folder of ${path} itself; choose another`);
  }
  let notebook = withParameters(await readNotebook(path), parameters);
  await Deno.mkdir(output, { recursive: true });
  let failed: FailedCell | undefined;
  if (execute) {
    print(`Executing ${path}`);
    const errors = streamOutput(Deno.stderr);
    failed = await executeNotebook(notebook, target("ipynb"), {
      programs,
      folder: resolve(dirname(path)),
      kernel: KERNEL_NAME,
      signal,
      ...errors.isTerminal && { onProgress: (bytes) => void Deno.stderr.writeSync(bytes) },
    });
    notebook = await readNotebook(target("ipynb"));
    if (inPlace && !failed) await writeNotebook(path, notebook);
  } else {
    await writeNotebook(target("ipynb"), notebook);
  }
  await exportAs(formats, { notebook, name, programs, target, code });
  print(`Wrote ${formats.map(target).join(", ")}`);
  return { entry: { notebook, name, formats }, failed };
}

async function exportAs(
  formats: readonly string[],
  { notebook, name, programs, target, code }: {
    readonly notebook: Notebook;
    readonly name: string;
    readonly programs: string;
    readonly target: (format: string) => string;
    readonly code: boolean;
  },
): Promise<void> {
  if (formats.some((format) => format !== "ipynb")) {
    const html = await notebookHtml(notebook, { programs, title: name, code });
    await Deno.writeTextFile(target("html"), html);
  }
  if (formats.includes("pdf")) await printPdf(resolve(target("html")), target("pdf"));
  for (const format of ["html", "ipynb"]) {
    if (!formats.includes(format)) await Deno.remove(target(format)).catch(() => {});
  }
}

function parametersOf(texts: readonly string[]): Parameters {
  try {
    return Object.fromEntries(texts.map(parseParameter));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The notebooks that come with the project, in the order in which one reads them. */
async function projectNotebooks(): Promise<string[]> {
  const folder = CLONE === undefined ? "." : join(CLONE, "notebooks");
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const first = [
    "quickstart",
    "error_reduction",
    "noise_robustness",
    "ablations",
    "data_gallery",
  ];
  const rank = (name: string) =>
    (first.indexOf(basename(name, ".ipynb")) + first.length + 1) %
    (first.length + 1);
  return names.filter((name) => name.endsWith(".ipynb"))
    .toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b))
    .map((name) => join(folder, name));
}

function describeFailure(path: string, { number, source, error }: FailedCell): string {
  const lines = source.split("\n").map((line) => `  | ${line}`);
  return [
    `error: Cell ${number} of ${path} threw ${error.ename}: ${error.evalue}`,
    ...lines,
    ...error.traceback ?? [],
  ].join("\n");
}
