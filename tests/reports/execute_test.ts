/** Execution by a papermill that writes what the test says, so that no Jupyter is needed. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { executeNotebook, type Notebook, readNotebook } from "../../lib/reports/mod.ts";

const cell = (source: string, more: Record<string, unknown> = {}) => ({
  cell_type: "code" as const,
  metadata: {},
  source,
  execution_count: 5,
  outputs: [{ output_type: "stream" as const, text: "old" }],
  ...more,
});

const notebook: Notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {},
  cells: [{ cell_type: "markdown", metadata: {}, source: "# T" }, cell("1"), cell("2")],
};

/** Executes by a shell script, in which $2 is the notebook to be executed. */
async function execute(
  script: string,
  given: Notebook = notebook,
  onProgress?: () => void,
  signal?: AbortSignal,
) {
  const programs = await Deno.makeTempDir();
  try {
    const said = `echo "$@" > ${programs}/args\ncp "$2" ${programs}/before\n`;
    const program = join(programs, "papermill");
    await Deno.writeTextFile(program, `#!/bin/sh\n${said}${script}\n`, { mode: 0o755 });
    const path = join(programs, "below", "out.ipynb");
    const failed = await executeNotebook(given, path, {
      ...{ programs, folder: "/the/folder", kernel: "a-kernel" },
      ...onProgress && { onProgress },
      ...signal && { signal },
    });
    return {
      failed,
      args: await Deno.readTextFile(join(programs, "args")),
      before: JSON.parse(await Deno.readTextFile(join(programs, "before"))) as Notebook,
      after: await readNotebook(path),
    };
  } finally {
    await Deno.remove(programs, { recursive: true });
  }
}

const written = (notebook: Notebook) => `cat > "$2" <<'END'\n${JSON.stringify(notebook)}\nEND`;

Deno.test("execute: old outputs are gone before the first cell runs", async () => {
  const { before, failed } = await execute("");
  assertEquals(
    before.cells.map(({ outputs, execution_count }) => [outputs, execution_count]),
    [[undefined, undefined], [[], null], [[], null]],
  );
  assertEquals(failed, undefined);
});

Deno.test("execute: the kernel is named where the notebook names none", async () => {
  const { args } = await execute("");
  assert(args.includes("--cwd /the/folder"));
  assert(args.includes("--kernel a-kernel --language typescript"));
  const kernelspec = { name: "own", display_name: "Own" };
  const own = await execute("", { ...notebook, metadata: { kernelspec } });
  assert(!own.args.includes("--kernel"));
});

Deno.test("execute: papermill's notes do not stay", async () => {
  const { after } = await execute(written({
    ...notebook,
    metadata: { papermill: { version: 1 }, kept: 1 },
    cells: [cell("1", { metadata: { papermill: {}, execution: {}, tags: ["a"] } })],
  }));
  assertEquals(after.metadata, { kept: 1 });
  assertEquals(after.cells[0]!.metadata, { tags: ["a"] });
});

Deno.test("execute: the cell that threw is told, not counting papermill's notes", async () => {
  const error = { output_type: "error" as const, ename: "RangeError", evalue: "no" };
  const note = cell("note", { metadata: { tags: ["papermill-error-cell-tag"] } });
  const { failed } = await execute(
    written({
      ...notebook,
      cells: [note, notebook.cells[0]!, cell("1"), note, cell("throw", { outputs: [error] })],
    }) + "\nexit 1",
  );
  assertEquals(failed, { number: 3, source: "throw", error });
});

Deno.test("execute: what papermill complains of is told, its traceback not shown as progress", async () => {
  const seen = await Deno.makeTempFile(); // the bar, once it is gone
  const script = `printf "bar" >&2\nwhile [ -e ${seen} ]; do sleep 0.02; done\n` +
    'printf "\\nTraceback (most recent call last)\\n  1\\n" >&2\n' +
    'sleep 0.2\nprintf "  2\\nNoSuchKernel: it" >&2\nexit 1';
  let calls = 0;
  const onProgress = () => {
    if (calls++ === 0) Deno.removeSync(seen);
  };
  await assertRejects(
    () => execute(script, notebook, onProgress),
    Error,
    "papermill says:\n  Traceback (most recent call last)\n    1\n    2\n  NoSuchKernel: it",
  );
  assertEquals(calls, 1);
});

Deno.test("execute: aborted, papermill is interrupted; not even begun if that was before", async () => {
  const stop = new AbortController();
  const script = `trap 'echo told >&2; exit 1' INT; echo begun >&2; while :; do sleep 0.05; done`;
  const begun = () => stop.abort(new Error("enough"));
  await assertRejects(() => execute(script, notebook, begun, stop.signal), Error, "told");
  await assertRejects(() => execute("exit 0", notebook, begun, stop.signal), Error, "enough");
});
