import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { apply, type Edit, type Listed } from "./_edit.ts";
import { copyCheckout } from "./_copy.ts";
import { readRooms } from "./_rooms.ts";
import { within } from "../_wait.ts";
import { runEdits, type Verdict } from "./_run_edits.ts";
import { lineOf, summary } from "./_summary.ts";
import { testNames } from "./_test_names.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("mutants: every edit's text is in its file once, and its tests are there", async () => {
  const edits = await readRooms();
  const stale: string[] = [];
  for (const edit of edits) {
    const source = await Deno.readTextFile(join(root, edit.file)).catch(() => "");
    const edited = apply(source, edit);
    if (edited === undefined || edited === source) {
      stale.push(`${edit.room} ${edit.number}, ${edit.file}: ${edit.mistake}`);
    }
    for (const test of edit.tests) assert((await Deno.stat(join(root, test))).isFile, test);
  }
  assertEquals(stale, [], "these edits are stale: give them the text that stands there now");
  assert(edits.length >= 200, `${edits.length} edits`);
});

Deno.test("mutants: every edit's filter is of tests in each of its files", async () => {
  const edits = (await readRooms()).filter(({ filter }) => filter !== undefined);
  const names = await testNames([...new Set(edits.flatMap(({ tests }) => tests))]);
  const stale = edits.flatMap(({ room, number, tests, filter }) =>
    tests.filter((test) => !names.get(test)!.some((name) => name.includes(filter!)))
      .map((test) => `${room} ${number}, ${test}: ${filter}`)
  );
  assertEquals(stale, [], "these filters name no test: give them a part of a name");
});

Deno.test("mutants: an edit is one place of a text", () => {
  const edit = { mistake: "", file: "", new: "$&", tests: [] };
  assertEquals(apply("a b c", { ...edit, old: "b" }), "a $& c");
  assertEquals(apply("a b c", { ...edit, old: "d" }), undefined);
  assertEquals(apply("aaa", { ...edit, old: "aa" }), undefined);
  assertEquals(apply("a", { ...edit, old: "" }), undefined);
});

const SOURCES = {
  "deno.json": "{}",
  "sum.ts": "export function sum(a: number, b: number): number {\n  return a + b;\n}\n" +
    "export const unused = 1;\n",
  "sum_test.ts": 'import { sum } from "./sum.ts";\n' +
    'Deno.test("sums", () => { if (sum(1, 2) !== 3) throw new Error("no sum"); });\n' +
    'Deno.test("other", () => {});\n',
  "failing_test.ts": 'Deno.test("fails", () => { throw new Error("always"); });\n',
  "skipping_test.ts": 'Deno.test({ name: "skips", ignore: true, fn() {} });\n',
};

/** Runs with a small project; true sources stay as they are. */
async function withProject(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(SOURCES)) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    await body(folder);
    assertEquals(await Deno.readTextFile(join(folder, "sum.ts")), SOURCES["sum.ts"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const edit = (change: Partial<Edit>, number = 1): Listed => ({
  ...{ mistake: "", file: "sum.ts", old: "a + b", new: "a - b", tests: ["sum_test.ts"] },
  ...change,
  ...{ room: "small", number },
});

Deno.test("mutants: edits are killed, survive, or are stale", () =>
  withProject(async (folder) => {
    const edits = [
      edit({}),
      edit({ new: "b + a" }),
      edit({ filter: "other" }),
      edit({ new: "a + + ;" }),
      edit({ old: "a * b" }),
      edit({ file: "gone.ts" }),
      edit({ old: "export function", new: "throw new Error();\nexport function" }),
    ].map((edit, index) => ({ ...edit, number: index + 1 }));
    const verdicts = await runEdits(edits, { copies: [folder] });
    assertEquals(verdicts.map(({ edit, result, by }) => [edit.number, result, by.split(":")[0]]), [
      [1, "killed", "sums"],
      [2, "survived", ""],
      [3, "survived", ""],
      [4, "stale", "it cannot be loaded"],
      [5, "stale", "its old text is not in the file exactly once"],
      [6, "stale", "its old text is not in the file exactly once"],
      [7, "killed", "(in promise) Error"],
    ]);
  }));

Deno.test("mutants: what survives needs a reason, and nothing may be stale", () => {
  const verdict = (result: Verdict["result"], survives?: string): Verdict => ({
    ...{ result, seconds: 1.26, by: result === "survived" ? "" : "a test" },
    edit: edit({ mistake: "wrong", ...survives !== undefined && { survives } }, 7),
  });
  const killed = verdict("killed"), excused = verdict("survived", "no way");
  assertEquals(summary([killed, excused]), {
    text: "1 killed, 1 survived (1 with a reason), 0 stale",
    good: true,
  });
  assertEquals(summary([killed, verdict("survived")]).good, false);
  assertEquals(summary([killed, verdict("stale", "no way")]), {
    text: "1 killed, 0 survived (0 with a reason), 1 stale",
    good: false,
  });
  assertEquals([killed, excused, verdict("survived"), verdict("killed", "no way")].map(lineOf), [
    "killed     1.3 s  small 7: wrong (a test)",
    "survived   1.3 s  small 7: wrong (no way)",
    "survived   1.3 s  small 7: wrong (NO REASON)",
    "killed     1.3 s  small 7: wrong (a test; its reason to survive can go)",
  ]);
});

/** Runs the program; its exit code, and what it says. */
async function program(...args: string[]): Promise<[code: number, out: string, error: string]> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-check", "-A", join(root, "tests", "mutants", "run.ts"), ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return [code, decoder.decode(stdout), decoder.decode(stderr)];
}

Deno.test("mutants: the command line is refused where it chooses nothing", async () => {
  const refused = async (...args: string[]) => {
    const [code, out, error] = await program(...args);
    assertEquals([code, out], [1, ""]);
    return error;
  };
  assertStringIncludes(await refused("--room", "attic"), "Cannot find the room attic: choose of");
  assertStringIncludes(await refused("--grep", "no such mistake"), "Cannot find an edit");
  assertStringIncludes(await refused("--jobs", "0"), "Cannot run 0 edits at once");
  const [code, out] = await program("--help");
  assertEquals([code, out.split("\n")[0]], [0, "Usage: deno task mutants [options]"]);
});

Deno.test({
  name: "mutants: the command line chooses edits by room, number and words",
  ignore: !isThere(join(root, ".git")),
  async fn() {
    const choice = ["--room", "runs", "--only", "1", "--grep", "overrides a variant"];
    const [code, out, error] = await program(...choice, "--jobs", "2");
    assertEquals(error, "");
    const [line, counts] = out.split("\n");
    assertMatch(line!, /^1\/1 killed +[\d.]+ s {2}runs 1: a grid overrides a variant \(/);
    assertEquals([code, counts], [0, "1 killed, 0 survived (0 with a reason), 0 stale"]);
  },
});

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}

Deno.test("mutants: tests that fail or do nothing without an edit are named", () =>
  withProject(async (folder) => {
    for (const [test, what] of [["failing_test.ts", "fail"], ["skipping_test.ts", "do nothing"]]) {
      await assertRejects(
        () => runEdits([edit({ tests: [test!] })], { copies: [folder] }),
        Error,
        `Cannot try edits on ${test}: these tests ${what} without one`,
      );
    }
  }));

Deno.test("mutants: an edit that hangs is killed, and whatever it started too", () =>
  withProject(async (folder) => {
    const child = 'new Deno.Command("sleep", { args: ["600"] }).spawn()';
    const hangs = edit({
      new: `(() => { Deno.writeTextFileSync("pid", String(${child}.pid)); for (;;); })()`,
    });
    const [verdict] = await runEdits([hangs], { copies: [folder], moreSeconds: 1 });
    assertEquals([verdict!.result, verdict!.by], ["killed", "the time limit"]);
    const pid = await Deno.readTextFile(join(folder, "pid"));
    // Empty for a process that has ended, and nobody has asked how.
    const command = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
    assertEquals(command, "");
  }));

Deno.test("mutants: a process that leaves the group keeps nobody waiting", () =>
  withProject(async (folder) => {
    const child = 'new Deno.Command("sleep", { args: ["600"], detached: true }).spawn()';
    const left = edit({ new: `Deno.writeTextFileSync("pid", String(${child}.pid)) as never` });
    const [verdict] = await within(runEdits([left], { copies: [folder] }), "the verdict");
    Deno.kill(Number(await Deno.readTextFile(join(folder, "pid"))), "SIGKILL");
    assertEquals([verdict!.result, verdict!.by], ["killed", "sums"]);
  }));

Deno.test("mutants: an interrupt ends what runs, and the source is as before", () =>
  withProject(async (folder) => {
    const stop = new AbortController();
    const hangs = edit({ new: "(() => { for (;;); })()" });
    const other = join(folder, "other");
    await Deno.mkdir(other);
    for (const [name, text] of Object.entries(SOURCES)) {
      await Deno.writeTextFile(join(other, name), text);
    }
    const copies = [folder, other];
    const options = { copies, signal: stop.signal, moreSeconds: 600 };
    const running = within(runEdits([hangs, hangs], options), "the end");
    setTimeout(() => stop.abort(new Error("stopped")), 600);
    await assertRejects(() => running, Error, "stopped");
    assertEquals(await Deno.readTextFile(join(other, "sum.ts")), SOURCES["sum.ts"]);
  }));

Deno.test("mutants: a copy has the tracked and the new files, not the ignored ones", async () => {
  const folder = await Deno.makeTempDir();
  const copy = await Deno.makeTempDir();
  try {
    const git = (...args: string[]) =>
      new Deno.Command("git", { args, cwd: folder, stderr: "null" }).output();
    await git("init", "-q");
    await Deno.mkdir(join(folder, "below"));
    const files = ["tracked", "deleted", "below/new", ".gitignore", "ignored"];
    for (const file of files) await Deno.writeTextFile(join(folder, file), file);
    await Deno.writeTextFile(join(folder, ".gitignore"), "ignored\n");
    await git("add", "tracked", "deleted");
    await Deno.remove(join(folder, "deleted"));
    await copyCheckout(folder, copy);
    const found = (path: string) => Array.from(Deno.readDirSync(path), ({ name }) => name).sort();
    assertEquals(found(copy), [".gitignore", "below", "tracked"]);
    assertEquals(found(join(copy, "below")), ["new"]);
    await assertRejects(() => copyCheckout(dirname(folder), copy), Error, "Cannot list the files");
  } finally {
    await Deno.remove(folder, { recursive: true });
    await Deno.remove(copy, { recursive: true });
  }
});
