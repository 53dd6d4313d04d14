import { isImageFiles, isImageRecords } from "../data/mod.ts";
import {
  boolean,
  choice,
  type Entries,
  integer,
  number,
  optionalEntry,
  text,
} from "../schema/mod.ts";
import { UsageError } from "./_flags.ts";
import { configFlags } from "./_train_flags.ts";

type Given = Readonly<Record<string, unknown>>;

/** Flags of google-research/sam that are called otherwise here. The others have the same name. */
export const RENAMED: Readonly<Record<string, string>> = {
  "model-name": "model",
  "num-epochs": "epochs",
  "run-seed": "seed",
  "image-level-augmentations": "augmentation",
  "batch-level-augmentations": "batch-augmentation",
  "also-eval-on-training-set": "evaluate-training-set",
  "compute-top-5-error-rate": "evaluate-top5",
};

/** Its booleans that set what has several values here. */
const BOOLEANS: Readonly<Record<string, { readonly on: Given; readonly off: Given }>> = {
  "use-rmsprop": { on: { optimizer: "rmsprop" }, off: { optimizer: "sgd" } },
  "use-test-set": { on: { "evaluate-on": "test" }, off: { "evaluate-on": "validation" } },
  "no-weight-decay-on-bn": {
    on: { "weight-decay-scope": "kernels" },
    off: { "weight-decay-scope": "all" },
  },
  "use-additional-skip-connections": {
    on: { "additional-skip-connections": true },
    off: { "additional-skip-connections": false },
  },
};

/** Those that have no meaning here, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  "cell": "there are no data centres to choose from: use --output-dir",
  "imagenet-checkpoint-cell": "there are no data centres to choose from: use --init-from",
};

/** Those that act only together with others. */
const COMBINED: Entries = {
  "lr-schedule": optionalEntry(choice("cosine", "exponential"), ""),
  "use-learning-rate-schedule": optionalEntry(boolean(), ""),
  "from-pretrained-checkpoint": optionalEntry(boolean(), ""),
  "efficientnet-checkpoint-path": optionalEntry(text(), ""),
  "randaug-num-layers": optionalEntry(integer({ min: 1 }), ""),
  "randaug-magnitude": optionalEntry(integer({ min: 0 }), ""),
  "imagenet-mixup-alpha": optionalEntry(number({ min: 0 }), ""),
};

/** The flags of google-research/sam that are not ours, for the parser. */
export const referenceFlags: Entries = {
  ...mapValues(RENAMED, (own) => configFlags[own]!),
  ...mapValues(BOOLEANS, () => optionalEntry(boolean(), "")),
  ...mapValues(REFUSED, () => optionalEntry(text(), "")),
  ...COMBINED,
};

/**
 * What was given, in our flags alone. Those of google-research/sam mean what they mean there; where
 * they are left out our defaults hold, not its own.
 *
 * Source: `flags.DEFINE_…` in `train.py`, `training_utils/flax_training.py`, `datasets/*.py`,
 * `imagenet_models/load_model.py` and `models/wide_resnet.py` of the reference.
 *
 * @throws UsageError for one without meaning here, and where one contradicts one of ours
 */
export function fromReference(given: Given): Given {
  const own: Record<string, unknown> = Object.fromEntries(
    Object.entries(given).filter(([name]) => !Object.hasOwn(referenceFlags, name)),
  );
  const set = (source: string, values: Given) => {
    for (const [name, value] of Object.entries(values)) {
      if (own[name] !== undefined && own[name] !== value) {
        throw new UsageError(
          `--${source} contradicts --${name} ${own[name]}: give one of them`,
        );
      }
      own[name] = value;
    }
  };
  for (const [name, value] of Object.entries(given)) {
    if (Object.hasOwn(REFUSED, name)) {
      throw new UsageError(`Cannot use --${name}: ${REFUSED[name]}`);
    }
    if (Object.hasOwn(RENAMED, name)) set(name, { [RENAMED[name]!]: value });
    if (Object.hasOwn(BOOLEANS, name)) set(name, BOOLEANS[name]![value === true ? "on" : "off"]);
  }
  set("lr-schedule", scheduleOf(given));
  set("efficientnet-checkpoint-path", checkpointOf(given));
  const mixup = mixupOf(given, own);
  if (mixup["batch-augmentation"] && own["batch-augmentation"] === "none") {
    delete own["batch-augmentation"];
  }
  set("imagenet-mixup-alpha", mixup);
  return { ...own, ...augmentationOf(given, own) };
}

/** A constant rate, whatever the schedule, where none is wanted. */
function scheduleOf(given: Given): Given {
  if (given["use-learning-rate-schedule"] === false) return { schedule: "constant" };
  return given["lr-schedule"] === undefined ? {} : { schedule: given["lr-schedule"] };
}

function checkpointOf(given: Given): Given {
  const isWanted = given["from-pretrained-checkpoint"];
  const path = given["efficientnet-checkpoint-path"];
  if (isWanted === false || (isWanted === undefined && path === undefined)) return {};
  if (isWanted === true && path !== undefined) return { "init-from": path };
  const [there, missing] = isWanted
    ? ["from-pretrained-checkpoint", "efficientnet-checkpoint-path"]
    : ["efficientnet-checkpoint-path", "from-pretrained-checkpoint"];
  throw new UsageError(`--${there} needs --${missing} too; or use --init-from`);
}

/** ImageNet alone has a mixup of its own there, whatever the other augmentations of batches. */
function mixupOf(given: Given, own: Given): Given {
  const alpha = given["imagenet-mixup-alpha"];
  if (alpha === undefined || alpha === 0) return {};
  if (isOfFiles(own)) return { "batch-augmentation": "mixup", "mixup-alpha": alpha };
  throw new UsageError(
    "--imagenet-mixup-alpha is for images in files: use --batch-augmentation mixup --mixup-alpha",
  );
}

/** RandAugment, which ImageNet has for AutoAugment. */
function augmentationOf(given: Given, own: Given): Given {
  const layers = given["randaug-num-layers"];
  const magnitude = given["randaug-magnitude"];
  if (layers === undefined && magnitude === undefined) return {};
  if (isOfFiles(own) && own.augmentation === "autoaugment") {
    return { augmentation: `randaugment_${layers ?? 2}_${magnitude ?? 9}` };
  }
  throw new UsageError(
    `--${layers === undefined ? "randaug-magnitude" : "randaug-num-layers"} is for ` +
      "--augmentation autoaugment of images in files: use --augmentation randaugment_2_9",
  );
}

function isOfFiles({ dataset }: Given): boolean {
  const name = String(dataset);
  return isImageFiles(name) || isImageRecords(name);
}

function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  map: (value: A) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
