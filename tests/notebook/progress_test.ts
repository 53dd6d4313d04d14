import { assertEquals, assertStringIncludes } from "@std/assert";
import { progress } from "../../lib/notebook/mod.ts";
import { withClock } from "../_wait.ts";
import { inNotebook } from "./_fake_jupyter.ts";

const texts = (shown: readonly { data: Readonly<Record<string, string>> }[]) =>
  shown.map(({ data }) => data["text/plain"]!.replace(/^[█░]+ /, ""));

Deno.test("progress: one place, four states a second at most, and always the last", () =>
  withClock(async (move) => {
    const shown = await inNotebook(async () => {
      const bar = progress(4, "work");
      await bar.update(1, "a");
      await bar.update(2, "b"); // too soon
      move(0.3);
      await bar.update(3);
      await bar.update(9, "d"); // too soon, and too many
      await bar.finish();
    });
    assertEquals(shown.map(({ type }) => type), [
      "display_data",
      "update_display_data",
      "update_display_data",
    ]);
    assertEquals(new Set(shown.map(({ place }) => place)).size, 1);
    assertEquals(texts(shown), [
      "work · 25 % · a · 0.0 s, 0.0 s left",
      "work · 75 % · b · 0.3 s, 0.1 s left",
      "work · 100 % · d · 0.3 s",
    ]);
  }));

Deno.test("progress: the time left by the share that is done, in minutes and hours", () =>
  withClock(async (move) => {
    const shown = await inNotebook(async () => {
      const bar = progress(1);
      move(60);
      await bar.update(0.25);
      move(3600);
      await bar.update(0.5, "half");
      await bar.finish("stopped");
    });
    assertEquals(texts(shown), [
      "25 % · 1 min 0 s, 3 min 0 s left",
      "50 % · half · 1 h 1 min, 1 h 1 min left",
      "50 % · stopped · 1 h 1 min, 1 h 1 min left",
    ]);
    assertEquals(shown[1]!.data["text/plain"]!.slice(0, 24), "█".repeat(12) + "░".repeat(12));
  }));

Deno.test("progress: labels and texts are no markup", async () => {
  const [{ data } = { data: {} as Record<string, string> }] = await inNotebook(async () => {
    await progress(1, 'a "<b>"').update(0.5, "c & <d>");
  });
  assertStringIncludes(data["text/html"]!, 'aria-label="a &quot;&lt;b&gt;&quot;"');
  assertStringIncludes(data["text/html"]!, "c &amp; &lt;d&gt;");
});

Deno.test("progress of an array: its share, and the last state stays", () =>
  withClock(async (move) => {
    const shown = await inNotebook(async () => {
      for (const x of progress([1, 2, 3, 4], "work")) move(x / 10);
      await Promise.resolve();
    });
    assertEquals(texts(shown).at(0), "work · 0 % · 0.0 s");
    assertEquals(texts(shown).at(-1), "work · 100 % · 1.0 s");
    assertEquals(new Set(shown.map(({ place }) => place)).size, 1);
  }));

Deno.test("progress of what does not tell its length: a count, or a share of the total given", () =>
  withClock(async (move) => {
    async function* source() {
      for (let i = 0; i < 4; i++) {
        move(0.5);
        yield await Promise.resolve(i);
      }
    }
    const seen: number[] = [];
    const shown = await inNotebook(async () => {
      for await (const i of progress(source(), "events")) seen.push(i);
      for await (const i of progress(source(), "known", 4)) seen.push(i);
      for (const i of progress(new Set([7]))) seen.push(i);
    });
    assertEquals(seen, [0, 1, 2, 3, 0, 1, 2, 3, 7]);
    const last = new Map(shown.map(({ place }, i) => [place, texts(shown)[i]]));
    assertEquals([...last.values()], [
      "events · 4 · 2.0 a second · 2.0 s",
      "known · 100 % · 2.0 s",
      "100 % · 0.0 s",
    ]);
  }));

Deno.test("progress: loops within a loop have one place for all rounds", () =>
  withClock(async (move) => {
    const shown = await inNotebook(async () => {
      for (const _ of progress([1, 2, 3], "outer")) {
        for (const __ of progress([1, 2], "inner")) move(1);
        await Promise.resolve();
      }
      for (const _ of progress([1], "after")) move(1);
    });
    const labels = shown.map(({ place }, i) => `${place} ${texts(shown)[i]!.split(" ")[0]}`);
    assertEquals(new Set(labels).size, 3);
    assertEquals(shown.filter(({ type }) => type === "display_data").length, 3);
  }));

Deno.test("progress: a loop left early or by an error ends the source and keeps its bar", () =>
  withClock(async (move) => {
    let ended = 0;
    function* source() {
      try {
        for (;;) yield 1;
      } finally {
        ended++;
      }
    }
    const shown = await inNotebook(async () => {
      let seen = 0;
      for (const x of progress(source(), "some", 4)) {
        move(1);
        if ((seen += x) === 3) break;
      }
      try {
        for (const _ of progress(source(), "none", 4)) throw new Error("stop");
      } catch { /* meant */ }
      for (const _ of progress([], "empty"));
      await Promise.resolve();
    });
    assertEquals(ended, 2);
    const last = new Map(shown.map(({ place }, i) => [place, texts(shown)[i]]));
    assertEquals([...last.values()], [
      "some · 50 % · 3.0 s, 3.0 s left",
      "none · 0 % · 0.0 s",
      "empty · 0 · 0.0 s",
    ]);
  }));
