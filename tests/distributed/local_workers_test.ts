/** `train --local-workers`. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { missingPosix, testUnless } from "../_skip.ts";
import { cli, tinyConfig, withFolder } from "../train/_runs.ts";
import { start, tfConfig } from "./_workers.ts";

const TRAIN = ["train", "--model", tinyConfig.model, "--train-count", "8", "--test-count", "4"];
const ONE_EPOCH = [...TRAIN, "--batch-size", "4", "--epochs", "1"];

testUnless(
  missingPosix,
  "local workers: of a flag that is repeated the last one counts",
  () =>
    withFolder(async (out) => {
      // Each would begin a cluster of its own in the same folder.
      const flags = ["--local-workers=3", "--local_workers", "2", "--output-dir", out];
      await using workers = cli([...ONE_EPOCH, ...flags]);
      const { code, stderr } = await workers.ended;
      assertEquals(code, 0, stderr);
      assertEquals(stderr.match(/^worker \d.*/gm), null);
    }),
);

testUnless(
  missingPosix,
  "local workers are refused to a worker of TF_CONFIG",
  () =>
    withFolder(async (out) => {
      const args = ["run", "-q", "--allow-all", "cli.ts", ...ONE_EPOCH, "--output-dir", out];
      const TF_CONFIG = tfConfig([2222, 2223], 0);
      await using worker = start([...args, "--local-workers", "2"], { TF_CONFIG });
      const { code, stderr } = await worker.ended;
      assertEquals(code, 2, stderr);
      const why =
        "error: --local-workers 2: this process is a worker of the cluster in TF_CONFIG. Leave";
      assertStringIncludes(stderr, why);
    }),
);
