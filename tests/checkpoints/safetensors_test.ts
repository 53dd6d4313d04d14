import { Buffer } from "node:buffer";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedArrays,
} from "../../lib/checkpoints/safetensors.ts";

const ARRAYS: NamedArrays = {
  "conv/kernel": {
    dtype: "F32",
    shape: [1, 2, 3],
    data: Float32Array.of(-0.5, -0.25, 0, 0.25, 0.5, 0.75),
  },
  "conv/bias": { dtype: "F32", shape: [3], data: Float32Array.of(-0, 1e-45, Infinity) },
  step: { dtype: "I32", shape: [], data: Int32Array.of(7) },
  seed: { dtype: "I64", shape: [2], data: BigInt64Array.of(-1n, 2n ** 62n) },
  image: { dtype: "U8", shape: [1, 3], data: Uint8Array.of(0, 127, 255) },
  mask: { dtype: "BOOL", shape: [2], data: Uint8Array.of(1, 0) },
  empty: { dtype: "F32", shape: [0, 3], data: new Float32Array(0) },
  größe: { dtype: "F32", shape: [1], data: Float32Array.of(1.5) },
};
const METADATA = { note: "made by Python's safetensors" };
/** Made by `safetensors_python.py` beside it, with Python's safetensors 0.8.0. */
const GOLDEN = new URL("../goldens/safetensors_python.safetensors", import.meta.url);

const encode = (...args: Parameters<typeof encodeSafetensors>) =>
  new Uint8Array(Buffer.concat(encodeSafetensors(...args)));

/** A file with this header and this many bytes of data. */
function file(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const f32 = (begin: number, end: number) => ({
  dtype: "F32",
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
});

Deno.test("safetensors: writes the bytes that Python's library writes", async () => {
  assertEquals(encode(ARRAYS, METADATA), await Deno.readFile(GOLDEN));
});

Deno.test("safetensors: reads what Python's library wrote", async () => {
  const { arrays, metadata } = decodeSafetensors(await Deno.readFile(GOLDEN), "golden");
  assertEquals(metadata, METADATA);
  assertEquals(arrays, ARRAYS);
});

Deno.test("safetensors: arrays view the file's memory, and are copied where it is unaligned", () => {
  const bytes = encode({ w: { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) } });
  assertEquals(decodeSafetensors(bytes).arrays.w!.data.buffer, bytes.buffer);
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  assertEquals(decodeSafetensors(shifted.subarray(1)).arrays.w!.data, Float32Array.of(1, 2));
});

Deno.test("safetensors: an array that is a part of a larger one is written alone", () => {
  const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
  const { arrays } = decodeSafetensors(encode({ w: { dtype: "F32", shape: [2], data } }));
  assertEquals(arrays.w!.data, Float32Array.of(1, 2));
});

Deno.test("safetensors: no arrays, no metadata, and names that JavaScript finds special", () => {
  assertEquals(decodeSafetensors(encode({})), { arrays: {}, metadata: {} });
  const one = { dtype: "U8", shape: [], data: Uint8Array.of(1) } as const;
  const special = Object.fromEntries(["__proto__", "constructor", "1", "0"].map((n) => [n, one]));
  const { arrays } = decodeSafetensors(encode(special));
  assertEquals(Object.keys(arrays).sort(), ["0", "1", "__proto__", "constructor"]);
  assertEquals(arrays["1"], one);
});

Deno.test("safetensors: refuses to write what cannot be read back", () => {
  const data = Float32Array.of(1, 2);
  assertThrows(
    () => encodeSafetensors({ w: { dtype: "F32", shape: [3], data } }),
    RangeError,
    'Cannot encode tensor "w": shape [3] does not hold 2 elements',
  );
  assertThrows(
    () => encodeSafetensors({ w: { dtype: "I32", shape: [2], data } as never }),
    TypeError,
    "I32 needs Int32Array data",
  );
  for (const name of ["", "__metadata__"]) {
    assertThrows(
      () => encodeSafetensors({ [name]: { dtype: "F32", shape: [2], data } }),
      TypeError,
      "the name is reserved",
    );
  }
});

const DAMAGED: Record<string, [Uint8Array, string]> = {
  "an empty file": [new Uint8Array(0), "it has 0 bytes, less than a header"],
  "a huge header": [
    new Uint8Array(16).fill(255),
    "its header claims 18446744073709552000 bytes of 8",
  ],
  "a header longer than the file": [
    Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 0),
    "its header claims 9 bytes of 1",
  ],
  "broken JSON": [file("{", 0), "its header is not JSON"],
  "bytes that are not UTF-8": [file("{}", 0).with(9, 255), "its header is not JSON"],
  "a list as header": [file([], 0), "its header is not a JSON object"],
  "metadata of numbers": [file({ __metadata__: { a: 1 } }, 0), "its metadata is not a map of"],
  "an entry that is no object": [file({ w: 1 }, 0), 'tensor "w" has no description'],
  "an unknown type": [
    file({ w: { ...f32(0, 8), dtype: "constructor" } }, 8),
    'tensor "w" has type "constructor", not one of I64, F32, I32, U8, BOOL',
  ],
  "a negative size": [file({ w: { ...f32(0, 8), shape: [-2] } }, 8), 'tensor "w" has shape [-2]'],
  "three offsets": [
    file({ w: { ...f32(0, 8), data_offsets: [0, 4, 8] } }, 8),
    'tensor "w" has offsets [0,4,8]',
  ],
  "a shape that does not fit": [
    file({ w: { ...f32(0, 8), shape: [3] } }, 8),
    'tensor "w" needs 12 bytes for shape [3], but has offsets [0,8]',
  ],
  "overlapping arrays": [
    file({ a: f32(0, 8), b: f32(4, 12) }, 12),
    'tensor "b" overlaps the tensor before it (begins at 4, expected 8)',
  ],
  "a hole": [
    file({ a: f32(0, 4), b: f32(8, 12) }, 12),
    'tensor "b" leaves a hole before it (begins at 8, expected 4)',
  ],
  "too few bytes": [file({ a: f32(0, 4), b: f32(4, 12) }, 8), 'tensor "b" ends at byte'],
  "too many bytes": [file({ a: f32(0, 4) }, 5), "1 bytes after the last tensor belong to none"],
};

for (const [what, [bytes, problem]] of Object.entries(DAMAGED)) {
  Deno.test(`safetensors: ${what} is refused`, () => {
    const error = assertThrows(
      () => decodeSafetensors(bytes, "runs/x.safetensors"),
      Deno.errors.InvalidData,
      problem,
    );
    assertStringIncludes(error.message, "Cannot read runs/x.safetensors: ");
  });
}

Deno.test("safetensors: every truncation of a file is refused", () => {
  const bytes = encode(ARRAYS, METADATA);
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(() => decodeSafetensors(bytes.slice(0, length)), Deno.errors.InvalidData);
  }
  assert(decodeSafetensors(bytes));
});
