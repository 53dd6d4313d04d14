import { join } from "node:path";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { parseIdx, readIdx } from "../../lib/data/sets/_idx.ts";
import { randomStream } from "../../lib/data/random_stream.ts";
import { DataError } from "../../lib/data/mod.ts";
import { gzip, idx, temporaryFolder } from "./_files.ts";

const pixels = Array.from({ length: 12 }, (_, i) => i * 20);
const good = idx([3, 2, 2], pixels);

Deno.test("parseIdx gives a view of the elements", () => {
  const elements = parseIdx(good, [3, 2, 2], "x");
  assertEquals([...elements], pixels);
  assert(elements.buffer === good.buffer);
});

Deno.test("parseIdx says what was found, what was expected, and the remedy", () => {
  const cases: [name: string, bytes: Uint8Array, found: string, expected: string][] = [
    ["empty", good.subarray(0, 0), "found 0 bytes", "expected an IDX header"],
    ["labels as images", idx([3], [1, 2, 3]), "magic number 2049", "expected 2051"],
    ["other element type", good.map((b, i) => i === 2 ? 0x0d : b), "number 3331", "expected 2051"],
    ["header cut", good.subarray(0, 15), "found 15 bytes", "a header of 16 bytes"],
    ["count", idx([4, 2, 2], pixels), "dimensions 4 x 2 x 2", "expected 3 x 2 x 2"],
    ["side", idx([3, 2, 3], pixels), "dimensions 3 x 2 x 3", "expected 3 x 2 x 2"],
    ["huge", idx([0xffffffff, 2, 2], pixels), "4294967295 x 2 x 2", "expected 3 x 2 x 2"],
    ["truncated", good.subarray(0, 27), "27 bytes (truncated)", "expected 28 bytes"],
    ["trailing", idx([3, 2, 2], [...pixels, 0]), "trailing bytes after byte 28", "28 bytes"],
  ];
  for (const [name, bytes, found, expected] of cases) {
    const error = assertThrows(() => parseIdx(bytes, [3, 2, 2], "/d/images.gz"), DataError, found);
    assertStringIncludes(error.message, expected);
    assertStringIncludes(error.message, "/d/images.gz");
    assertStringIncludes(error.message, "delete the file");
    assertEquals(error.path, "/d/images.gz", name);
  }
});

Deno.test("parseIdx survives ten thousand damaged inputs with DataError alone", () => {
  const random = randomStream(7, "fuzz");
  let accepted = 0;
  for (let i = 0; i < 10_000; i++) {
    const bytes = damage(good, random);
    try {
      const elements = parseIdx(bytes, [3, 2, 2], "fuzz");
      assertEquals(elements.length, 12);
      assert(elements.buffer === bytes.buffer, "The parser allocated memory");
      accepted++;
    } catch (error) {
      assert(error instanceof DataError, `Got ${error}`);
    }
  }
  // Damage to elements alone cannot be seen; everything else must be.
  assert(accepted > 0 && accepted < 5000, `${accepted} accepted`);
});

Deno.test("readIdx survives damaged gzip files with DataError alone", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "fuzz.gz");
  const whole = await gzip(good);
  const random = randomStream(8, "fuzz");
  for (let i = 0; i < 150; i++) {
    await Deno.writeFile(path, damage(whole, random));
    try {
      assertEquals([...await readIdx(path, [3, 2, 2])], pixels);
    } catch (error) {
      assert(error instanceof DataError, `Got ${error}`);
      assertStringIncludes(error.message, path);
    }
  }
});

Deno.test("readIdx reads a whole file, owned by the caller", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "a.gz");
  await Deno.writeFile(path, await gzip(good));
  const elements = await readIdx(path, [3, 2, 2]);
  assertEquals([...elements], pixels);
  assertEquals(elements.buffer.byteLength, 12);
});

Deno.test("readIdx refuses truncated, damaged, foreign and absent files", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "a.gz");
  const whole = await gzip(good);
  const refuses = async (bytes: Uint8Array, part: string) => {
    await Deno.writeFile(path, bytes);
    await assertRejects(() => readIdx(path, [3, 2, 2]), DataError, part);
  };
  await refuses(
    whole.subarray(0, whole.length - 9),
    `its first ${whole.length - 9} bytes are not a whole`,
  );
  await refuses(whole.map((b, i) => i === whole.length - 6 ? b ^ 1 : b), "checksum");
  await refuses(new TextEncoder().encode("<html>Not found</html>"), "invalid gzip header");
  await refuses(new Uint8Array(0), "its first 0 bytes are not a whole gzip file");
  await refuses(new Uint8Array([...whole, 0]), "not a whole gzip file");
  await refuses(await gzip(idx([3, 2, 2], [...pixels, 9])), "trailing bytes");
  await assertRejects(() => readIdx(join(folder.path, "no"), [1]), DataError, "no such file");
  await assertRejects(() => readIdx(folder.path, [1]), DataError, folder.path);
});

Deno.test("readIdx unpacks no more than the shape allows", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "bomb.gz");
  // 32 MB that pack into 32 kB; unpacking stops after the first bytes.
  await Deno.writeFile(path, await gzip(idx([3, 2, 2], new Uint8Array(32e6))));
  const before = Deno.memoryUsage();
  await assertRejects(() => readIdx(path, [3, 2, 2]), DataError, "trailing bytes");
  const after = Deno.memoryUsage();
  assert(after.external + after.heapUsed - before.external - before.heapUsed < 20e6);
});

/** Flips bits, cuts, lengthens, or replaces everything by noise. */
function damage(bytes: Uint8Array, random: ReturnType<typeof randomStream>) {
  const kind = random.below(4);
  if (kind === 0) return Uint8Array.from({ length: random.below(64) }, () => random.below(256));
  if (kind === 1) return bytes.slice(0, random.below(bytes.length));
  if (kind === 2) {
    const more = new Uint8Array(bytes.length + 1 + random.below(8));
    more.set(bytes);
    return more;
  }
  const copy = bytes.slice();
  for (let n = 1 + random.below(3); n > 0; n--) {
    copy[random.below(copy.length)]! ^= 1 << random.below(8);
  }
  return copy;
}
