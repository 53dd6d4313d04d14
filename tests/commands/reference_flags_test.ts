import { assertEquals, assertThrows } from "@std/assert";
import { parseFlags, UsageError } from "../../lib/commands/_flags.ts";
import { fromReference, referenceFlags } from "../../lib/commands/_reference_flags.ts";
import { configFlags, entriesOf } from "../../lib/commands/_train_flags.ts";
import { optionalEntry, text } from "../../lib/schema/mod.ts";
import { configOf, defaultConfig } from "../../lib/train/mod.ts";

const flags = {
  ...configFlags,
  "output-dir": optionalEntry(text(), ""),
  ...referenceFlags,
};

/** What a command line in the reference's spelling is in ours. */
const ours = (...args: string[]) => fromReference(parseFlags(args, flags).flags);

/** What it changes in the configuration. */
function changes(...args: string[]) {
  const defaults: Record<string, unknown> = { ...defaultConfig };
  const found = Object.entries(configOf(entriesOf(ours(...args))));
  const differs = ([name, value]: [string, unknown]) => `${value}` !== `${defaults[name]}`;
  return Object.fromEntries(found.filter(differs));
}

const refused = (message: string, ...args: string[]) =>
  assertEquals(assertThrows(() => ours(...args), UsageError).message, message);

/** Every `flags.DEFINE_…` of the reference, with a value that is not its default. */
const ALL: [args: string[], changes: Record<string, unknown>][] = [
  // train.py
  [["--dataset=cifar10"], { dataset: "cifar10" }],
  [["--model_name", "WideResnet28x10"], { model: "WideResnet28x10" }],
  [["--num_epochs", "1800"], { epochs: 1800 }],
  [["--batch_size=256"], { batchSize: 256 }],
  [["--image_level_augmentations", "aa-only"], { augmentation: "aa-only" }],
  [["--batch_level_augmentations=cutout"], { batchAugmentation: "cutout" }],
  // training_utils/flax_training.py
  [["--gradient_clipping", "0"], { gradientClipping: "none" }],
  [["--learning_rate=0.05"], { learningRate: 0.05 }],
  [["--nouse_learning_rate_schedule"], { schedule: "constant" }],
  [["--use_learning_rate_schedule=False"], { schedule: "constant" }],
  [["--use_learning_rate_schedule"], {}],
  [["--weight_decay", "0.001"], { weightDecay: 0.001 }],
  [["--run_seed", "3"], { seed: 3 }],
  [["--use_rmsprop"], { optimizer: "rmsprop" }],
  [["--nouse_rmsprop"], {}],
  [["--lr_schedule=exponential"], { schedule: "exponential" }],
  [["--save_progress_seconds", "3600"], { saveProgressSeconds: 3600 }],
  [
    ["--additional_checkpoints_at_epochs=0", "--additional_checkpoints_at_epochs", "50"],
    { additionalCheckpointsAtEpochs: [0, 50] },
  ],
  [["--also_eval_on_training_set"], { evaluateTrainingSet: true }],
  [["--compute_top_5_error_rate=true"], { evaluateTop5: true }],
  [["--nocompute_top_5_error_rate"], {}],
  [["--label_smoothing=0.1"], { labelSmoothing: 0.1 }],
  [["--ema_decay", "0.999"], { emaDecay: 0.999 }],
  [["--no_weight_decay_on_bn"], { weightDecayScope: "kernels" }],
  [["--nono_weight_decay_on_bn"], {}],
  [["--evaluate_every", "10"], { evaluateEvery: 10 }],
  [["--sam_rho", "0.2"], { samRho: 0.2 }],
  [["--sync_perturbations"], { syncPerturbations: true }],
  [["--sync_perturbations", "--inner_group_size=4", "--m", "8"], {
    syncPerturbations: true,
    innerGroupSize: 4,
    m: 8,
  }],
  [["--nosync_perturbations", "--m", "16"], { m: 16 }],
  // datasets/dataset_source.py and dataset_source_imagenet.py
  [["--nouse_test_set"], { evaluateOn: "validation" }],
  [["--use_test_set"], {}],
  [
    [
      ...["--dataset", "imagenet", "--image_level_augmentations", "autoaugment"],
      ...["--randaug_num_layers", "3", "--randaug_magnitude=15"],
    ],
    { dataset: "imagenet", augmentation: "randaugment_3_15" },
  ],
  [
    ["--randaug_magnitude", "7", "--augmentation=autoaugment", "--dataset=folder:x"],
    { dataset: "folder:x", augmentation: "randaugment_2_7" },
  ],
  [
    ["--randaug_num_layers", "3", "--augmentation=autoaugment", "--dataset=folder:x"],
    { dataset: "folder:x", augmentation: "randaugment_3_9" },
  ],
  [["--imagenet_mixup_alpha", "0"], {}],
  [
    [
      ...["--dataset=imagenet", "--batch_level_augmentations", "none"],
      ...["--imagenet_mixup_alpha", "0.2"],
    ],
    { dataset: "imagenet", batchAugmentation: "mixup", mixupAlpha: 0.2 },
  ],
  // imagenet_models/load_model.py
  [
    ["--from_pretrained_checkpoint", "--efficientnet_checkpoint_path", "a_b/c_d"],
    { initFrom: "a_b/c_d" },
  ],
  [["--nofrom_pretrained_checkpoint", "--efficientnet_checkpoint_path=x"], {}],
];

Deno.test("reference flags: each changes what it changes there", () => {
  for (const [args, expected] of ALL) assertEquals(changes(...args), expected, args.join(" "));
  assertEquals(ours("--output_dir", "there"), { "output-dir": "there" });
});

Deno.test("reference flags: for entries of the images and of wide ResNets", () => {
  assertEquals(ours("--imagenet_mixup_alpha", "0.2", "--dataset", "records:x"), {
    dataset: "records:x",
    "batch-augmentation": "mixup",
    "mixup-alpha": 0.2,
  });
  assertEquals(ours("--use_additional_skip_connections"), { "additional-skip-connections": true });
  assertEquals(ours("--nouse_additional_skip_connections"), {
    "additional-skip-connections": false,
  });
});

Deno.test("reference flags: a constant rate and a path without effect, whatever the order", () => {
  for (const schedule of ["cosine", "exponential"]) {
    const args = [`--lr_schedule=${schedule}`, "--nouse_learning_rate_schedule"];
    assertEquals(changes(...args), { schedule: "constant" });
    assertEquals(changes(...args.reverse()), { schedule: "constant" });
  }
});

Deno.test("reference flags: what has no meaning here is refused with the reason", () => {
  refused(
    "Cannot use --cell: there are no data centres to choose from: use --output-dir",
    "--cell",
    "lu",
  );
  refused(
    "Cannot use --imagenet-checkpoint-cell: there are no data centres to choose from: use " +
      "--init-from",
    "--imagenet_checkpoint_cell=lu",
  );
  refused(
    "--from-pretrained-checkpoint needs --efficientnet-checkpoint-path too; or use --init-from",
    "--from_pretrained_checkpoint",
  );
  refused(
    "--efficientnet-checkpoint-path needs --from-pretrained-checkpoint too; or use --init-from",
    "--efficientnet_checkpoint_path=x",
  );
  refused(
    "--imagenet-mixup-alpha is for images in files: use --batch-augmentation mixup --mixup-alpha",
    ...["--dataset", "cifar10", "--imagenet_mixup_alpha", "0.2"],
  );
  for (
    const args of [["--dataset=cifar10", "--augmentation=autoaugment"], ["--dataset=imagenet"]]
  ) {
    refused(
      "--randaug-magnitude is for --augmentation autoaugment of images in files: use " +
        "--augmentation randaugment_2_9",
      "--randaug_magnitude=9",
      ...args,
    );
  }
});

Deno.test("reference flags: values are held to what ours may be", () => {
  refused("--num-epochs must be an integer >= 1, got 0", "--num_epochs=0");
  refused("--run-seed must be an integer >= -2147483648 and <= 2147483647, got x", "--run_seed=x");
  refused("--lr-schedule must be one of cosine, exponential, got linear", "--lr_schedule=linear");
  refused("--randaug-num-layers must be an integer >= 1, got 0", "--randaug_num_layers=0");
});

Deno.test("reference flags: two spellings that contradict one another are refused", () => {
  assertEquals(changes("--num_epochs=3", "--epochs=3"), { epochs: 3 });
  refused(
    "--num-epochs contradicts --epochs 4: give one of them",
    "--num_epochs=3",
    "--epochs=4",
  );
  refused(
    "--use-rmsprop contradicts --optimizer sgd: give one of them",
    "--use_rmsprop",
    "--optimizer=sgd",
  );
  refused(
    "--lr-schedule contradicts --schedule constant: give one of them",
    "--lr_schedule=cosine",
    "--schedule=constant",
  );
});

Deno.test("reference flags: those called the same, and what the others set, are flags of ours", () => {
  const same = ["cutout-length", "output-dir", "dataset", "batch-size"];
  const set = [
    ...["--dataset=imagenet", "--imagenet_mixup_alpha=1", "--use_additional_skip_connections"],
    ...["--use_rmsprop", "--nouse_test_set", "--no_weight_decay_on_bn"],
  ];
  const names = [...Object.keys(ours(...set)), ...same];
  assertEquals(names.filter((name) => !(name in flags)), []);
});
