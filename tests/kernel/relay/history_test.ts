import { assertEquals } from "@std/assert";
import { History } from "../../../lib/kernel/relay/_history.ts";

function history(): History {
  const history = new History();
  history.add(1, "let a = 1");
  history.add(2, "a", "1");
  history.add(3, "a + 1", "2");
  history.add(4, "a", "1");
  return history;
}

/** The numbers of the cells that a request finds. */
const numbers = (request: Record<string, unknown>) =>
  (history().answer(request).history as unknown[][]).map(([, number]) => number);

Deno.test("history: a range is half open, of the session that runs", () => {
  assertEquals(numbers({ hist_access_type: "range", start: 2, stop: 4 }), [2, 3]);
  assertEquals(numbers({ hist_access_type: "range", session: 0 }), [1, 2, 3, 4]);
  assertEquals(numbers({ hist_access_type: "range", session: 7 }), []);
});

Deno.test("history: the tail are the last ones, with outputs where asked for", () => {
  assertEquals(numbers({ hist_access_type: "tail", n: 2 }), [3, 4]);
  assertEquals(numbers({ hist_access_type: "tail", n: 0 }), []);
  assertEquals(history().answer({ hist_access_type: "tail", n: 1, output: true }), {
    status: "ok",
    history: [[1, 4, ["a", "1"]]],
  });
  assertEquals(history().answer({ hist_access_type: "tail", n: 1 }).history, [[1, 4, "a"]]);
});

Deno.test("history: a search takes patterns of the whole text, each input once if so asked", () => {
  assertEquals(numbers({ hist_access_type: "search", pattern: "a" }), [2, 4]);
  assertEquals(numbers({ hist_access_type: "search", pattern: "a*" }), [2, 3, 4]);
  assertEquals(numbers({ hist_access_type: "search", pattern: "?" }), [2, 4]);
  assertEquals(numbers({ hist_access_type: "search", pattern: "a + 1" }), [3]);
  assertEquals(numbers({ hist_access_type: "search", unique: true, n: 2 }), [4, 3]);
});
