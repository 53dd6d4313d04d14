import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  buildModel,
  modelImageSize,
  modelNames,
  registerModel,
  wideResNet,
} from "../../lib/models/mod.ts";
import { random, tf } from "../../lib/tensorflow/mod.ts";
import { largestDifference } from "../_fixtures.ts";
import { values } from "../_tensors.ts";

const shapesAt = (name: string, options: Parameters<typeof buildModel>[1]) =>
  buildModel(name, options).shapes([1, 224, 224, 3]);
const shapesOf = (model: ReturnType<typeof buildModel>) => model.shapes([1, 8, 8, 3]);

Deno.test("buildModel builds wide ResNets by depth and width, in the reference's spelling too", () => {
  for (const [depth, width] of [[10, 1], [16, 4], [28, 10], [40, 2]] as const) {
    const expected = shapesOf(wideResNet({ depth, width, classes: 7 }));
    for (const name of [`wide_resnet_${depth}_${width}`, `WideResnet${depth}x${width}`]) {
      assertEquals(shapesOf(buildModel(name, { classes: 7 })), expected);
    }
  }
  assertEquals(
    shapesOf(buildModel("WideResnet_mini", { classes: 10 })),
    shapesOf(wideResNet({ depth: 16, width: 1, classes: 10 })),
  );
});

Deno.test("the reference's spellings name the same networks as ours", () => {
  const spellings = [
    ["WideResnet28x6_ShakeShake", "shake_shake_26_2x96d", 32],
    ["Pyramid_ShakeDrop", "pyramid_net_272_200_shake_drop", 32],
    ["Resnet50", "resnet_50", 64],
    ["efficientnet-b0", "efficientnet_b0", 224],
  ] as const;
  for (const [theirs, ours, size] of spellings) {
    const shapes = (name: string) => buildModel(name, { classes: 10 }).shapes([1, size, size, 3]);
    assertEquals(shapes(theirs), shapes(ours));
  }
});

Deno.test("buildModel refuses unknown names and lists the known ones", () => {
  const known = modelNames.join(", ");
  assertEquals(modelNames.slice(0, 2), [
    "wide_resnet_<depth>_<width>",
    "shake_shake_<depth>_2x<channels>d",
  ]);
  const unknown = [
    "",
    "wide_resnet",
    "wide_resnet_16",
    "wide_resnet_16_4_2",
    "wide_resnet_-16_4",
    "wide_resnet_16_4.5",
    " wide_resnet_16_4",
    "wide_resnet_16_4\n",
    "WideResnet28_ShakeShake",
    "resnet50",
    "efficientnet_b10",
    "constructor",
  ];
  for (const name of unknown) {
    assertThrows(
      () => buildModel(name, { classes: 10 }),
      RangeError,
      `Cannot build model "${name}": the known names are ${known}`,
    );
  }
});

Deno.test("buildModel freezes batch norm of EfficientNets, and refuses it of others", () => {
  const frozenBatchNorm = true;
  assertEquals(
    shapesAt("efficientnet_b0", { classes: 3, frozenBatchNorm }),
    shapesAt("efficientnet_b0", { classes: 3 }),
  );
  assertThrows(
    () => buildModel("resnet_50", { classes: 3, frozenBatchNorm }),
    RangeError,
    "only EfficientNets",
  );
});

Deno.test("buildModel gives wide ResNets additional skip connections, and refuses them of others", () => {
  const additionalSkipConnections = true, classes = 10;
  const images = random.normal(random.seed(1), [2, 8, 8, 3]);
  const logits = (model: ReturnType<typeof buildModel>) =>
    tf.tidy(() => values(model.apply(model.init(0, images.shape), images).output));
  const sizes = { depth: 16, width: 1, classes };
  const expected = logits(wideResNet({ ...sizes, additionalSkipConnections }));
  assertNotEquals(logits(wideResNet(sizes)), expected);
  for (const name of ["wide_resnet_16_1", "WideResnet16x1", "WideResnet_mini"]) {
    assertEquals(logits(buildModel(name, { classes, additionalSkipConnections })), expected);
    assertEquals(logits(buildModel(name, { classes })), logits(wideResNet(sizes)));
  }
  images.dispose();
  for (const name of ["shake_shake_8_2x16d", "pyramid_net_11_24", "resnet_50", "efficientnet_b0"]) {
    assertThrows(
      () => buildModel(name, { classes, additionalSkipConnections }),
      RangeError,
      `Cannot build model "${name}" with additional skip connections: only wide ResNets have that`,
    );
  }
});

Deno.test("modelImageSize: the reference's for each EfficientNet, none for other names", () => {
  const expected = Object.entries({
    b0: 224,
    b1: 240,
    b2: 260,
    b3: 300,
    b4: 380,
    b5: 456,
    b6: 528,
    b7: 600,
    b8: 672,
    l2: 800,
    "l2-475": 475,
  });
  for (const [size, pixels] of expected) {
    assertEquals(modelImageSize(`efficientnet_${size}`), pixels);
    assertEquals(modelImageSize(`efficientnet-${size}`), pixels);
  }
  for (const name of ["efficientnet_b9", "resnet_50", "Pyramid_ShakeDrop", "vgg"]) {
    assertEquals(modelImageSize(name), undefined);
  }
});

Deno.test("EfficientNets by name refuse images of another size than theirs, or than was asked for", () => {
  const at = (size: number, imageSize?: number) =>
    buildModel("efficientnet_b1", { classes: 3, imageSize }).shapes([1, size, size, 3]).output;
  assertEquals([at(240), at(32, 32)], [[1, 3], [1, 3]]);
  assertThrows(() => at(224), RangeError, "they must be 240 × 240");
  assertThrows(() => at(240, 32), RangeError, "they must be 32 × 32");
});

Deno.test("buildModel refuses sizes that the network cannot have", () => {
  assertThrows(() => buildModel("wide_resnet_18_1", { classes: 10 }), RangeError, "depth 18");
  assertThrows(() => buildModel("wide_resnet_16_0", { classes: 10 }), RangeError, "width 0");
  assertThrows(() => buildModel("wide_resnet_16_1", { classes: 0 }), RangeError, "classes 0");
  assertThrows(() => buildModel("resnet_49", { classes: 10 }), RangeError, "49");
  assertThrows(() => buildModel("cifar_resnet_21", { classes: 10 }), RangeError, "21");
});

Deno.test("batch norm of EfficientNets is synchronised over replicas, that of the others not", () => {
  const synchronized = [
    "efficientnet_b0",
    "efficientnet-l2",
    "wide_resnet_16_1",
    "shake_shake_14_2x16d",
    "pyramid_net_11_200",
    "cifar_resnet_20",
    "resnet_50",
  ].filter((name) => buildModel(name, { classes: 3 }).syncBatchNorm);
  assertEquals(synchronized, ["efficientnet_b0", "efficientnet-l2"]);
});

Deno.test("buildModel: what the plain names leave out, the others have", () => {
  const images = random.normal(random.seed(1), [2, 32, 32, 3]);
  const trained = (name: string, seed: number) =>
    tf.tidy(() => {
      const model = buildModel(name, { classes: 3 });
      const variables = model.init(0, images.shape);
      return values(
        model.apply(variables, images, { train: true, seed: random.seed(seed) }).output,
      );
    });
  const shaken = "pyramid_net_11_24_shake_drop";
  assertEquals(trained("pyramid_net_11_24", 1), trained("pyramid_net_11_24", 2));
  assertNotEquals(trained(shaken, 1), trained(shaken, 2));
  assertNotEquals(trained("cifar_resnet_8_plain", 1), trained("cifar_resnet_8", 1));
  images.dispose();
});

Deno.test("buildModel: frozen batch statistics stay in training", () => {
  const options = { classes: 3, imageSize: 32 };
  tf.tidy(() => {
    const images = random.normal(random.seed(1), [2, 32, 32, 3]);
    const changes = [true, false].map((frozenBatchNorm) => {
      const model = buildModel("efficientnet_b0", { ...options, frozenBatchNorm });
      const variables = model.init(0, images.shape);
      const pass = model.apply(variables, images, { train: true, seed: random.seed(2) });
      return largestDifference(pass.state, variables.state);
    });
    assertEquals([changes[0], changes[1]! > 0], [0, true]);
  });
});

Deno.test("a registered model is built by its name, which nothing else may have", () => {
  registerModel("own.net_1", ({ classes }) => wideResNet({ depth: 10, width: 1, classes }));
  assertEquals(
    shapesOf(buildModel("own.net_1", { classes: 3 })),
    shapesOf(wideResNet({ depth: 10, width: 1, classes: 3 })),
  );
  assertEquals([modelNames.at(-1), modelImageSize("own.net_1")], ["own.net_1", undefined]);
  assertThrows(() => buildModel("ownXnet_1", { classes: 3 }), RangeError, "own.net_1");
  assertThrows(
    () => buildModel("own.net_1", { classes: 3, frozenBatchNorm: true }),
    RangeError,
    "only EfficientNets have that",
  );
  for (const name of ["own.net_1", "wide_resnet_16_4", "efficientnet-b0"]) {
    assertThrows(
      () => registerModel(name, () => buildModel("own.net_1", { classes: 3 })),
      RangeError,
      `Cannot register the model "${name}": the name is taken`,
    );
  }
});
