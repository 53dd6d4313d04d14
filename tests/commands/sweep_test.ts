import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { UsageError } from "../../lib/commands/_flags.ts";
import { runsCommand } from "../../lib/commands/runs.ts";
import { sweepCommand } from "../../lib/commands/sweep.ts";
import { readRecords } from "../../lib/runs/mod.ts";
import { missingPosix, testUnless } from "../_skip.ts";
import { cli, tinyConfig, withFolder } from "../train/_runs.ts";
import { recorder } from "../terminal/_recorder.ts";

const experiment = {
  name: "tiny",
  base: { ...tinyConfig, epochs: 2 },
  grid: { samRho: [0, 0.05] },
  seeds: [0],
};

async function run(...args: string[]): Promise<{ code: number; text: string }> {
  const output = recorder(false);
  const code = await sweepCommand(args, output);
  return { code, text: output.written.join("") };
}

Deno.test("sweep command: trains, lists and records an experiment", () =>
  withFolder(async (folder) => {
    const file = join(folder, "tiny.ts");
    await Deno.writeTextFile(file, `export default ${JSON.stringify(experiment)};`);
    const runs = ["--output-dir", join(folder, "runs")];
    assertEquals((await run(file, "--list", ...runs)).text, "tiny: 0 of 2 runs are finished\n");
    const records = join(folder, "records.jsonl");
    const trained = await run(file, ...runs, "--record", records);
    assertEquals(trained.code, 0);
    const lines = trained.text.split("\n");
    assert(/^tiny 1 of 2: SGD, seed 0: test error [\d.]+ % \(trained, /.test(lines[0]!), lines[0]);
    assert(lines[1]!.startsWith("tiny 2 of 2: SAM, rho 0.05, seed 0: test error "), lines[1]);
    assertEquals(lines[2], `Wrote 2 runs to ${records}`);
    const recorded = [...(await readRecords(records)).values()];
    assertEquals(recorded.length, 2);
    for (const [index, { rows }] of recorded.entries()) {
      const told = `test error ${(100 * rows[1]!.testError!).toFixed(2)} % (trained, `;
      assert(lines[index]!.includes(told), `${lines[index]} has no ${told}`);
    }
    assertEquals((await run(file, "--list", ...runs)).text, "tiny: 2 of 2 runs are finished\n");
    const both = join(folder, "both.ts");
    const more = JSON.stringify([experiment, { ...experiment, name: "more", seeds: [0, 1] }]);
    await Deno.writeTextFile(both, `export default ${more};`);
    assertEquals(
      (await run(both, "--list", ...runs)).text,
      "tiny: 2 of 2 runs are finished\nmore: 2 of 4 runs are finished\n",
    );
    const only = await run(both, "--only", "mor", "--list", ...runs);
    assertEquals(only.text, "more: 2 of 4 runs are finished\n");
    const none = () => run(both, "--only", "less", "--list", ...runs);
    await assertRejects(
      none,
      UsageError,
      "--only less: no experiment has this in its name (tiny; more)",
    );
    assert((await run(file, ...runs)).text.includes("(folder, "));
    const anew = await run(file, ...runs, "--restart");
    assertEquals(anew.text.match(/\(trained, /g)?.length, 2);
  }));

Deno.test("sweep command: tells which records a changed experiment makes stale", () =>
  withFolder(async (folder) => {
    const file = join(folder, "tiny.ts");
    const write = (name: string, changes: object) =>
      Deno.writeTextFile(
        join(folder, name),
        `export default ${JSON.stringify({ ...experiment, ...changes })};`,
      );
    await write("tiny.ts", { base: { ...experiment.base, epochs: 1 } });
    const records = join(folder, "records.jsonl");
    await run(file, "--output-dir", join(folder, "runs"), "--record", records);
    const check = (name: string) => run(join(folder, name), "--check-records", records);
    assertEquals(await check("tiny.ts"), { code: 0, text: "tiny: 2 of 2 runs are recorded\n" });
    const changed = { base: { ...experiment.base, epochs: 1 }, grid: { samRho: [0, 0.1] } };
    await write("changed.ts", changed);
    const { code, text } = await check("changed.ts");
    assertEquals(code, 1);
    const [told, stale, which] = text.split("\n");
    assertEquals(told, "tiny: 1 of 2 runs are recorded");
    assertEquals(stale, "Stale, as they are of runs not planned: 1");
    assert(/^ {2}[0-9a-f]{12}: .*, rho 0.05, seed 0$/.test(which!), which);
    const lines = (await Deno.readTextFile(records)).trimEnd().split("\n").map((line) =>
      JSON.parse(line)
    );
    lines[0].result.instructionSet = "AVX2";
    lines[1].result.instructionSet = "AVX512F";
    await Deno.writeTextFile(records, lines.map((line) => JSON.stringify(line)).join("\n"));
    const mixed = await check("tiny.ts");
    assertEquals(mixed.code, 0);
    assertEquals(
      mixed.text.split("\n")[1],
      "The records are of 2 instruction sets: AVX2, AVX512F",
    );
    await assertRejects(
      () => run(file, "--only", "tiny", "--check-records", records),
      UsageError,
      "leave out --only",
    );
  }));

Deno.test("sweep command: a run that diverges is told, and the exit code is 3", () =>
  withFolder(async (folder) => {
    const file = join(folder, "wild.ts");
    const base = { ...experiment.base, epochs: 1, gradientClipping: "none" };
    const wild = { ...experiment, base, grid: { learningRate: [1e30, 0.1] } };
    await Deno.writeTextFile(file, `export default ${JSON.stringify(wild)};`);
    const { code, text } = await run(file, "--output-dir", join(folder, "runs"));
    assertEquals(code, 3);
    const [first, second, third, last] = text.split("\n");
    assert(
      first!.startsWith(
        "tiny: SAM, rho 0.05, learning-rate 1e+30, seed 0: Cannot go on training: ",
      ),
      first,
    );
    assert(second!.startsWith("tiny 1 of 2: SAM, rho 0.05, learning-rate 0.1, seed 0: "), second);
    assertEquals([third, last], ["1 of 2 runs failed:", `  ${first}`]);
  }));

Deno.test("sweep command: a run that fails is told, and the exit code is 1", () =>
  withFolder(async (folder) => {
    const file = join(folder, "small.ts");
    const base = { ...experiment.base, epochs: 1 };
    const small = { ...experiment, base, grid: { imageSize: [1, 16] } };
    await Deno.writeTextFile(file, `export default ${JSON.stringify(small)};`);
    const { code, text } = await run(file, "--output-dir", join(folder, "runs"));
    assertEquals(code, 1);
    const [first, second, third, last] = text.split("\n");
    assert(
      first!.startsWith(
        "tiny: SAM, rho 0.05, image-size 1, seed 0: Cannot train wide_resnet_10_1 ",
      ),
      first,
    );
    assert(second!.startsWith("tiny 1 of 2: SAM, rho 0.05, image-size 16, seed 0: "), second);
    assertEquals([third, last], ["1 of 2 runs failed:", `  ${first}`]);
  }));

Deno.test("sweep command: a setting that cannot be is told before anything is trained", () =>
  withFolder(async (folder) => {
    const file = join(folder, "wrong.ts");
    const wrong = { ...experiment, grid: { optimizer: ["sgd", "adam"] } };
    await Deno.writeTextFile(file, `export default ${JSON.stringify(wrong)};`);
    const runs = join(folder, "runs");
    const message = 'Cannot use optimizer "adam": it must be one of sgd, rmsprop';
    await assertRejects(() => run(file, "--output-dir", runs), UsageError, message);
    await assertRejects(() => Deno.stat(runs), Deno.errors.NotFound);
  }));

Deno.test("sweep command: refuses what is no experiment", () =>
  withFolder(async (folder) => {
    const file = join(folder, "empty.ts");
    await Deno.writeTextFile(file, "export const nothing = 0;");
    await assertRejects(() => run(), UsageError, "Name the file");
    await assertRejects(() => run("--list"), UsageError, "Name the file");
    await assertRejects(() => run(file), UsageError, "no experiment as its default export");
    const remedy =
      "Name a TypeScript file that exports one, such as notebooks/experiments/ablations.ts";
    for (
      const [name, problem] of [
        ["none.ts", "there is no such file"],
        ["", "it is a folder"],
        ["notes.md", "it is not a module"],
      ] as const
    ) {
      const path = join(folder, name);
      if (name === "notes.md") await Deno.writeTextFile(path, "# Notes");
      const { message } = await assertRejects(() => run(path), UsageError);
      assertEquals(message, `Cannot load the experiment ${path}: ${problem}. ${remedy}`);
    }
    await assertRejects(() => run(file, "--lst"), UsageError, "--lst");
    assert((await run("--help")).text.includes("Usage: deno task sweep [<file>] [options]"));
  }));

Deno.test("sweep command: refuses a file whose export is no experiment that it can train", () =>
  withFolder(async (folder) => {
    const refused: [module: string, message: string][] = [
      ["export default 3;", "as an experiment: it must be a record such as"],
      ["export default [];", "it has no experiment as its default export"],
      ["export default [{}];", "Cannot run an experiment of the name undefined"],
      ['export default { name: "x", base: {}, seeds: 3 };', "x: its seeds must be a list"],
      [
        'export default { name: "x", base: {}, seeds: [0], builder: {} };',
        "it has a builder, whose tasks no flag describes. Call runs.sweep with it",
      ],
      ['throw "of its own";', ": of its own"],
    ];
    for (const [index, [module, message]] of refused.entries()) {
      const file = join(folder, `${index}.ts`);
      await Deno.writeTextFile(file, module);
      await assertRejects(() => run(file, "--list"), UsageError, message);
    }
  }));

Deno.test("sweep command: records that could not be written are told before anything is trained", () =>
  withFolder(async (folder) => {
    const runs = join(folder, "runs");
    const record = (path: string) => run("--seeds", "0", "--output-dir", runs, "--record", path);
    await assertRejects(() => record(folder), UsageError, `Cannot write ${folder}: it is a folder`);
    const path = join(folder, "none", "records.jsonl");
    const message = `--record: Cannot write ${path}: ${join(folder, "none")} is not a folder`;
    await assertRejects(() => record(path), UsageError, message);
    await assertRejects(() => Deno.stat(runs), Deno.errors.NotFound);
  }));

/** Flags of runs of a second. */
const TINY = [
  ...["--model", "wide_resnet_10_1", "--train-count", "70", "--test-count", "30"],
  ...["--batch-size", "20", "--epochs", "1"],
];

Deno.test("sweep command: a grid and seeds of flags alone, in parts", () =>
  withFolder(async (folder) => {
    const runs = ["--output-dir", join(folder, "runs")];
    const sweep = [...TINY, "--grid", "rho=0,0.05", "--seeds", "0..1", ...runs];
    assertEquals((await run(...sweep, "--list")).text, "sam-rho: 0 of 4 runs are finished\n");
    const first = await run(...sweep, "--shard", "1/3");
    const told = first.text.match(/(?<=^sam-rho . of 2: )[^:]*/gm);
    assertEquals([first.code, told], [0, ["SGD, seed 0", "SAM, rho 0.05, seed 1"]]);
    assertEquals((await run(...sweep, "--list")).text, "sam-rho: 2 of 4 runs are finished\n");
    for (const wrong of ["0/3", "4/3", "1", "1/x"]) {
      await assertRejects(() => run(...sweep, "--shard", wrong), UsageError, "--shard must be i/n");
    }
  }));

Deno.test("sweep command: flags on top of a file's experiment", () =>
  withFolder(async (folder) => {
    const file = join(folder, "tiny.ts");
    await Deno.writeTextFile(file, `export default ${JSON.stringify(experiment)};`);
    const runs = ["--output-dir", join(folder, "runs")];
    const more = [file, "--sam_rho", "0.1", ...runs];
    await assertRejects(
      () => run(...more),
      UsageError,
      "--sam-rho of the experiment tiny: its grid",
    );
    const list = async (...args: string[]) => (await run(file, "--list", ...args, ...runs)).text;
    assertEquals(await list("--seeds", "0..4"), "tiny: 0 of 10 runs are finished\n");
    assertEquals(await list("--run_seed", "3"), "tiny: 0 of 2 runs are finished\n");
    assertEquals(await list("--grid", "sam-rho=0,0.1,0.2"), "tiny: 0 of 3 runs are finished\n");
    assertEquals(await list("--grid", "batch-size=10,20"), "tiny: 0 of 4 runs are finished\n");
    const variants = [{ config: { samRho: 0, epochs: 1 } }];
    const other = { name: "other", base: tinyConfig, variants, seeds: [0] };
    await Deno.writeTextFile(join(folder, "other.ts"), `export default ${JSON.stringify(other)};`);
    const changed = () => run(join(folder, "other.ts"), "--num_epochs", "2", ...runs);
    await assertRejects(
      changed,
      UsageError,
      "--epochs of the experiment other: its variants set it",
    );
    const message = "--seed contradicts --seeds";
    await assertRejects(() => list("--seed", "1", "--seeds", "0..1"), UsageError, message);
  }));

Deno.test("sweep command: --json tells all in lines that programs read", () =>
  withFolder(async (folder) => {
    const runs = ["--output-dir", join(folder, "runs")];
    const { code, text } = await run(...TINY, "--seeds", "0", "--json", ...runs);
    assertEquals(code, 0);
    const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(lines.map(({ type }) => type), ["sweep", "step", "run"]);
    assertEquals(lines[0], { type: "sweep", experiment: "seeds", runs: 1 });
    const { run: id, testError, ...rest } = lines[2];
    assertEquals(rest, {
      type: "run",
      experiment: "seeds",
      what: "SAM, rho 0.05, seed 0",
      source: "trained",
    });
    assert(testError > 0 && testError <= 1, `${testError}`);
    assertEquals(lines[1].run, id);
    assertEquals([lines[1].epochs, lines[1].stepsPerEpoch], [1, 3]);
  }));

Deno.test("sweep command: several processes share the runs, and a failed one is told once", () =>
  withFolder(async (folder) => {
    const records = join(folder, "records.jsonl");
    const { code, text } = await run(
      ...TINY,
      ...["--grid", "image-size=16,1", "--seeds", "0..1", "--jobs", "2"],
      ...["--output-dir", join(folder, "runs"), "--record", records],
    );
    assertEquals(code, 1, text);
    const finished = text.match(/^image-size \d of 4: SAM, rho 0.05, image-size 16, seed \d/gm);
    assertEquals(finished?.map((line) => line.slice(-6)).sort(), ["seed 0", "seed 1"]);
    assertEquals(text.match(/^image-size: SAM.*image-size 1, seed \d: Cannot train/gm)?.length, 2);
    assert(text.includes("2 of 4 runs failed:\n  image-size: SAM"), text);
    assertEquals((await readRecords(records)).size, 2);
  }));

testUnless(
  missingPosix,
  "sweep command: SIGTERM ends several processes, each with its run saved",
  () =>
    withFolder(async (folder) => {
      const runs = join(folder, "runs");
      const args = [...TINY, "--epochs", "500", "--seeds", "0..1", "--jobs", "2", "--json"];
      await using sweep = cli(["sweep", ...args, "--output-dir", runs]);
      const training = () =>
        new Set(sweep.output.stdout.match(/(?<="type":"step",.*"run":")[0-9a-f]+/g)).size;
      await sweep.until(() => training() === 2);
      sweep.kill("SIGTERM");
      const { code, stderr } = await sweep.ended;
      assertEquals(code, 143, stderr);
      const listed = recorder(false);
      assertEquals(await runsCommand([runs, "--json"], listed), 0);
      const states = listed.written.map((line) => JSON.parse(line).state);
      assertEquals(states, ["stopped", "stopped"]);
    }),
);
