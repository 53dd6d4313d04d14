import { assertEquals, assertRejects } from "@std/assert";
import {
  askPython,
  bytesField,
  doubleField,
  integerField,
  outputOf,
  reasonOf,
  sha256Of,
  sha256OfFile,
} from "../../lib/system/mod.ts";

// FIPS 180-2, appendix B.1.
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

Deno.test("the sha256 of pieces and of a file is that of the whole", async () => {
  assertEquals(sha256Of(["a", new TextEncoder().encode("bc")]), ABC);
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "abc");
    assertEquals(await sha256OfFile(path), ABC);
  } finally {
    await Deno.remove(path);
  }
  await assertRejects(() => sha256OfFile(path), Deno.errors.NotFound);
});

Deno.test("the reason of an error is its message, of anything else its text", () => {
  assertEquals(reasonOf(new RangeError("too small")), "too small");
  assertEquals(reasonOf("stopped"), "stopped");
  assertEquals(reasonOf(undefined), "undefined");
});

Deno.test("a program's output is undefined if it fails or is not there", async () => {
  assertEquals(await outputOf(["sh", "-c"], ["echo yes"]), "yes\n");
  assertEquals(await outputOf(["sh", "-c"], ["pwd"], "/"), "/\n");
  assertEquals(await outputOf(["sh", "-c"], ["echo no; exit 1"]), undefined);
  assertEquals(await outputOf(["sam-no-such-program"], []), undefined);
});

Deno.test("the first Python that succeeds answers", async () => {
  assertEquals((await askPython(["-c", "print(6 * 7)"]))?.answer, "42\n");
  assertEquals(await askPython(["-c", "raise SystemExit(1)"]), undefined);
});

Deno.test("fields are in the wire format of protocol buffers", () => {
  // The examples of the encoding guide (`protobuf.dev/programming-guides/encoding`).
  assertEquals(integerField(1, 150), [0x08, 0x96, 0x01]);
  assertEquals(bytesField(2, "testing"), [0x12, 7, ...new TextEncoder().encode("testing")]);
  assertEquals(bytesField(3, [0x08, 0x96, 0x01]), [0x1a, 3, 0x08, 0x96, 0x01]);
  assertEquals(doubleField(1, 1), [0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
  // Beyond 32 bits, as byte counts can be.
  assertEquals(integerField(1, 2 ** 35), [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]);
});
