import { assert, assertEquals } from "@std/assert";
import { joinRestart } from "../../lib/runs/_restart.ts";
import { pause } from "../_wait.ts";
import { withFolder } from "../train/_runs.ts";

Deno.test("restart: who comes while another begins joins that, not one that is over", () =>
  withFolder(async (outputDir) => {
    (await joinRestart(outputDir, "one"))[Symbol.dispose]();
    const { truncate } = Deno.FsFile.prototype;
    Deno.FsFile.prototype.truncate = async function (length) {
      await pause(100); // on a loaded machine
      return await truncate.call(this, length);
    };
    try {
      const both = await Promise.all([1, 2].map(() => joinRestart(outputDir, "one")));
      await both[0]!.begin(outputDir);
      assertEquals(await Promise.all(both.map((one) => one.hasBegun(outputDir))), [true, true]);
      both.forEach((one) => one[Symbol.dispose]());
    } finally {
      Deno.FsFile.prototype.truncate = truncate;
    }
    const next = await joinRestart(outputDir, "one");
    assert(!await next.hasBegun(outputDir));
    next[Symbol.dispose]();
  }));
