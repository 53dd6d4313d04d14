import { percent } from "./_text.ts";
import type { Setting } from "./select_epochs.ts";

const DATASETS: Readonly<Record<string, string>> = {
  cifar10: "CIFAR-10",
  cifar100: "CIFAR-100",
  fashion_mnist: "Fashion-MNIST",
  fashion_mnist_small: "Fashion-MNIST (2,000)",
  imagenet: "ImageNet",
  svhn: "SVHN",
  svhn_core: "SVHN",
};

const AUGMENTATIONS: Readonly<Record<string, string>> = {
  none: "no augmentation",
  basic: "flips and crops",
};

/** `fashion_mnist` as "Fashion-MNIST"; another name as it is. */
export function datasetName(dataset: string): string {
  return DATASETS[dataset] ?? dataset;
}

/** `wide_resnet_16_2` as the paper writes it, "WRN-16-2"; another name as it is. */
export function modelName(model: string): string {
  const [, depth, width] = /^wide_resnet_(\d+)_(\d+)$/.exec(model) ?? [];
  return depth === undefined ? model : `WRN-${depth}-${width}`;
}

/** "clean labels", "40 % label noise" or "40 % asymmetric label noise". */
export function noise(rate: number, kind?: Setting): string {
  if (rate === 0) return "clean labels";
  return `${percent(rate, 0)} ${kind === "asymmetric" ? "asymmetric " : ""}label noise`;
}

/** "2,000 training images"; nothing for the whole set. */
export function imagesText(count: Setting | undefined): string {
  return typeof count === "number" ? `${count.toLocaleString("en")} training images` : "";
}

/** "60 epochs". */
export function epochsText(count: number): string {
  return `${count} ${count === 1 ? "epoch" : "epochs"}`;
}

/** `basic` as "flips and crops"; another name as it is. */
export function augmentationText(name: Setting | undefined): string {
  return name === undefined ? "" : AUGMENTATIONS[String(name)] ?? String(name);
}

/** An entry of a configuration with its value: "batch size = 25", "ρ = 0.1". */
export function settingText(name: string, value: Setting | undefined): string {
  return `${name === "rho" ? "ρ" : words(name)} = ${value ?? "default"}`;
}

/** An entry of a configuration as an axis's title: "Batch size", "Training images", "ρ". */
export function entryTitle(name: string): string {
  if (name === "trainCount") return "Training images";
  if (name === "rho") return "ρ";
  const title = words(name);
  return title[0]!.toUpperCase() + title.slice(1);
}

/** `batchSize` as "batch size". */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
