import { assertEquals, assertStringIncludes } from "@std/assert";
import { progress } from "../../lib/notebook/mod.ts";
import { inNotebook, withClock } from "./_fake_jupyter.ts";

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
