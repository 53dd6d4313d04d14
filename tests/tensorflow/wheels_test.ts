/** The wheels of machines that are not at hand: their libraries export what is bound. @module */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { unzip } from "../../lib/tensorflow/install/_unzip.ts";
import { wheelName, WHEELS, wheelsFor } from "../../lib/tensorflow/install/_wheels.ts";
import { symbols } from "../../lib/tensorflow/native/_c_api.ts";
import { sha256OfFile } from "../../lib/system/mod.ts";
import { testUnless } from "../_skip.ts";
import { elfExports } from "./_elf.ts";
import { machOExports } from "./_mach_o.ts";

const asked = Deno.env.get("SAM_TEST_WHEELS") === "1"
  ? undefined
  : "SAM_TEST_WHEELS=1 lets it download 505 MB";

for (const [os, exportsOf] of [["darwin", machOExports], ["linux", elfExports]] as const) {
  testUnless(
    asked,
    `wheels: the libraries for ${os} aarch64 export every bound function`,
    async () => {
      const [wheel] = wheelsFor(WHEELS, "cpu", os, "aarch64");
      const { name, version, platforms } = wheelName(wheel!.file);
      const folder = await Deno.makeTempDir();
      try {
        const { success, stderr } = await new Deno.Command("python3", {
          args: [
            ...["-m", "pip", "download", `${name}==${version}`, "--no-deps", "--only-binary=:all:"],
            ...["-q", "--no-cache-dir", "--python-version=3.12", `--dest=${folder}`],
            ...platforms.map((platform) => `--platform=${platform}`),
          ],
          env: { TMPDIR: folder },
        }).output();
        assert(success, new TextDecoder().decode(stderr));
        const archive = join(folder, wheel!.file);
        assertEquals(await sha256OfFile(archive), wheel!.sha256);
        await unzip(archive, folder, wheel!.entries);
        const missing = new Set<string>(
          Object.entries(symbols).map(([key, symbol]) => "name" in symbol ? symbol.name : key),
        );
        for (const entry of wheel!.entries) {
          for (const name of await exportsOf(join(folder, String(entry)), missing)) {
            missing.delete(name);
          }
        }
        assertEquals([...missing], []);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  );
}
