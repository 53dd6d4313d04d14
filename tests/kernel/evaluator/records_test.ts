import { assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { OutputPipe } from "../../../lib/kernel/evaluator/inside/_pipe.ts";
import { createShared, Word } from "../../../lib/kernel/evaluator/inside/_shared.ts";
import {
  type EvaluatorOutput,
  FIRST,
  MAX_PIECE,
  MESSAGE,
  RecordReader,
} from "../../../lib/kernel/evaluator/channel/_records.ts";

const encoder = new TextEncoder();

/** A pipe, and a function that takes what is in its ring. */
function pipeAndTake(poll: () => void = () => {}) {
  const shared = createShared();
  const { words, ring } = shared;
  let woken = 0;
  const pipe = new OutputPipe(shared, () => void woken++, poll);
  const take = (): Buffer => {
    const [head, tail] = [words[Word.HEAD]! >>> 0, words[Word.TAIL]! >>> 0];
    const bytes = Buffer.from(
      Array.from({ length: (head - tail) >>> 0 }, (_, i) => ring[(tail + i) % ring.length]!),
    );
    words[Word.TAIL] = head;
    words[Word.ASLEEP] = 1;
    return bytes;
  };
  return { pipe, take, words, woken: () => woken };
}

/** Texts of one kind in a row are one, however the bytes were cut. */
function joined(outputs: readonly EvaluatorOutput[]): unknown[] {
  const all: (string | [string, string, number[][]])[] = [];
  for (const output of outputs) {
    if (output.type === "message") {
      const { head, content, buffers } = output;
      all.push([head.type, content.toString(), buffers.map((buffer) => [...buffer])]);
    } else if (String(all.at(-1)).startsWith(`${output.type}:`)) all.push(all.pop() + output.text);
    else all.push(`${output.type}:${output.text}`);
  }
  return all;
}

Deno.test("outputs arrive as they were put out, wherever the stream is cut", () => {
  const { pipe, take, woken } = pipeAndTake();
  pipe.text("stdout", "ρ = 0.05\n");
  pipe.text("stdout", "");
  pipe.text("stdout", "😀\n");
  pipe.text("stderr", "warning");
  const buffers = [new Uint8Array([1, 2]), new Uint8Array(), new Uint8Array([3])];
  pipe.message("comm_msg", encoder.encode('{"a":1}'), { m: 1 }, buffers);
  pipe.text("stdout", "after");
  assertEquals(woken(), 1, "The worker is woken once");
  const bytes = take();
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = new RecordReader();
    const outputs = [...reader.take(bytes.subarray(0, cut)), ...reader.take(bytes.subarray(cut))];
    assertEquals(joined(outputs), [
      "stdout:ρ = 0.05\n😀\n",
      "stderr:warning",
      ["comm_msg", '{"a":1}', [[1, 2], [], [3]]],
      "stdout:after",
    ]);
  }
});

Deno.test("long texts and messages are in pieces, characters whole; positions pass 2^32", () => {
  const { pipe, take, words } = pipeAndTake();
  words[Word.HEAD] = words[Word.TAIL] = 2 ** 32 - 1000;
  for (const text of ["x" + "😀".repeat(50_000), "ρ".repeat(100_000), "y".repeat(MAX_PIECE)]) {
    const reader = new RecordReader();
    pipe.text("stdout", text);
    assertEquals(joined([...reader.take(take())]), [`stdout:${text}`]);
    pipe.message("display_data", encoder.encode(text), {}, []);
    assertEquals(joined([...reader.take(take())]), [["display_data", text, []]]);
  }
});

Deno.test("a message that was cut off in the evaluator ends where another one starts", () => {
  const { pipe, take } = pipeAndTake();
  pipe.message("whole", encoder.encode("{}"), {}, []);
  const half = Buffer.from([MESSAGE | FIRST, 6, 0, 0, 0, 2, 0, 0, 0, 0x7b, 0x7d]);
  const reader = new RecordReader();
  assertEquals(joined([...reader.take(Buffer.concat([half, take()]))]), [["whole", "{}", []]]);
});

Deno.test("while the ring is full nothing is overwritten, and an interrupt ends the wait", () => {
  let polls = 0;
  const { pipe, take, words } = pipeAndTake(() => {
    if (++polls > 1) throw new Error("interrupted");
  });
  const line = "x".repeat(21_845);
  assertThrows(
    () => {
      for (let i = 0;; i++) pipe.text("stdout", i % 2 === 0 ? line : line.toUpperCase());
    },
    Error,
    "interrupted",
  );
  assertEquals(polls, 2);
  const lines = [...new RecordReader().take(take())].flatMap((output) =>
    output.type === "message" ? [] : [output.text]
  ).join("").match(/x+|X+/g)!;
  assertEquals(new Set(lines.map(({ length }) => length)), new Set([21_845]));
  assertEquals([lines.length, lines[0]![0]], [Math.floor(2 ** 20 / 21_850), "x"]);
  assertEquals(words[Word.HEAD], words[Word.TAIL]);
});
