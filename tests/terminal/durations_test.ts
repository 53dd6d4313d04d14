import { assertEquals } from "@std/assert";
import { formatSeconds } from "../../lib/terminal/mod.ts";

Deno.test("formatSeconds: from parts of a second to days", () => {
  assertEquals(
    [0, 0.04, 9.96, 59.4, 59.6, 3599.4, 3599.6, 7500, 100_000, NaN].map(formatSeconds),
    [
      "0.0 s",
      "0.0 s",
      "10 s",
      "59 s",
      "1 min 0 s",
      "59 min 59 s",
      "1 h 0 min",
      "2 h 5 min",
      "27 h 47 min",
      "? s",
    ],
  );
});
