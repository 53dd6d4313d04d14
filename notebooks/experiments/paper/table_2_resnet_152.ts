/**
 * Table 2, ResNet-152 on ImageNet.
 *
 * - Command: `deno task sweep notebooks/experiments/paper/table_2_resnet_152.ts`; one row: `--only
 *   "400 epochs"`
 * - Machine: of the estimate: 2 × AMD EPYC, without a GPU; of the paper: TPUv3 with 32 cores
 *   (section 3.2)
 * - Time: 25,000 hours for the first run, estimated; half of it without SAM
 * - Expected: 100 epochs: 19.2 % with SAM and 20.4 % with SGD; 200 epochs: 18.5 % with SAM and 20.3
 *   % with SGD; 400 epochs: 18.4 % with SAM and 20.9 % with SGD
 */
import { imageNet } from "./_settings.ts";

export default imageNet("ResNet-152", "resnet_152");
