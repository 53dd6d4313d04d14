/**
 * Checks types and format of the cells of the project's notebooks, each notebook as one module: a part
 * of `deno task check`, since `deno check` does not read notebooks, and `deno fmt --check` of Deno 2.9
 * calls every notebook unformatted.
 *
 * @module
 */
import { join } from "node:path";
import { joined, readNotebook } from "../../lib/reports/mod.ts";

const folder = join(import.meta.dirname!, "..", "..", "notebooks");
const names = Array.from(Deno.readDirSync(folder), ({ name }) => name)
  .filter((name) => name.endsWith(".ipynb")).sort();

/** The code of a notebook, and of each line the cell and the line in it, counted from 1. */
async function moduleOf(name: string) {
  const { cells } = await readNotebook(join(folder, name));
  const lines: string[] = [];
  const places: string[] = [];
  for (const [index, { cell_type, source }] of cells.entries()) {
    if (cell_type !== "code") continue;
    for (const [number, line] of joined(source).split("\n").entries()) {
      lines.push(line);
      places.push(`notebooks/${name}, cell ${index + 1}, line ${number + 1}`);
    }
  }
  return { name, text: `${lines.join("\n")}\nexport {};\n`, places };
}

/** Beside the notebook, so that its relative imports hold. */
function fileOf(name: string): string {
  return join(folder, `.cells_of_${name}.ts`);
}

/** Runs Deno. */
async function deno(args: readonly string[], input = "") {
  const process = new Deno.Command(Deno.execPath(), {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await process.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, stdout: text(stdout), stderr: text(stderr) };
}

function fail(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
  Deno.exitCode = 1;
}

const modules = await Promise.all(names.map(moduleOf));
try {
  for (const { name, text } of modules) await Deno.writeTextFile(fileOf(name), text);
  const types = await deno([
    "check",
    "-q",
    ...modules.map(({ name }) => fileOf(name)),
  ]);
  const said = modules.reduce(
    (text, { name, places }) =>
      text.replaceAll(
        new RegExp(`file://\\S*/\\.cells_of_${RegExp.escape(name)}\\.ts:(\\d+)`, "g"),
        (_, line) => places[Number(line) - 1] ?? name,
      ),
    types.stderr,
  );
  if (!types.success) fail(said);
  for (const { name, text, places } of modules) {
    // With --check, Deno says nothing of its standard input.
    const { stdout } = await deno(["fmt", "--ext=ts", "-"], text);
    const formatted = stdout.split("\n");
    const line = text.split("\n").findIndex((line, index) => line !== formatted[index]);
    if (line >= 0) fail(`${places[line] ?? name} is not formatted\n`);
  }
} finally {
  for (const { name } of modules) await Deno.remove(fileOf(name)).catch(() => {});
}
