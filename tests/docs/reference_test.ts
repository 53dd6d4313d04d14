/** `docs/reference.md` against the tests that it names. */
import { assert, assertEquals } from "@std/assert";

const page = await Deno.readTextFile(new URL("../../docs/reference.md", import.meta.url));
const COLUMNS = 4;

/** The cells of every row of its tables, heads and rules left out. */
function rows(): string[][] {
  return page.split("\n")
    .filter((line) => line.startsWith("|") && !/^\|[\s|-]+$/.test(line))
    .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()))
    .filter((cells) => !cells[3]?.startsWith("shown by"));
}

/** Tests that a cell names: `folder/file_test.ts "the beginning of a name"`. */
function namedTests(cell: string): { file: string; name: string }[] {
  return [...cell.matchAll(/([a-z_]+\/[a-z0-9_]+_test\.ts) "([^"]+)"/g)]
    .map(([, file, name]) => ({ file: file!, name: name! }));
}

Deno.test("docs/reference.md: every row says whether it is the same, and how that is shown", () => {
  assert(rows().length > 100, `${rows().length} rows`);
  for (const cells of rows()) {
    assertEquals(cells.length, COLUMNS, cells.join(" | "));
    const [behaviour, ours, same, shown] = cells as [string, string, string, string];
    assert(behaviour !== "" && ours !== "", cells.join(" | "));
    assert(["=", "≠", "+"].includes(same), `${behaviour}: "${same}"`);
    const reason = shown.replaceAll(/[a-z_]+\/[a-z0-9_]+_test\.ts "[^"]+"/g, "")
      .replace(/^(?:[;, ]|Reason:)*/, "").trim();
    assert(namedTests(shown).length > 0 || shown.startsWith("Reason: "), `${behaviour}: no test`);
    assert(same !== "≠" || reason.length > 10, `${behaviour} differs without a reason`);
  }
});

/** All that the reference's files define by `flags.DEFINE_…`. */
const FLAGS = [
  ...["dataset", "model_name", "num_epochs", "batch_size", "output_dir", "cell"], // train.py
  ...["image_level_augmentations", "batch_level_augmentations"],
  ...["gradient_clipping", "learning_rate", "use_learning_rate_schedule", "weight_decay"],
  ...["run_seed", "use_rmsprop", "lr_schedule", "save_progress_seconds"], // flax_training.py
  ...["additional_checkpoints_at_epochs", "also_eval_on_training_set", "compute_top_5_error_rate"],
  ...["label_smoothing", "ema_decay", "no_weight_decay_on_bn", "evaluate_every", "sam_rho"],
  ...["sync_perturbations", "inner_group_size"],
  ...["use_test_set", "cutout_length"], // dataset_source.py, augmentation.py
  ...["randaug_num_layers", "randaug_magnitude", "imagenet_mixup_alpha"],
  ...["from_pretrained_checkpoint", "imagenet_checkpoint_cell", "efficientnet_checkpoint_path"],
  "use_additional_skip_connections", // wide_resnet.py
];

Deno.test("docs/reference.md: every flag of the reference has a row", () => {
  assertEquals(
    FLAGS.filter((flag) => !page.includes(`\`--${flag}\``) && !page.includes(`\`--${flag} `)),
    [],
  );
});

Deno.test("docs/reference.md: the tests that it names exist", async () => {
  const missing: string[] = [];
  for (const cells of rows()) {
    for (const { file, name } of namedTests(cells[3]!)) {
      const url = new URL(`../${file}`, import.meta.url);
      const text = await Deno.readTextFile(url).catch(() => "");
      // A file's own `test("…")` may put its room before the name.
      const own = name.slice(name.indexOf(": ") + 2);
      if (!text.includes(name) && !text.includes(`test("${own}`)) {
        missing.push(`${file} "${name}" (${cells[0]})`);
      }
    }
  }
  assertEquals(missing, []);
});
