import { Buffer } from "node:buffer";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { CheckpointError, encodeFlax, openFlax } from "../../lib/checkpoints/mod.ts";
import { pack } from "../../lib/checkpoints/_message_pack.ts";
import { leaves, tf, type Tree } from "../../lib/tensorflow/mod.ts";
import { fixture, largestDifference } from "../_fixtures.ts";
import { scoped, values } from "../_tensors.ts";

/** Made by `goldens/flax_checkpoint.py` with FLAX 0.12.8. */
const golden = (name: string) => new URL(`../goldens/flax_${name}.msgpack`, import.meta.url);

/** What `flax_written.msgpack` holds. */
const tree = (): Tree => ({
  params: {
    conv: { kernel: tf.tensor([-0.5, -0.25, 0, 0.25, 0.5, 0.75], [1, 2, 3]) },
    Größe: { bias: tf.tensor1d([-0, 1e-45, Infinity]) },
    wide: tf.range(0, 300),
    empty: tf.zeros([0, 3]),
    ...Object.fromEntries(
      Array.from({ length: 17 }, (_, index) => [`layer_${index}`, tf.tensor1d([index])]),
    ),
  },
  step: tf.scalar(7, "int32"),
});

const encode = (...args: Parameters<typeof encodeFlax>) =>
  new Uint8Array(Buffer.concat([...encodeFlax(...args)]));

function withFile<T>(bytes: Uint8Array, use: (path: string) => T): T {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeFileSync(path, bytes);
    return use(path);
  } finally {
    Deno.removeSync(path);
  }
}

Deno.test("flax: writes the bytes that FLAX writes", () => {
  tf.tidy(() => {
    assertEquals(encode(tree()), Deno.readFileSync(golden("written")));
    const kernel = tf.reshape(tf.range(0, 10), [5, 2]);
    assertEquals(
      encode({ kernel }, { maxChunkBytes: 16 }),
      Deno.readFileSync(golden("chunked")),
    );
  });
});

Deno.test("flax: refuses to write what FLAX could not restore as it was", () => {
  tf.tidy(() => {
    assertThrows(() => encode({ mask: tf.tensor1d([true]) }), TypeError, "a tensor of bool");
  });
});

Deno.test(
  "flax: reads what FLAX wrote, large arrays in parts too",
  scoped(() => {
    using file = openFlax(golden("written").pathname);
    assertEquals(file.entries.get("params/conv/kernel"), {
      ...file.entries.get("params/conv/kernel"),
      dtype: "float32",
      shape: [1, 2, 3],
    });
    assertEquals(
      values(file.read("params/Größe/bias")),
      values(tf.tensor1d([-0, 1e-45, Infinity])),
    );
    assertEquals(values(file.read("params/wide")), values(tf.range(0, 300)));
    assertEquals(file.read("params/empty").shape, [0, 3]);
    assertEquals(file.read("step").dtype, "int32");
    using chunked = openFlax(golden("chunked").pathname);
    assertEquals([...chunked.entries.keys()], ["kernel"]);
    const kernel = chunked.read("kernel");
    assertEquals(kernel.shape, [5, 2]);
    assertEquals(values(kernel), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }),
);

Deno.test(
  "flax: types that TensorFlow.js has not become the nearest that it has",
  scoped(() => {
    using file = openFlax(golden("types").pathname);
    const read = (name: string) => {
      const tensor = file.read(name);
      return [tensor.dtype, tensor.shape, values(tensor)];
    };
    assertEquals(read("bfloat16"), ["float32", [2], [1.5, -2]]);
    assertEquals(read("float16"), ["float32", [2], [0.5, 65504]]);
    assertEquals(read("float64"), ["float32", [1], [1.25]]);
    assertEquals(read("int64"), ["int32", [1], [-5]]);
    assertEquals(read("uint8"), ["int32", [2], [0, 255]]);
    assertEquals(read("mask"), ["bool", [2], [1, 0]]);
    assertEquals(read("epoch"), ["int32", [], [3]]);
    assertEquals(read("negative"), ["int32", [], [-200]]);
    assertEquals(read("learning_rate"), ["float32", [], [0.5]]);
    assertEquals(read("numpy_scalar"), ["float32", [], [2.5]]);
    assertEquals(file.entries.has("none"), false);
    assertThrows(() => file.read("too_large"), CheckpointError, "too_large: 1099511627776");
    assertThrows(() => file.read("nothing"), CheckpointError, "it has no nothing");
  }),
);

const ORACLES = [
  ["wrn_mini_init", "ckpt/checkpoint_3"],
  ["wrn_mini_init", "ckpt_newstyle/checkpoint_3"],
  ["wrn_mini_perturbed", "ckpt/checkpoint_3"],
  ["wrn10_1_init", "ckpt/checkpoint_3"],
  ["shakeshake_mini_eval", "ckpt/checkpoint_3"],
  ["effnet_tiny_eval", "ckpt/checkpoint_3"],
] as const;

for (const [name, path] of ORACLES) {
  Deno.test(
    `flax: the reference's checkpoint, ${path.split("/")[0]} of ${name}`,
    scoped(() => {
      const oracle = fixture(name);
      withFile(oracle.file(path), (copy) => {
        using file = openFlax(copy);
        const restored = (like: Tree, prefix: string): Tree =>
          like instanceof tf.Tensor ? file.read(prefix) : Object.fromEntries(
            Object.entries(like).map(([name, part]) => [name, restored(part, `${prefix}/${name}`)]),
          );
        for (
          const [key, prefix] of [
            ["params", "optimizer/target/params"],
            ["state", "model_state"],
          ] as const
        ) {
          const expected = oracle.tree(key);
          assertEquals(largestDifference(restored(expected, prefix), expected), 0);
        }
        assertEquals(values(file.read("epoch")), [3]);
      });
    }),
  );
}

Deno.test("flax: every truncation is refused, and tells where the file ends", () => {
  const bytes = Deno.readFileSync(golden("written"));
  for (let size = 0; size < bytes.length; size++) {
    withFile(bytes.subarray(0, size), (path) => {
      const error = assertThrows(() => openFlax(path), CheckpointError, `it ends at byte ${size}`);
      assert(error.message.startsWith(`Cannot read ${path}`));
    });
  }
  const kernel = bytes.subarray(0, 80);
  withFile(
    kernel,
    (path) =>
      assertThrows(
        () => openFlax(path),
        CheckpointError,
        "at params/conv/kernel: it ends at byte 80",
      ),
  );
});

Deno.test("flax: bytes at its end, and other files, are refused", () => {
  const cases: [Uint8Array, string][] = [
    [Uint8Array.of(...Deno.readFileSync(golden("written")), 0), "1 bytes follow after its end"],
    [new TextEncoder().encode("{}"), "it begins with 123, not with a map"],
    [Uint8Array.of(0xc1), "byte 0 is not MessagePack"],
    [Uint8Array.of(0x81, 0x05, 0x05), "at entry 1 of 1: its name is 5"],
    [Uint8Array.of(0x81, 0xa1, 0x61, 0x93), "at a: it is a list of 3"],
    [Uint8Array.of(0x82, 0xa1, 0x61, 5, 0xa1, 0x61, 5), "at a: it is there twice"],
    [Uint8Array.of(0x81, 0xa1, 0x61, 0xc7, 0, 9), "at a: it is extension 9 of 0 bytes"],
    [Uint8Array.of(0x81, 0xdb, 0xff, 0xff, 0xff, 0xff), "a text of 4294967295 bytes"],
    [Uint8Array.from(Array(200).fill([0x81, 0xa1, 0x61]).flat()), "nested over 64 deep"],
    [
      Uint8Array.of(0x81, 0xa1, 0x61, 0xc7, 9, 1, 0x93, 0x91, 2, 0xa2, 0x66, 0x38, 0xc4, 1, 0),
      "it is of type f8, not one of float32",
    ],
    [
      Uint8Array.of(0x81, 0xa1, 0x61, 0xc7, 10, 1, 0x93, 0x91, 2, 0xa3, 60, 0x66, 0x34, 0xc4, 1, 0),
      "at a: float32 [2] takes 8 bytes, and it has 1",
    ],
  ];
  for (const [bytes, message] of cases) {
    withFile(bytes, (path) => assertThrows(() => openFlax(path), CheckpointError, message));
  }
});

Deno.test("flax: heads are as short as they can be, as Python's", () => {
  const map = (count: number) => pack.map(count);
  assertEquals([15, 16, 65_536].map(map), [[0x8f], [0xde, 0, 16], [0xdf, 0, 1, 0, 0]]);
  const text = (length: number) => pack.text("x".repeat(length)).slice(0, -length);
  assertEquals([31, 32, 256].map(text), [[0xbf], [0xd9, 32], [0xda, 1, 0]]);
  assertEquals([127, 128, 256].map(pack.size), [[127], [0xcc, 128], [0xcd, 1, 0]]);
});

/** The bytes of an array alone. */
const arrayBytes = (tensor: tf.Tensor) =>
  [...encode({ x: tensor })].slice(pack.text("x").length + 1);

Deno.test(
  "flax: small negative numbers, and layers whose names begin with a slash",
  scoped(() => {
    const bytes = [
      ...pack.map(2),
      ...[...pack.text("/conv"), ...pack.map(1), ...pack.text("mean")],
      ...arrayBytes(tf.tensor1d([1, 2])),
      ...[...pack.text("n"), 0xff],
    ];
    withFile(Uint8Array.from(bytes), (path) => {
      using file = openFlax(path);
      assertEquals([...file.entries.keys()], ["conv/mean", "n"]);
      assertEquals(values(file.read("n")), [-1]);
      assertEquals(values(file.read("conv/mean")), [1, 2]);
    });
  }),
);

Deno.test(
  "flax: parts that do not make one array are refused",
  scoped(() => {
    const inParts = (size: number, ...parts: tf.Tensor[]) =>
      Uint8Array.from([
        ...[...pack.map(1), ...pack.text("k"), ...pack.map(3)],
        ...[...pack.text("__msgpack_chunked_array__"), ...pack.boolean(true)],
        ...[...pack.text("shape"), ...pack.map(1), ...pack.text("0"), ...pack.size(size)],
        ...[...pack.text("chunks"), ...pack.map(parts.length)],
        ...parts.flatMap((part, i) => [...pack.text(`${i}`), ...arrayBytes(part)]),
      ]);
    const [float, integer] = [tf.tensor1d([1]), tf.tensor1d([2], "int32")];
    withFile(inParts(2, float, float), (path) => {
      using file = openFlax(path);
      assertEquals(values(file.read("k")), [1, 1]);
    });
    for (const bytes of [inParts(2, float, integer), inParts(3, float, float)]) {
      withFile(
        bytes,
        (path) =>
          void assertThrows(
            () => openFlax(path),
            CheckpointError,
            "its parts do not make an array",
          ),
      );
    }
  }),
);

Deno.test("flax: a list becomes a map of its positions", () => {
  tf.tidy(() => {
    withFile(encode([tf.scalar(1), [tf.scalar(2)]]), (path) => {
      using file = openFlax(path);
      assertEquals([...file.entries.keys()], ["0", "1/0"]);
      assertEquals(leaves([...file.entries.keys()].map(file.read)).flatMap(values), [1, 2]);
    });
  });
});
