/** What comes after training: eval, predict, export, runs, over two runs of a second. @module */
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { openFlax } from "../../lib/checkpoints/mod.ts";
import { UsageError } from "../../lib/commands/_flags.ts";
import { evalCommand } from "../../lib/commands/eval.ts";
import { exportCommand } from "../../lib/commands/export.ts";
import { predictCommand } from "../../lib/commands/predict.ts";
import { runsCommand } from "../../lib/commands/runs.ts";
import { loadDataset } from "../../lib/data/mod.ts";
import { image, tf } from "../../lib/tensorflow/mod.ts";
import {
  latestCheckpoint,
  openTrained,
  predict,
  readFinished,
  runFolder,
  saveCheckpoint,
  train,
} from "../../lib/train/mod.ts";
import { recorder } from "../terminal/_recorder.ts";
import { tinyConfig, withFolder } from "../train/_runs.ts";
import { missingMount, testUnless } from "../_skip.ts";

const config = { ...tinyConfig, dataset: "synthetic_32", epochs: 2 };
const average = { ...config, samRho: 0, emaDecay: 0.5 };

type Command = typeof evalCommand;

async function run(command: Command, ...args: string[]): Promise<{ code: number; text: string }> {
  const output = recorder(false);
  const code = await command(args, output);
  return { code, text: output.written.join("") };
}

async function trained(given: typeof config, outputDir: string): Promise<string> {
  for await (const _event of train(given, { outputDir })) { /* to its end */ }
  return join(outputDir, runFolder(given));
}

Deno.test("eval, predict, export, runs: of a run, and of its checkpoint for FLAX", () =>
  withFolder(async (folder) => {
    const runs = join(folder, "runs");
    const path = await trained(config, runs);
    const averaged = await trained(average as typeof config, runs);

    // eval: as the run was evaluated.
    const last = (await readFinished(path))!.rows.at(-1)!;
    const { code, text } = await run(evalCommand, "--checkpoint", path, "--json");
    const found = JSON.parse(text);
    assertEquals(code, 0);
    assertAlmostEquals(found.loss, last.testLoss!, 1e-5);
    assertEquals([found.error, found.examples, found.split], [last.testError, 30, "test"]);
    assert(found.top5Error >= 0 && found.top5Error <= found.error, text);
    assert(found.calibration.error > 0 && found.calibration.error < 1, text);
    assertEquals(found.checkpoint, join(path, "checkpoint_2.safetensors"));
    const told =
      (await run(evalCommand, "--checkpoint", join(path, "checkpoint_1.safetensors"))).text;
    assert(/^top-1 error +\d/m.test(told) && told.includes("checkpoint_1.safetensors"), told);
    const train = await run(evalCommand, "--checkpoint", path, "--split", "train", "--json");
    assertEquals(JSON.parse(train.text).examples, 70);
    const other = await run(evalCommand, "--checkpoint", path, "--test-count", "7", "--json");
    assertEquals(JSON.parse(other.text).examples, 7);

    // The moving average is what the run is judged by.
    const ema = (await readFinished(averaged))!.rows.at(-1)!;
    const byAverage = JSON.parse((await run(evalCommand, "--checkpoint", averaged, "--json")).text);
    const byLast = await run(evalCommand, "--checkpoint", averaged, "--last", "--json");
    assertAlmostEquals(byAverage.loss, ema.testLoss!, 1e-5);
    assertAlmostEquals(JSON.parse(byLast.text).loss, ema.lastTestLoss!, 1e-5);
    // So early the average equals the last parameters: here it is made another one.
    const checkpoint = (await latestCheckpoint(averaged))!;
    for (const [name, { data }] of Object.entries(checkpoint.arrays)) {
      if (!name.startsWith("average/params/") || !(data instanceof Float32Array)) continue;
      data.forEach((value, i) => data[i] = value + 0.1);
    }
    await saveCheckpoint(averaged, checkpoint);
    for (const [flags, isLast] of [[[], false], [["--last"], true]] as const) {
      const { text } = await run(evalCommand, "--checkpoint", averaged, ...flags, "--json");
      assertEquals(Math.abs(JSON.parse(text).loss - ema.lastTestLoss!) < 1e-5, isLast, text);
    }

    // export to FLAX, and eval of that.
    const flax = join(folder, "flax.msgpack");
    const exported = await run(exportCommand, ...[
      "--checkpoint",
      path,
      "--to",
      "flax",
      "--output",
      flax,
    ]);
    assert(exported.text.includes("Images are [batch, 32, 32, 3], pixels in [0, 1] minus"));
    {
      using file = openFlax(flax);
      assert(file.entries.has("batch_stats/init_bn/mean") || file.entries.size > 10);
    }
    const bare = ["--checkpoint", flax];
    await assertRejects(() => run(evalCommand, ...bare), UsageError, "--model: Cannot open");
    const named = ["--model", config.model, "--dataset", "synthetic_32", "--train-count", "70"];
    const same = await run(evalCommand, ...bare, ...named, "--test-count", "30", "--json");
    assertAlmostEquals(JSON.parse(same.text).loss, found.loss, 1e-6);
    const wrong = [...bare, ...named, "--model", "wide_resnet_16_1"];
    await assertRejects(() => run(evalCommand, ...wrong), UsageError, "--model: Cannot restore");
    const cut = join(folder, "cut.safetensors");
    await Deno.writeTextFile(cut, "cut");
    for (const file of [cut, runs]) {
      const args = ["--checkpoint", file, ...named];
      await assertRejects(() => run(evalCommand, ...args), UsageError, "--checkpoint: Cannot ");
    }
    const again = ["--checkpoint", path, "--to", "flax", "--output", flax];
    await assertRejects(() => run(exportCommand, ...again), UsageError, "something is there");
    for (const [to, name] of [["tfjs", "model.json"], ["savedmodel", "saved_model.pb"]] as const) {
      const target = join(folder, to);
      await run(exportCommand, "--checkpoint", path, "--to", to, "--output", target);
      assert((await Deno.stat(join(target, name))).size > 1000);
    }
    const deep = join(folder, "a", "folder", "flax.msgpack");
    await run(exportCommand, "--checkpoint", path, "--to", "flax", "--output", deep);
    assert((await Deno.stat(deep)).size > 1000);

    // predict: the images of the test set, as files, by their evaluation.
    const images = join(folder, "images");
    await Deno.mkdir(join(images, "below"), { recursive: true });
    const { test } = await loadDataset("synthetic_32", { trainCount: 70, testCount: 30 });
    for (let index = 0; index < 3; index++) {
      const pixels = tf.tensor3d(
        test.images.slice(3072 * index, 3072 * (index + 1)),
        [32, 32, 3],
        "int32",
      );
      const name = index === 2 ? "below/2.png" : `${index}.png`;
      await Deno.writeFile(join(images, name), await image.encodePng(pixels));
    }
    await Deno.writeTextFile(join(images, "notes.txt"), "no image");
    const predicted = await run(
      predictCommand,
      images,
      "--checkpoint",
      path,
      "--json",
      "--count",
      "10",
    );
    const lines = predicted.text.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(
      lines.map(({ image }) => image),
      ["0.png", "1.png", "below/2.png"].map((name) => join(images, name)),
    );
    using opened = await openTrained(path);
    for await (const { images, labels } of opened.source.evaluation({ batchSize: 30 }).epoch()) {
      const { output } = opened.model.apply(opened.variables, images);
      const probabilities = await tf.softmax(output).array() as number[][];
      for (const [index, { predictions }] of lines.entries()) {
        const wanted = Math.max(...probabilities[index]!);
        assertAlmostEquals(predictions[0].probability, wanted, 1e-5);
        const likeliest = opened.source.classes[probabilities[index]!.indexOf(wanted)];
        assertEquals(predictions[0].class, likeliest);
        assertAlmostEquals(
          predictions.reduce(
            (sum: number, { probability }: { probability: number }) => sum + probability,
            0,
          ),
          1,
          1e-5,
        );
      }
      tf.dispose([images, labels]);
    }
    const shown = await run(predictCommand, join(images, "0.png"), "--checkpoint", path);
    assertEquals(shown.text.trimEnd().split("\n").length, 6);
    await assertRejects(
      () => run(predictCommand, "--checkpoint", path),
      UsageError,
      "Name image files",
    );
    await assertRejects(() => predict(opened, [join(images, "notes.txt")]), Error, "notes.txt");

    // runs: both, with what differs.
    const table = (await run(runsCommand, runs)).text.trimEnd().split("\n");
    assertEquals(table.length, 3);
    assert(
      /^run +ema-decay +sam-rho +epochs +last error +best error +state$/.test(table[0]!),
      table[0],
    );
    assert(table.some((line) => / 0\.5 +0 +2\/2 .* % +finished$/.test(line)), table.join("\n"));
    const only = async (...args: string[]) =>
      (await run(runsCommand, runs, "--json", ...args)).text.trimEnd().split("\n")
        .filter((line) => line !== "").map((line) => JSON.parse(line).config.samRho);
    assertEquals(await only("--where", "sam-rho=0.05"), [0.05]);
    assertEquals(await only("--where", "rho=0,0.05", "--sort", "rho"), [0, 0.05]);
    assertEquals(await only("--where", "num_epochs=2", "--sort", "-rho"), [0.05, 0]);
    assertEquals(await only("--where", "seed=1"), []);
    assertEquals(await only("--where", "ema-decay=0.5", "--where", "rho=0.05"), []);
    await assertRejects(() => only("--where", "roh=1"), UsageError, "There is no setting roh");
    await assertRejects(() => run(runsCommand, join(folder, "none")), UsageError, "no such folder");
    await Deno.writeTextFile(join(averaged, "config.json"), "{");
    const damaged = await run(runsCommand, runs);
    assertEquals(damaged.code, 1);
    assert(damaged.text.includes("config.json"), damaged.text);
  }));

testUnless(
  await missingMount(),
  "export: to a full disk leaves nothing, the same command goes on",
  () =>
    withFolder(async (folder) => {
      const path = await trained(config, join(folder, "runs"));
      const cli = [Deno.execPath(), "run", "-A", "cli.ts", "export", "--checkpoint", path];
      const script = `mount -t tmpfs -o size=64k none "$0"
      for to in flax savedmodel tfjs; do "$@" --to $to --output "$0/$to"; done; ls -A "$0" >&2`;
      const disk = await Deno.makeTempDir({ dir: folder });
      const args = ["-rm", "sh", "-c", script, disk, ...cli];
      const { stderr } = await new Deno.Command("unshare", { args, env: { NO_COLOR: "1" } })
        .output();
      const lines = new TextDecoder().decode(stderr).trim().split("\n");
      assertEquals(lines.length, 3, lines.join("\n"));
      for (const line of lines) assert(/^error: Cannot write .*No space left/.test(line), line);
    }),
);
