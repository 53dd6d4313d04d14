/** `cli.ts` as processes. @module */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { configFlags } from "../../lib/commands/_train_flags.ts";
import { commands as known } from "../../lib/commands/mod.ts";
import { entryWords } from "../../lib/schema/mod.ts";
import { readMetrics } from "../../lib/train/mod.ts";
import { cli, withFolder } from "../train/_runs.ts";

/** The names of all commands. */
const names = Object.keys(known);

async function run(args: readonly string[], env?: Record<string, string>) {
  await using child = cli(args, env);
  return await child.ended;
}

Deno.test("cli: help is quick, does not need TensorFlow, and lists options with defaults", async () => {
  const nowhere = { SAM_TENSORFLOW: "/nowhere" };
  const commands = ["train", "demo", ...names.filter((name) => !["train", "demo"].includes(name))];
  const [usage, ...helps] = await Promise.all(
    [["--help"], ...commands.map((command) => [command, "--help"])].map((args) =>
      run(args, nowhere)
    ),
  );
  for (const { code, stderr } of [usage!, ...helps]) assertEquals([code, stderr], [0, ""]);
  assertEquals((await run([])).stdout, usage!.stdout);
  assertEquals((await run(["help", "train"], nowhere)).stdout, helps[0]!.stdout);
  for (const [index, command] of commands.entries()) {
    assertStringIncludes(usage!.stdout, `\n  ${command} `);
    assertStringIncludes(helps[index]!.stdout, `\nUsage: deno task ${command} `);
    assertStringIncludes(helps[index]!.stdout, "  --help ");
  }
  const [train, demo] = helps;
  for (const [name, flag] of Object.entries(configFlags)) {
    assertStringIncludes(train!.stdout, `\n  --${name} `);
    const { fallback, standsAlone } = entryWords(flag);
    if (fallback !== undefined && !standsAlone && `${fallback}` !== "") {
      assertStringIncludes(train!.stdout, `(default ${fallback})`);
    }
  }
  for (const name of ["svhn_core", "folder:PATH", "efficientnet_<size>", "autoaugment", "cutmix"]) {
    assertMatch(train!.stdout, new RegExp(`[ :]${RegExp.escape(name)}(,|\n)`));
  }
  assertStringIncludes(train!.stdout, "but for center_crop: the crop in the middle");
  assertStringIncludes(
    train!.stdout,
    "Exit codes: 0 finished; 1 failed; 2 wrong command line; 3 a ",
  );
  assertStringIncludes(demo!.stdout, "--seeds integer");
  assertStringIncludes(demo!.stdout, "(default runs/demo)");
  for (const line of [usage!, ...helps].flatMap(({ stdout }) => stdout.split("\n"))) {
    assert(line.length <= 100, line);
  }
});

Deno.test("cli: wrong command lines are one line that names the flag, exit code 2, no file", () =>
  withFolder(async (folder) => {
    const out = ["--output-dir", join(folder, "runs")];
    const listed = `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
    const cases: [args: string[], message: string][] = [
      [["tran"], `Unknown command tran: there are ${listed}; did you mean train?`],
      [["help", "tran"], `Unknown command tran: there are ${listed}; did you mean train?`],
      [["dance"], `Unknown command dance: there are ${listed}`],
      [
        ["train", "--dataset", "folder:", ...out],
        '--dataset: Cannot load data set "folder:": it names no folder; write that behind the colon, ' +
        "such as folder:birds",
      ],
      [["setup", "--gpus"], "Unknown option --gpus; did you mean --gpu?"],
      [["sweep"], "Name the file of an experiment, or give --grid or --seeds; see --help"],
      [["eval"], "Give --checkpoint, a text; see --help"],
      [["predict", "none.png", "--checkpoint", "x"], "Cannot read none.png: there is no such file"],
      [
        ["eval", "--checkpoint", "none"],
        "--checkpoint: Cannot open none: there is no such checkpoint, nor a folder of them",
      ],
      [["report", "none.ipynb"], "Cannot read the notebook none.ipynb: there is no such file"],
      [["report", "lib"], "Cannot read the notebook lib: it is a folder"],
      [["report", "LICENSE"], "Cannot read the notebook LICENSE: it is not JSON"],
      [["runs", "LICENSE"], "Cannot list LICENSE: it is not a folder of runs"],
      [["runs", "none"], "Cannot list none: there is no such folder"],
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
    assertMatch(data.stderr, /^error: Cannot load the data set: found no .*\n$/);
    assertStringIncludes(data.stderr, `found no ${join(folder, "fashion_mnist")}`);
  }));

Deno.test("cli: another configuration is another run, and the same one goes on", () =>
  withFolder(async (folder) => {
    const args = ["train", "--model", "wide_resnet_10_1", "--train-count", "20", "--test-count"];
    const rest = ["10", "--batch-size", "20", "--output-dir", folder, "--epochs", "1"];
    const first = await run([...args, ...rest]);
    assertEquals(first.code, 0, first.stderr);
    const groups = await run([...args, ...rest, "--m", "5"]);
    assertEquals(groups.code, 0, groups.stderr);
    assert(groups.stdout !== first.stdout);
    assertStringIncludes(groups.stderr, "epoch 1/1 ");
    const again = await run([...args, ...rest]);
    assertEquals([again.code, again.stdout], [0, first.stdout]);
    assert(!again.stderr.includes("epoch 1/1 "), again.stderr);
    const anew = await run([...args, ...rest, "--restart"]);
    assertEquals([anew.code, anew.stdout], [0, first.stdout]);
    assertStringIncludes(anew.stderr, "epoch 1/1 ");
  }));

/** What both spellings of the next test have in common: two epochs of two steps. */
const tiny = ["--train-count=70", "--test-count=30", "--batch_size=35"];

Deno.test("cli: a command line of google-research/sam trains what ours does, and keeps what it asks", () =>
  withFolder(async (folder) => {
    const reference = await run([
      ...["train", "--dataset=synthetic_16", "--model_name", "WideResnet10x1", ...tiny],
      ...["--num_epochs=3", "--run_seed", "7", "--sam_rho=0.1", "--image_level_augmentations=none"],
      ...["--use_rmsprop", "--learning_rate=0.01", "--no_weight_decay_on_bn", "--ema_decay=0.9"],
      ...["--nouse_learning_rate_schedule", "--lr_schedule=exponential", "--nosync_perturbations"],
      ...["--also_eval_on_training_set", "--compute_top_5_error_rate", "--evaluate_every=2"],
      ...["--additional_checkpoints_at_epochs=0", "--additional_checkpoints_at_epochs=2"],
      ...["--save_progress_seconds=3600", "--output_dir", join(folder, "reference")],
    ]);
    assertEquals(reference.code, 0, reference.stderr);
    const ours = await run([
      ...["train", "--dataset=synthetic_16", "--model", "WideResnet10x1", ...tiny],
      ...["--epochs=3", "--seed", "7", "--sam-rho=0.1", "--augmentation=none"],
      ...["--optimizer=rmsprop", "--learning-rate=0.01", "--weight-decay-scope=kernels"],
      ...["--ema-decay=0.9", "--schedule=constant", "--evaluate-training-set", "--evaluate-top5"],
      ...["--evaluate-every=2", "--output-dir", join(folder, "ours")],
    ]);
    assertEquals(ours.code, 0, ours.stderr);
    const [path, sha256] = reference.stdout.split("\n");
    const [ourPath, ourSha256] = ours.stdout.split("\n");
    assertEquals(sha256, ourSha256);
    const namesOf = async (path: string) =>
      (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name)
        .filter((name) => name.endsWith(".safetensors")).sort();
    assertEquals(await namesOf(path!), [
      ...["additional_checkpoint_0.safetensors", "additional_checkpoint_2.safetensors"],
      "checkpoint_3.safetensors",
    ]);
    assertEquals(await namesOf(ourPath!), ["checkpoint_2.safetensors", "checkpoint_3.safetensors"]);
    const rows = await readMetrics(join(path!, "metrics.jsonl"));
    assertEquals(rows, await readMetrics(join(ourPath!, "metrics.jsonl")));
    assertEquals(
      rows.map(({ testTop5Error, lastTestError, evalOnTrainTop5Error }) =>
        [testTop5Error, lastTestError, evalOnTrainTop5Error].map((value) => typeof value)
      ),
      [Array(3).fill("undefined"), Array(3).fill("number"), Array(3).fill("number")],
    );
    assertMatch(reference.stderr, /\nepoch 2\/3 .* test loss .* last parameters .* training set /);

    // A folder to begin with: its newest checkpoint.
    const begun = await Promise.all(
      [path!, join(path!, "checkpoint_3.safetensors")].map((initFrom, index) =>
        run([
          ...["train", "--dataset=synthetic_16", "--model", "WideResnet10x1", ...tiny],
          ...["--epochs=1", "--init-from", initFrom, "--output-dir", join(folder, `begun${index}`)],
        ])
      ),
    );
    assertEquals(begun.map(({ code }) => code), [0, 0]);
    const digests = begun.map(({ stdout }) => stdout.split("\n")[1]);
    assertEquals(digests[0], digests[1]);
  }));

Deno.test("cli: what an option of evaluation or saving cannot be is named by its flag", () =>
  withFolder(async (folder) => {
    const cases: [args: string[], message: string][] = [
      [
        ["--epochs=2", "--additional_checkpoints_at_epochs=2"],
        "--additional-checkpoints-at-epochs: Cannot keep a checkpoint after 2 epochs: it must be " +
        "< 2, the epochs of the run, whose last checkpoint is kept in any case",
      ],
      [
        ["--inner_group_size=2"],
        "--inner-group-size: Cannot let 2 groups climb together: nothing climbs together without " +
        "--sync-perturbations",
      ],
      [
        ["--micro-batch-size=3"],
        "--micro-batch-size: Cannot accumulate micro-batches of 3 examples: that must divide the 35 " +
        "that are normalised together",
      ],
      [
        ["--init-from", folder],
        `--init-from: Cannot read ${folder}: the folder has no checkpoint_<number>, ` +
        "checkpoint_<number>.safetensors or <name>.index; name a file",
      ],
    ];
    for (const [args, message] of cases) {
      const output = join(folder, "runs");
      const result = await run(["train", ...tiny, ...args, "--output-dir", output]);
      assertEquals(result, { code: 2, stdout: "", stderr: `error: ${message}\n` });
    }
  }));
