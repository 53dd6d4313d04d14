import { assertEquals, assertThrows } from "@std/assert";
import { signalTo } from "../../lib/system/mod.ts";
import { missingPosix, testUnless } from "../_skip.ts";

testUnless(missingPosix, "a signal reaches a process; one that has ended needs none", async () => {
  const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
  signalTo(child, "SIGTERM");
  assertEquals((await child.status).signal, "SIGTERM");
  signalTo(child, "SIGTERM");
  const failing = {
    kill: () => {
      throw new Deno.errors.PermissionDenied("not yours");
    },
  };
  assertThrows(
    () => signalTo(failing as unknown as Deno.ChildProcess, "SIGTERM"),
    Deno.errors.PermissionDenied,
  );
});
