// deno-lint-ignore-file no-console -- what is printed is what is tested
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { time } from "../../lib/notebook/mod.ts";
import { withClock } from "../_wait.ts";

/** What is printed meanwhile. */
async function printed(body: () => unknown): Promise<string[]> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(line);
  try {
    await body();
  } finally {
    console.log = log;
  }
  return lines;
}

Deno.test("time: of a function, of a promise, and of what fails", () =>
  withClock(async (move) => {
    const lines = await printed(async () => {
      assertEquals(time("sum", () => (move(0.0123456), 3)), 3);
      const later = time(async function slow() {
        await Promise.resolve();
        move(75);
        return 4;
      });
      assertEquals(await later, 4);
      assertThrows(() => time(() => JSON.parse("{")), SyntaxError);
      await assertRejects(
        () => time("lost", () => Promise.reject(new RangeError("no"))),
        RangeError,
      );
    });
    assertEquals(lines, ["sum: 12.3 ms", "slow: 1 min 15 s", "time: 0 ms", "lost: 0 ms"]);
  }));
