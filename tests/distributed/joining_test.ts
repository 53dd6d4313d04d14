/** Workers that answer one another but cannot become a group: each says so, and none waits for ever. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { freePorts } from "../../lib/system/mod.ts";
import { missingPosix, testUnless } from "../_skip.ts";
import { PATIENCE_MS, pause } from "../_wait.ts";
import { start, tfConfig } from "./_workers.ts";

/** Connects, and prints why it cannot. */
const SCRIPT = `
import { clusterFrom, Workers } from "./lib/distributed/mod.ts";
const controller = new AbortController();
Deno.addSignalListener("SIGTERM", () => controller.abort(new Error("told to stop")));
console.log("begins");
const options = { startSeconds: Number(Deno.env.get("SECONDS")), signal: controller.signal };
try {
  await Workers.connect(clusterFrom(), options);
} catch (error) {
  console.log(error.message);
  Deno.exit(4);
}`;

/** What each of these says; all have to end by themselves. */
async function refusals(configs: readonly string[], seconds = 12, isTold = false) {
  const workers = configs.map((config) =>
    start(["eval", "--no-check", "--ext=ts", SCRIPT], { TF_CONFIG: config, SECONDS: `${seconds}` })
  );
  const end = (signal: Deno.Signal) => workers.forEach(({ process }) => process.kill(signal));
  const limit = setTimeout(() => end("SIGKILL"), PATIENCE_MS);
  try {
    if (isTold) {
      await Promise.all(workers.map((worker) => worker.until("begins")));
      await pause(3000); // until they have met
      end("SIGTERM");
    }
    const all = await Promise.all(workers.map(({ ended }) => ended));
    assertEquals(all.map(({ code }) => code), configs.map(() => 4), JSON.stringify(all));
    return all.map(({ stdout }) => stdout.replace("begins\n", "").trim());
  } finally {
    clearTimeout(limit);
    await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
  }
}

testUnless(missingPosix, "workers: both are of index 0: both say so", async () => {
  const ports = freePorts(2);
  const all = await refusals([tfConfig(ports, 0), tfConfig(ports.toReversed(), 0)]);
  for (const message of all) {
    const why =
      "Cannot begin: all 2 workers answer, but they are no group after 12 s, as when two " +
      "have the same index. Start all again, each with its own index";
    assertStringIncludes(message, why);
  }
});

testUnless(
  missingPosix,
  "workers: two of three are of index 1: one says so, none waits",
  async () => {
    const [first, second, third] = freePorts(3) as [number, number, number];
    const ports = [first, second, third];
    const configs = [tfConfig(ports, 0), tfConfig(ports, 1), tfConfig([first, third, second], 1)];
    const twice = (await refusals(configs)).filter((message) =>
      /worker 1 of 3 \(127.0.0.1:\d+\) has joined before/.test(message)
    );
    assert(twice.length > 0);
  },
);

testUnless(missingPosix, "workers: told to stop where no group comes to be, all end", async () => {
  const ports = freePorts(2);
  const all = await refusals([tfConfig(ports, 0), tfConfig(ports.toReversed(), 0)], 50, true);
  assertEquals(all, ["told to stop", "told to stop"]);
});
