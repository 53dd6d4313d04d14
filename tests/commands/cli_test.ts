/** `cli.ts` as processes. @module */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { configFlags } from "../../lib/commands/_train_flags.ts";
import { cli, withFolder } from "../train/_runs.ts";

async function run(args: readonly string[], env?: Record<string, string>) {
  await using child = cli(args, env);
  return await child.ended;
}

Deno.test("cli: help is quick, does not need TensorFlow, and lists options with defaults", async () => {
  const nowhere = { SAM_TENSORFLOW: "/nowhere" };
  const [usage, train, demo] = await Promise.all(
    [["--help"], ["train", "--help"], ["demo", "-h"]].map((args) => run(args, nowhere)),
  );
  for (const { code, stderr } of [usage!, train!, demo!]) assertEquals([code, stderr], [0, ""]);
  assertEquals((await run([])).stdout, usage!.stdout);
  for (const command of ["demo", "train", "setup"]) {
    assertStringIncludes(usage!.stdout, `\n  ${command} `);
  }
  for (const [name, flag] of Object.entries(configFlags)) {
    assertStringIncludes(train!.stdout, `\n  --${name} `);
    if (flag.default !== undefined && flag.type !== "switch") {
      assertStringIncludes(train!.stdout, `(default ${flag.default})`);
    }
  }
  for (const name of ["svhn_core", "folder:PATH", "efficientnet_<size>", "autoaugment", "cutmix"]) {
    assertMatch(train!.stdout, new RegExp(`[ :]${RegExp.escape(name)}(,|\n)`));
  }
  assertStringIncludes(demo!.stdout, "--seeds integer");
  assertStringIncludes(demo!.stdout, "(default runs/demo)");
  for (const line of [usage!, train!, demo!].flatMap(({ stdout }) => stdout.split("\n"))) {
    assert(line.length <= 100, line);
  }
});

Deno.test("cli: wrong command lines are one line that names the flag, exit code 2, no file", () =>
  withFolder(async (folder) => {
    const out = ["--output-dir", join(folder, "runs")];
    const cases: [args: string[], message: string][] = [
      [
        ["tarin"],
        "Unknown command tarin: there are demo, train, sweep, report, lab, kernel and setup",
      ],
      [["train", "--sam-rho", "-1", ...out], "--sam-rho must be a number >= 0, got -1"],
      [["train", "--epoch", "1", ...out], "Unknown option --epoch; did you mean --epochs?"],
      [["train", ...out, "--seed"], "--seed needs a value"],
      [["demo", "--seeds", "0", ...out], "--seeds must be an integer >= 1 and <= 100, got 0"],
      [
        ["train", "--model", "wide_resnet_11_1", "--train-count", "200", ...out],
        "--model: Cannot build a wide ResNet of depth 11: it must be 6n + 4",
      ],
      [
        ["train", "--train-count", "100", ...out],
        "--batch-size: Cannot train with batch size 128: the training set has 100 examples",
      ],
      [
        ["train", "--train-count", "2000000", ...out],
        "--train-count: Cannot make the synthetic set with trainCount 2000000: it must be an " +
        "integer from 1 to 1048576",
      ],
    ];
    const results = await Promise.all(cases.map(([args]) => run(args)));
    results.forEach((result, index) => {
      assertEquals(result, { code: 2, stdout: "", stderr: `error: ${cases[index]![1]}\n` });
    });
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  }));

Deno.test("cli: what cannot be done is one line too, with exit code 1", () =>
  withFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    const [train, demo, data] = await Promise.all([
      run(["train", "--train-count", "200", "--test-count", "10", "--output-dir", file]),
      run(["demo", "--output-dir", file]),
      run(["train", "--dataset", "fashion_mnist", "--data-dir", folder, "--no-download"]),
    ]);
    assertEquals([train.code, demo.code, data.code], [1, 1, 1]);
    assertMatch(train.stderr, /^error: Cannot write .*lr_0\.1.*: .*\n$/);
    assertMatch(demo.stderr, /^error: Cannot write a report into .*--output-dir\n$/);
    assertMatch(data.stderr, /^error: Cannot load the data set: found no .*fashion_mnist.*\n$/);
  }));

Deno.test("cli: going on with another configuration names the option, with exit code 2", () =>
  withFolder(async (folder) => {
    const args = ["train", "--model", "wide_resnet_10_1", "--train-count", "20", "--test-count"];
    const rest = ["10", "--batch-size", "20", "--output-dir", folder, "--epochs"];
    const first = await run([...args, ...rest, "1"]);
    assertEquals(first.code, 0, first.stderr);
    const { code, stdout, stderr } = await run([...args, ...rest, "2"]);
    assertEquals([code, stdout], [2, ""]);
    assertMatch(
      stderr,
      /^error: --epochs: Cannot go on in .*: it holds .* epochs 1, not 2\. .*\n$/,
    );
    const again = await run([...args, ...rest, "1"]);
    assertEquals([again.code, again.stdout], [0, first.stdout]);
    const anew = await run([...args, ...rest, "2", "--restart"]);
    assertEquals(anew.code, 0, anew.stderr);
  }));
