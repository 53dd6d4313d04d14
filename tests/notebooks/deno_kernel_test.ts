/**
 * The project's notebooks on Deno's own kernel, in miniature. It loses outputs, so that they are not
 * compared: every cell has to run, and every notebook says what may be missing. Needs `.venv/lab`.
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { executeNotebook, joined, readNotebook, withParameters } from "../../lib/reports/mod.ts";
import { missingLab, testLab } from "../_lab.ts";
import { testUnless } from "../_skip.ts";
import { DENO_KERNEL } from "../kernel/_kernel.ts";

const folder = join(import.meta.dirname!, "..", "..", "notebooks");
const names = Array.from(Deno.readDirSync(folder), ({ name }) => name)
  .filter((name) => name.endsWith(".ipynb"));

Deno.test("every notebook says that it runs on Deno's own kernel, and what may be missing there", async () => {
  for (const name of names) {
    const { cells: [first] } = await readNotebook(join(folder, name));
    const said = joined(first?.source ?? "");
    assert(/runs on Deno's own kernel.*, which can lose outputs/.test(said), name);
  }
});

testUnless(missingLab, "the notebooks run to their end on Deno's own kernel", async (t) => {
  const programs = await testLab();
  const output = await Deno.makeTempDir();
  const kernels = join(output, "kernels", "deno-own");
  await Deno.mkdir(kernels, { recursive: true });
  await Deno.writeTextFile(
    join(kernels, "kernel.json"),
    JSON.stringify({ ...DENO_KERNEL, display_name: "Deno", language: "typescript" }),
  );
  Deno.env.set("JUPYTER_PATH", output);
  try {
    for (const name of names) {
      await t.step(name, async () => {
        const notebook = await readNotebook(join(folder, name));
        const runs = name.startsWith("data_gallery") ? {} : { outputDir: join(output, "runs") };
        const failed = await executeNotebook(
          {
            ...withParameters(notebook, { smoke: true, ...runs }),
            metadata: {
              ...notebook.metadata,
              kernelspec: { ...notebook.metadata.kernelspec!, name: "deno-own" },
            },
          },
          join(output, name),
          { programs, folder, kernel: "deno-own" },
        );
        assertEquals(failed, undefined);
        const { cells } = await readNotebook(join(output, name));
        const code = cells.filter(({ cell_type }) => cell_type === "code");
        assert(code.every(({ execution_count }) => typeof execution_count === "number"));
      });
    }
  } finally {
    Deno.env.delete("JUPYTER_PATH");
    await Deno.remove(output, { recursive: true });
  }
});
