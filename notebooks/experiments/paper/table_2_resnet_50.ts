/**
 * Table 2, ResNet-50 on ImageNet.
 *
 * - Command: `deno task sweep notebooks/experiments/paper/table_2_resnet_50.ts`; one row: `--only
 *   "400 epochs"`
 * - Machine: of the estimate: 2 × AMD EPYC, without a GPU; of the paper: TPUv3 with 32 cores
 *   (section 3.2)
 * - Time: 9,000 hours for the first run, estimated; half of it without SAM
 * - Expected: 100 epochs: 22.5 % with SAM and 22.9 % with SGD; 200 epochs: 21.4 % with SAM and 22.3
 *   % with SGD; 400 epochs: 20.9 % with SAM and 22.3 % with SGD
 */
import { imageNet } from "./_settings.ts";

export default imageNet("ResNet-50", "resnet_50");
