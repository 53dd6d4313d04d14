import { train } from "sam";
import process from "node:process";
const t = performance.now();
for await (
  const e of train.train({
    ...train.defaultConfig,
    dataset: "cifar10",
    model: "wide_resnet_10_1",
    samRho: 0.05,
    epochs: 1,
    augmentation: "autoaugment",
    batchSize: 128,
  }, { dataDir: "/tmp/cifull", download: false, folder: Deno.makeTempDirSync() })
) {
  if (e.type === "step" && e.step % 100 === 0) {
    console.log(
      e.step,
      Math.round(e.imagesPerSecond),
      Math.round(process.resourceUsage().maxRSS / 1024),
    );
  }
}
console.log(
  "s",
  (performance.now() - t) / 1000,
  "peak MiB",
  Math.round(process.resourceUsage().maxRSS / 1024),
);
