import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describeFlags, flagValues, parseFlags, UsageError } from "../../lib/commands/_flags.ts";
import { configFlags, entriesOf, flagOf } from "../../lib/commands/_train_flags.ts";
import {
  boolean,
  choice,
  entry,
  entryWords,
  integer,
  list,
  number,
  optionalEntry,
  orNone,
  repeated,
  text,
} from "../../lib/schema/mod.ts";
import { configOf, defaultConfig } from "../../lib/train/mod.ts";

const flags = {
  "output-dir": entry(text(), "Where", "runs"),
  "mode": optionalEntry(choice("fast", "slow"), "How"),
  "rho": entry(number({ min: 0 }), "Radius", 0.05),
  "rate": optionalEntry(number({ min: 0, aboveMin: true, max: 1, belowMax: true }), "Rate"),
  "shift": optionalEntry(number(), "Any number"),
  "seed": optionalEntry(integer({ min: -5, max: 5 }), "Seed"),
  "epochs": optionalEntry(integer({ min: 1 }), "Epochs"),
  "clip": entry(orNone(number({ min: 0, aboveMin: true })), "Clipping", "none"),
  "restart": entry(boolean(), "Anew", false),
  "top5": entry(boolean(), "Top-5 too", false),
  "no-decay": optionalEntry(boolean(), "None"),
  "kept": entry(list(integer({ min: 0 })), "Kept", []),
  "parameter": entry(repeated(text()), "Parameter", []),
  "help": entry(boolean(), "This", false),
};

const parse = (...args: string[]) => parseFlags(args, flags, { h: "help", p: "parameter" }).flags;
const refused = (message: string, ...args: string[]) =>
  assertEquals(assertThrows(() => parse(...args), UsageError).message, message);

Deno.test("flags: values behind a space or an equals sign, in any order", () => {
  assertEquals(parse(), {});
  assertEquals(parse("--rho", "0.1", "--restart", "--mode=slow", "--output-dir", "a b=c"), {
    rho: 0.1,
    restart: true,
    mode: "slow",
    "output-dir": "a b=c",
  });
  assertEquals(parse("--rho=1e-3", "--epochs", "1e2", "--output-dir=--x"), {
    rho: 0.001,
    epochs: 100,
    "output-dir": "--x",
  });
  assertEquals([parse("--help"), parse("-h")], [{ help: true }, { help: true }]);
});

Deno.test("flags: negative numbers are values", () => {
  assertEquals(parse("--seed", "-3", "--shift", "-0.5"), { seed: -3, shift: -0.5 });
  assertEquals(parse("--seed=-3"), { seed: -3 });
  assert(Object.is(parse("--seed", "-0").seed, 0), "-0 is 0");
  refused("--rho must be a number >= 0, got -1", "--rho", "-1");
});

Deno.test("flags: the last of a repeated option counts", () => {
  assertEquals(parse("--seed", "1", "--restart", "--seed=2", "--restart"), {
    seed: 2,
    restart: true,
  });
});

Deno.test("flags: booleans are on or off, as here and as absl writes them", () => {
  for (const on of ["--top5", "--top5=true", "--top5=True", "--top5=t", "--top5=1"]) {
    assertEquals(parse(on), { top5: true }, on);
  }
  for (const off of ["--no-top5", "--notop5", "--top5=false", "--top5=False", "--top5=0"]) {
    assertEquals(parse(off), { top5: false }, off);
  }
  assertEquals(parse("--top5", "--no-top5"), { top5: false });
  assertEquals(parse("--restart", "--no-restart"), { restart: false });
  assertEquals(parse("--no-decay"), { "no-decay": true });
  assertEquals(parse("--no_decay"), { "no-decay": true });
  assertEquals(parse("--nono_decay"), { "no-decay": false });
  refused("--top5 must be true or false, got yes", "--top5=yes");
  refused("--top5 must be true or false, got ", "--top5=");
  assertEquals(parseFlags(["--top5", "false"], flags), {
    flags: { top5: true },
    operands: ["false"],
  });
  refused("Unknown option --no-top5; did you mean --top5?", "--no-top5=true");
});

Deno.test("flags: words may be joined by underscores", () => {
  assertEquals(parse("--output_dir", "a_b", "--kept=1"), {
    "output-dir": "a_b",
    "kept": [1],
  });
  refused("--output-dir needs a value", "--output_dir");
  refused("Unknown option --out_put_dir; did you mean --output-dir?", "--out_put_dir=x");
});

Deno.test("flags: lists have commas, and add up", () => {
  assertEquals(parse("--kept", "0,10", "--kept=5"), { "kept": [0, 10, 5] });
  assertEquals(parse("-p", "a=1,2", "--parameter=b=c"), { parameter: ["a=1,2", "b=c"] });
  for (const text of ["1,", "1,x", "-1", "0.5", "1,,2"]) {
    refused(`--kept must be a list, each an integer >= 0, got ${text}`, `--kept=${text}`);
  }
});

Deno.test("flags: the dashes that npm wants are passed over", () => {
  assertEquals(parse("--", "--seed", "1"), { seed: 1 });
});

Deno.test("flags: unknown options are refused, with a hint where one is near", () => {
  refused("Unknown option --lr", "--lr", "3");
  refused("Unknown option --outputDir; did you mean --output-dir?", "--outputDir", "x");
  refused("Unknown option --epoch; did you mean --epochs?", "--epoch", "3");
  refused("Unknown option --sam-rho; did you mean --rho?", "--sam-rho", "3");
  refused("Unknown option --epcohs; did you mean --epochs?", "--epcohs", "3");
  refused("Unknown option -s", "-seed", "3");
  refused("Unknown option --toString", "--toString", "3");
  refused("Unknown option --__proto__", "--__proto__", "3");
});

Deno.test("flags: a missing value is not taken from the next option", () => {
  for (const args of [["--rho"], ["--rho="], ["--rho", ""], ["--rho", " "]]) {
    refused("--rho needs a value", ...args);
  }
  refused("--output-dir needs a value", "--output-dir", "--restart");
  refused("--rho needs a value", "--rho", "--seed", "3");
});

Deno.test("flags: what stands alone is an operand", () => {
  const args = ["a", "--restart", "b", "--seed", "3", "c"];
  assertEquals(parseFlags(args, flags), {
    flags: { restart: true, seed: 3 },
    operands: ["a", "b", "c"],
  });
});

Deno.test("flags: none, or 0 as the reference writes it, switches off", () => {
  assertEquals([parse("--clip=none"), parse("--clip", "0"), parse("--clip=0.0")], [
    { clip: "none" },
    { clip: "none" },
    { clip: "none" },
  ]);
  assertEquals(parse("--clip=0.5"), { clip: 0.5 });
  refused("--clip must be a number > 0, or none, got off", "--clip=off");
  refused("--clip must be a number > 0, or none, got -1", "--clip", "-1");
});

Deno.test("flags: what is left out has its default, and a type", () => {
  const values = flagValues(flags, { rho: 0.1, "other": 1 });
  const rho: number = values.rho;
  const mode: "fast" | "slow" | undefined = values.mode;
  assertEquals([rho, mode, values["output-dir"], values.restart, values.kept], [
    ...[0.1, undefined, "runs", false],
    [],
  ]);
});

Deno.test("flags: what is not in the range is refused with the range", () => {
  for (const text of ["abc", "NaN", "Infinity", "1,5", "1_0", "-0.001"]) {
    refused(`--rho must be a number >= 0, got ${text}`, "--rho", text);
  }
  for (const text of ["0", "1", "-1"]) {
    refused(`--rate must be a number > 0 and < 1, got ${text}`, `--rate=${text}`);
  }
  for (const text of ["6", "-6", "0.5"]) {
    refused(`--seed must be an integer >= -5 and <= 5, got ${text}`, "--seed", text);
  }
  refused("--epochs must be an integer >= 1, got 1e400", "--epochs", "1e400");
  refused("--epochs must be an integer >= 1, got 9007199254740993", "--epochs=9007199254740993");
  refused("--shift must be a number, got x", "--shift", "x");
  refused("--mode must be one of fast, slow, got Fast", "--mode", "Fast");
});

Deno.test("flags: the description shows kinds, choices and defaults in columns", () => {
  const text = describeFlags(flags);
  assertStringIncludes(text, "  --output-dir text   Where (default runs)\n");
  assertStringIncludes(text, "  --mode fast|slow    How\n");
  assertStringIncludes(text, "  --rho number        Radius (default 0.05)\n");
  assertStringIncludes(text, "  --clip number|none  Clipping (default none)\n");
  assertStringIncludes(text, "  --restart           Anew\n");
  assertStringIncludes(text, "  --kept integer,…    Kept\n");
  assertEquals(text.split("\n").length, Object.keys(flags).length);
});

Deno.test("train flags: one for each entry of the configuration, with its default", () => {
  const optional = [
    "trainCount",
    "testCount",
    "initFrom",
    "imageSize",
    "freezeBatchNorm",
    "syncBatchNorm",
    "cutoutLength",
    "mixupAlpha",
  ];
  const keys = [...Object.keys(defaultConfig), ...optional];
  assertEquals(keys.filter((key) => flagOf(key) === undefined), []);
  assertEquals(Object.keys(configFlags).length, keys.length);
  const kebab = (key: string) => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  for (const key of keys) assertEquals(flagOf(key), kebab(key));
  assertEquals(configOf(entriesOf({})), defaultConfig);
  for (const [key, value] of Object.entries(defaultConfig)) {
    assertEquals(entryWords(configFlags[flagOf(key)!]!).fallback, value);
    if (`${value}` === "") continue;
    const { flags } = parseFlags([`--${kebab(key)}=${value}`], configFlags);
    assertEquals(flags, { [kebab(key)]: value });
  }
  assertEquals(flagOf("other"), undefined);
});

Deno.test("train flags: each sets its entry", () => {
  const args = [
    ...["--dataset", "synthetic_32", "--train-count", "10", "--test-count", "20"],
    ...[
      "--model",
      "wide_resnet_10_1",
      "--no-freeze-batch-norm",
      "--additional-skip-connections",
      "--epochs",
      "2",
      "--batch-size",
      "5",
    ],
    ...["--learning-rate", "0.5", "--schedule", "exponential", "--weight-decay", "0"],
    ...["--weight-decay-scope", "kernels", "--momentum", "0.99", "--sam-rho", "0"],
    ...["--optimizer", "rmsprop", "--ema-decay", "0.999"],
    ...["--gradient-clipping", "0", "--label-smoothing", "0.1", "--label-noise", "0.8"],
    ...["--label-noise-kind", "asymmetric"],
    ...["--augmentation", "none", "--batch-augmentation", "cutout", "--m", "1"],
    ...["--no-sync-batch-norm"],
    ...["--precision", "bfloat16"],
    ...["--seed", "-7", "--evaluate-on", "validation"],
    ...["--cutout-length", "8", "--mixup-alpha", "0.2"],
    ...["--image-size", "64", "--corrupt-images", "skip", "--evaluate-training-set"],
    ...["--evaluate-top5", "--evaluate-every", "5", "--save-progress-seconds", "0.5"],
    ...["--additional-checkpoints-at-epochs", "0,1", "--on-nan", "continue"],
  ];
  assertEquals(entriesOf(parseFlags(args, configFlags).flags), {
    dataset: "synthetic_32",
    trainCount: 10,
    testCount: 20,
    model: "wide_resnet_10_1",
    freezeBatchNorm: false,
    additionalSkipConnections: true,
    precision: "bfloat16",
    epochs: 2,
    batchSize: 5,
    learningRate: 0.5,
    schedule: "exponential",
    weightDecay: 0,
    weightDecayScope: "kernels",
    momentum: 0.99,
    optimizer: "rmsprop",
    emaDecay: 0.999,
    samRho: 0,
    m: 1,
    syncBatchNorm: false,
    gradientClipping: "none",
    labelSmoothing: 0.1,
    labelNoise: 0.8,
    labelNoiseKind: "asymmetric",
    augmentation: "none",
    batchAugmentation: "cutout",
    cutoutLength: 8,
    mixupAlpha: 0.2,
    evaluateOn: "validation",
    imageSize: 64,
    corruptImages: "skip",
    seed: -7,
    evaluateTrainingSet: true,
    evaluateTop5: true,
    evaluateEvery: 5,
    saveProgressSeconds: 0.5,
    onNan: "continue",
    additionalCheckpointsAtEpochs: [0, 1],
  });
});

Deno.test("train flags: values just out of range are refused by name", () => {
  const wrong: Record<string, readonly string[]> = {
    "image-size": ["0", "1.5"],
    "corrupt-images": ["fix"],
    "on-nan": ["stop it"],
    "train-count": ["0", "1.5", "-1"],
    "test-count": ["0"],
    "evaluate-on": ["train", "Test"],
    "evaluate-training-set": ["yes"],
    "evaluate-top5": ["2"],
    "evaluate-every": ["0", "1.5"],
    "save-progress-seconds": ["-1"],
    "additional-checkpoints-at-epochs": ["-1", "0.5"],
    "additional-skip-connections": ["yes"],
    "freeze-batch-norm": ["yes"],
    "precision": ["float16", "BFLOAT16"],
    "epochs": ["0", "0.5"],
    "batch-size": ["0", "-3"],
    "learning-rate": ["0", "-0.1", "NaN", "Infinity"],
    "schedule": ["linear"],
    "weight-decay": ["-1e-9"],
    "weight-decay-scope": ["none"],
    "momentum": ["1", "-0.1"],
    "optimizer": ["adam"],
    "ema-decay": ["1", "-0.1"],
    "sam-rho": ["-1", "NaN"],
    "sam-statistics": ["yes"],
    "gradient-clipping": ["-1"],
    "label-smoothing": ["-0.1", "1.1"],
    "bootstrapping": ["-0.1", "1.1"],
    "label-noise": ["-0.1", "1.1"],
    "label-noise-kind": ["pair"],
    "cutout-length": ["1", "2.5"],
    "mixup-alpha": ["0", "-1", "Infinity"],
    "m": ["-1", "0.5"],
    "sync-perturbations": ["auto"],
    "inner-group-size": ["-1", "0.5"],
    "micro-batch-size": ["-1", "0.5"],
    "sync-batch-norm": ["auto"],
    "seed": ["2147483648", "-2147483649", "0.5"],
  };
  assertEquals(
    Object.keys(configFlags).filter((name) => !(name in wrong)),
    [
      "dataset",
      "model",
      "init-from",
      "augmentation",
      "batch-augmentation",
    ],
    "which are refused when they are built",
  );
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      const error = assertThrows(() => parseFlags([`--${name}=${value}`], configFlags), UsageError);
      assert(error.message.startsWith(`--${name} must be `), error.message);
      assert(error.message.endsWith(`, got ${value}`), error.message);
    }
  }
});
