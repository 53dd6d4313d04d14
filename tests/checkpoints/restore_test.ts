import { Buffer } from "node:buffer";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  CheckpointError,
  encodeFlax,
  encodeSafetensors,
  openCheckpoint,
  restoreVariables,
} from "../../lib/checkpoints/mod.ts";
import { buildModel, resNet, wideResNet } from "../../lib/models/mod.ts";
import type { Variables } from "../../lib/nn/mod.ts";
import { leaves, mapTree, namedLeaves, tf, type Tree } from "../../lib/tensorflow/mod.ts";
import { fixture, largestDifference } from "../_fixtures.ts";
import { assertEntries, meanSample } from "../_samples.ts";
import { testUnless } from "../_skip.ts";
import { assertSameBits, scoped } from "../_tensors.ts";
import { fixtures, wholeFixture } from "../goldens/_fixture_folder.ts";

const EVALUATIONS = [
  {
    name: "efficientnet_b0_eval",
    model: buildModel("efficientnet_b0", { classes: 1000 }),
    missing: fixtures.missing,
    open: wholeFixture,
  },
  {
    name: "resnet50_width8_eval",
    model: resNet({ depth: 50, channels: 8, classes: 10 }),
    missing: undefined,
    open: fixture,
  },
];

for (const { name, model, missing, open } of EVALUATIONS) {
  testUnless(
    missing,
    `restore: logits of ${name} as the reference, by its own checkpoint`,
    scoped(() => {
      const oracle = open(name);
      withBytes(oracle.file("ckpt/checkpoint_0"), (path) => {
        using file = openCheckpoint(path);
        const images = oracle.array("image");
        const { variables, replaced } = restoreVariables(file, model.init(0, images.shape));
        assertEquals(replaced, []);
        assertEquals(largestDifference(variables.state, oracle.tree("state")), 0);
        const expected = oracle.array("eval_logits");
        const size = expected.abs().max().dataSync()[0]!;
        const difference = largestDifference(model.apply(variables, images).output, expected);
        assert(difference <= 1e-4 * size, `logits differ by ${difference}, they reach ${size}`);
      });
    }),
  );
}

Deno.test(
  "restore: the reference's moving average, or the parameters as they were last",
  scoped(() => {
    const oracle = fixture("small_sgd_ema_late");
    withBytes(oracle.file("ckpt_final/checkpoint_0"), (path) => {
      using file = openCheckpoint(path);
      const initial = wideResNet({ depth: 10, width: 1, classes: 10 }).init(0, [1, 8, 8, 3]);
      const last = restoreVariables(file, initial).variables;
      assertEntries(last.params, oracle.sample("final_params"), 0, "last");
      assertEntries(last.state, oracle.sample("final_state"), 0, "last");
      const { variables: average } = restoreVariables(file, initial, { average: true });
      assert(largestDifference(average.params, last.params) > 0);
      assertEntries(average.params, oracle.sample("ema_params_2"), 1e-6, "average");
      assertEntries(average.state, oracle.sample("ema_state_2"), 1e-6, "average");
    });
  }),
);

for (const name of ["small_sam", "small_sam_rmsprop", "small_2rep_unsync"]) {
  Deno.test(
    `restore: parameters and statistics of a run of the reference, ${name}`,
    scoped(() => {
      const oracle = fixture(name);
      withBytes(oracle.file("ckpt_final/checkpoint_0"), (path) => {
        using file = openCheckpoint(path);
        const { params, state } = restoreVariables(file, draw(0)).variables;
        assertEntries(params, oracle.sample("final_params"), 0, "parameters");
        if (!name.includes("2rep")) {
          return assertEntries(state, oracle.sample("final_state"), 0, "statistics");
        }
        // Of two replicas the reference saves the mean.
        const of = (replica: number) => oracle.sample(`final_state_replica${replica}`);
        assertEntries(state, meanSample(of(0), of(1)), 1e-6, "statistics");
      });
    }),
  );
}

const small = (classes: number) => wideResNet({ depth: 10, width: 1, classes });
const draw = (seed: number, classes = 10) => small(classes).init(seed, [1, 8, 8, 3]);

/** A checkpoint as the reference's `to_bytes((model, state))`. */
function withCheckpoint(
  variables: Variables,
  use: (path: string) => void,
  change: (tree: Record<string, Tree>) => Tree = (tree) => tree,
): void {
  const tree = change({ "0": { params: variables.params }, "1": variables.state });
  withBytes(Buffer.concat([...encodeFlax(tree)]), use);
}

function withBytes(bytes: Uint8Array, use: (path: string) => void): void {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeFileSync(path, bytes);
    use(path);
  } finally {
    Deno.removeSync(path);
  }
}

Deno.test(
  "restore: what is written comes back bit for bit",
  scoped(() => {
    const saved = draw(1);
    withCheckpoint(saved, (path) => {
      using file = openCheckpoint(path);
      const { variables } = restoreVariables(file, draw(2));
      assertSameBits(variables.params, saved.params);
      assertSameBits(variables.state, saved.state);
    });
  }),
);

Deno.test(
  "restore: a safetensors file, such as those of our own runs",
  scoped(() => {
    const saved = draw(1);
    const arrays = namedLeaves({ params: saved.params, state: saved.state }).map(
      ([name, tensor]) =>
        [name, {
          dtype: "F32" as const,
          shape: tensor.shape,
          data: tensor.dataSync() as Float32Array,
        }] as const,
    );
    const path = Deno.makeTempFileSync({ suffix: ".safetensors" });
    try {
      using file = Deno.openSync(path, { write: true });
      for (const piece of encodeSafetensors(Object.fromEntries(arrays))) file.writeSync(piece);
      using checkpoint = openCheckpoint(path);
      const { variables } = restoreVariables(checkpoint, draw(2));
      assertSameBits(variables.params, saved.params);
    } finally {
      Deno.removeSync(path);
    }
  }),
);

Deno.test(
  "restore: every layout that is known, and the moving average where it is asked for",
  scoped(() => {
    const [saved, averaged] = [draw(1), draw(3)];
    const { params, state } = saved;
    const optimizer = { target: { params } };
    const ema = { param_ema: { "0": { params: averaged.params }, "1": averaged.state } };
    const layouts: Record<string, Tree> = {
      "the reference's, with an average": { optimizer, model_state: { "0": state, "1": ema } },
      "the reference's": { optimizer, model_state: state },
      "of a pair": { "0": { params }, "1": state },
      ours: { params, state },
      "linen's": { params, batch_stats: state },
    };
    for (const [name, tree] of Object.entries(layouts)) {
      withCheckpoint(saved, (path) => {
        using file = openCheckpoint(path);
        const { variables } = restoreVariables(file, draw(2));
        assertEquals(largestDifference(variables.params, params), 0, name);
        assertEquals(largestDifference(variables.state, state), 0, name);
        if (!name.includes("average")) return;
        const { variables: average } = restoreVariables(file, draw(2), { average: true });
        assertSameBits(average.params, averaged.params);
      }, () => tree);
    }
  }),
);

Deno.test(
  "restore: for other classes the last layer keeps its first values, and all else is taken",
  scoped(() => {
    const saved = draw(1, 10);
    const initial = draw(2, 3);
    withCheckpoint(saved, (path) => {
      using file = openCheckpoint(path);
      const { variables, replaced } = restoreVariables(file, initial);
      assertEquals(replaced, ["Dense_3/bias", "Dense_3/kernel"]);
      const { Dense_3: head, ...body } = variables.params;
      const { Dense_3: fresh, ...others } = initial.params;
      const { Dense_3: _, ...trained } = saved.params;
      assertSameBits(head!, fresh!);
      assertSameBits(body, trained);
      assert(largestDifference(body, others) > 0);
      tf.dispose(leaves({ ...variables }));
      assert(leaves(fresh!).every((leaf) => !leaf.isDisposed));
      assertThrows(
        () => restoreVariables(file, initial, { replaceHead: false }),
        CheckpointError,
        "0/params/Dense_3/bias is [10] there and [3] in the network",
      );
    });
  }),
);

Deno.test(
  "restore: what does not fit is refused by name, with both shapes, and leaves no tensors",
  scoped(() => {
    const saved = draw(1);
    const refused = (initial: Variables, message: string, change?: (tree: Tree) => Tree) =>
      withCheckpoint(saved, (path) => {
        using file = openCheckpoint(path);
        const before = tf.memory().numTensors;
        assertThrows(() => restoreVariables(file, initial), CheckpointError, message);
        assertEquals(tf.memory().numTensors, before);
      }, change as (tree: Record<string, Tree>) => Tree);
    const wide = wideResNet({ depth: 10, width: 2, classes: 10 }).init(0, [1, 8, 8, 3]);
    refused(wide, "0/params/Dense_3/kernel is [64, 10] there and [128, 10] in the network");
    const deep = wideResNet({ depth: 16, width: 1, classes: 10 }).init(0, [1, 8, 8, 3]);
    refused(deep, "it has no 0/params/WideResnetGroup_0/WideResnetBlock_1/bn_2/bias");
    const other = buildModel("cifar_resnet_20", { classes: 10 }).init(0, [1, 8, 8, 3]);
    refused(other, "it has no 0/params/Dense_9/bias, which is [10] in the network");
    refused(draw(0), "it has 1/more/mean [2], which the network does not have", (tree) => {
      const { "0": model, "1": state } = tree as unknown as Record<string, Record<string, Tree>>;
      return { "0": model!, "1": { ...state, more: { mean: tf.zeros([2]) } } };
    });
    refused(draw(0), "1/pre-pool-bn/mean is of int32 there and of float32", (tree) => {
      const { "0": model, "1": state } = tree as unknown as Record<string, Record<string, Tree>>;
      const { "pre-pool-bn": last } = state as Record<string, Record<string, tf.Tensor>>;
      return {
        "0": model!,
        "1": { ...state, "pre-pool-bn": { ...last, mean: last!.mean!.toInt() } },
      };
    });
    refused(
      draw(0),
      "0/params/init_conv/kernel is [3, 3, 3, 8] there and [3, 3, 3, 16]",
      (tree) => {
        const { "0": model, "1": state } = tree as unknown as Record<string, Record<string, Tree>>;
        const params = {
          ...model!.params as Tree[],
          init_conv: { kernel: tf.zeros([3, 3, 3, 8]) },
        };
        return { "0": { params }, "1": state! };
      },
    );
    refused(draw(0), "it has none of the parameters of this network", () => ({ x: tf.zeros([2]) }));
    withCheckpoint(saved, (path) => {
      using file = openCheckpoint(path);
      assertThrows(
        () => restoreVariables(file, draw(0), { average: true }),
        CheckpointError,
        "it has no moving average",
      );
    });
  }),
);

Deno.test(
  "restore: a file that is damaged where the values are leaves no tensors",
  scoped(() => {
    const saved = draw(1);
    withCheckpoint(saved, (path) => {
      using file = openCheckpoint(path);
      Deno.truncateSync(path, Deno.statSync(path).size - 100);
      const initial = draw(0);
      const before = tf.memory().numTensors;
      assertThrows(() => restoreVariables(file, initial), CheckpointError, "it ends at byte");
      assertEquals(tf.memory().numTensors, before);
    });
  }),
);

Deno.test("openCheckpoint: refuses what is no file", () => {
  assertThrows(() => openCheckpoint("/nothing/here"), CheckpointError, "there is no such file");
  if (Deno.build.os === "windows") return;
  assertThrows(() => openCheckpoint("/dev/null"), CheckpointError, "it is not a file");
});

Deno.test("restore: the variables given stay as they are", () => {
  const initial = draw(2);
  const copy = mapTree((leaf) => leaf.clone(), initial.params);
  withCheckpoint(draw(1), (path) => {
    using file = openCheckpoint(path);
    tf.dispose(leaves({ ...restoreVariables(file, initial).variables }));
  });
  assertSameBits(initial.params, copy);
});
