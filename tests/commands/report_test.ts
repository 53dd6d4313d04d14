import { assertRejects } from "@std/assert";
import { UsageError } from "../../lib/commands/_flags.ts";
import { reportCommand } from "../../lib/commands/report.ts";
import { recorder } from "../terminal/_recorder.ts";

Deno.test("report command: refuses what cannot be meant before it does anything", async () => {
  const refused: [args: string[], message: string][] = [
    [[], "Name a notebook, or --all"],
    [
      ["a.ipynb", "--format", "html,docx"],
      "--format must be a list, each one of html, pdf, ipynb, got html,docx",
    ],
    [["a.ipynb", "--in-place", "-p", "a=1"], "--in-place keeps what the notebook gives"],
    [["a.ipynb", "--in-place", "--no-execute"], "--in-place keeps what the notebook gives"],
    [["a.ipynb", "-p"], "--parameter needs a value"],
    [["a.ipynb", "-p", "1a=2"], 'Cannot read the parameter "1a=2"'],
    [["a.ipynb", "--fromat", "html"], "--fromat"],
  ];
  for (const [args, message] of refused) {
    await assertRejects(() => reportCommand(args, recorder(false)), UsageError, message);
  }
});
