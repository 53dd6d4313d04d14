/**
 * Table 3, finetuning of EfficientNet-L2.
 *
 * - Command: `deno task sweep notebooks/experiments/paper/table_3_efficientnet_l2.ts`; one row:
 *   `--only cifar10`
 * - Machine: of the estimate: 2 × AMD EPYC, without a GPU; of the paper: TPUv3 with 64 cores
 * - Time: 42,000 hours for the first run, estimated; half of it without SAM
 * - Expected: ImageNet: 11.39 % with SAM and 11.80 % without; CIFAR-10: 0.30 % with SAM and 0.34 %
 *   without; CIFAR-100: 3.92 % with SAM and 4.07 % without
 *
 * The checkpoint is to be put where `initFrom` says. Batch size, learning rate, decay and epochs are
 * from memory of appendix C, and not compared with its text: check them before a long run. The
 * reference's code has no settings for it; the command in its README (ImageNet, EfficientNet-L2 at 475
 * pixels) has others: batches of 512, learning rate 0.1, 10 epochs, gradient clipping 1, label smoothing
 * 0.1, rho 0.1.
 */
import { finetuning } from "./_settings.ts";

export default finetuning("EfficientNet-L2", "efficientnet_l2");
