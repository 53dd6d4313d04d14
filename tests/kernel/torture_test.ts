/** `deno task torture` in small. */
import { assert, assertEquals } from "@std/assert";
import { testUnless } from "../_skip.ts";
import { STOP_MS } from "./_kernel.ts";
import { missingProc } from "./_processes.ts";
import { torture } from "./_torture.ts";

testUnless(
  missingProc,
  "the kernel survives hostile clients and random moments",
  async () => {
    // A subscriber that reads nothing takes 15 s to be disconnected: in `peers_test.ts`.
    const { counts, failures, idleMiB, mostMiB } = await torture({
      milliseconds: 8000,
      stopMs: STOP_MS,
      seed: 7,
      without: ["a subscriber that reads nothing"],
    });
    assertEquals(failures, []);
    assert(counts.size >= 10, `Only ${counts.size} kinds of attack`);
    assert(mostMiB - idleMiB < 600, `${idleMiB} to ${mostMiB} MiB`);
  },
);
