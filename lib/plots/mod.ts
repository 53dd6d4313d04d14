/**
 * Figures of training runs: pure functions from rows to Vega-Lite specs, and ways to show them.
 *
 * @example
 * ```ts
 * import { errorReduction, htmlReport, resultsTable, toPng } from "sam/plots";
 *
 * // As in a run's metrics.jsonl; here one epoch of two runs.
 * const epoch = { dataset: "mine", model: "WRN-10-1", labelNoise: 0, seed: 0, epoch: 1 };
 * const losses = { trainLoss: 0.9, trainError: 0.2, testLoss: 1 };
 * const rows = [
 *   { ...epoch, ...losses, method: "SGD", rho: 0, testError: 0.3 },
 *   { ...epoch, ...losses, method: "SAM", rho: 0.05, testError: 0.24 },
 * ];
 *
 * const spec = errorReduction(rows);
 * const png = await toPng(spec, { width: 1200 });
 * const page = await htmlReport({
 *   title: "SAM against SGD",
 *   lead: "One epoch each.",
 *   sections: [{ heading: "Test error", table: resultsTable(rows), chart: spec }],
 * });
 * console.log(png.length, page.length);
 * ```
 *
 * @module
 */
export { errorReduction } from "./error_reduction.ts";
export type { ErrorReductionOptions, PublishedError } from "./error_reduction.ts";
export { errorBySetting } from "./error_by_setting.ts";
export type { ErrorBySettingOptions } from "./error_by_setting.ts";
export { errorRateReductions } from "./error_rate_reductions.ts";
export type { ErrorRateReductionsOptions } from "./error_rate_reductions.ts";
export { noiseRobustness } from "./noise_robustness.ts";
export type { NoiseRobustnessOptions } from "./noise_robustness.ts";
export { trainingCurves } from "./training_curves.ts";
export type { TrainingCurvesOptions } from "./training_curves.ts";
export { ablationHeatmap } from "./ablation_heatmap.ts";
export type { AblationHeatmapOptions, ConfiguredRow, SettingAxis } from "./ablation_heatmap.ts";
export { noiseByEpoch } from "./noise_by_epoch.ts";
export type { NoiseByEpochOptions } from "./noise_by_epoch.ts";
export { fittedLabels } from "./fitted_labels.ts";
export type { FittedLabelsOptions } from "./fitted_labels.ts";
export { curveExplorer } from "./curve_explorer.ts";
export type { CurveExplorerOptions } from "./curve_explorer.ts";
export { resultsTable } from "./results_table.ts";

export { compare } from "./comparisons.ts";
export type { Comparison, ComparisonOptions, Pairing, RunGroup } from "./comparisons.ts";
export { compareMethods } from "./compare_methods.ts";
export type { CompareMethodsOptions } from "./compare_methods.ts";
export { compareSettings } from "./compare_settings.ts";
export type { CompareSettingsOptions } from "./compare_settings.ts";
export { comparisonsTable, describeComparison } from "./describe_comparison.ts";
export { wrongImages } from "./wrong_images.ts";

export { groupRuns, lastFiniteEpoch, selectEpoch } from "./select_epochs.ts";
export type { EpochChoice, PlottedRow, Run, Setting } from "./select_epochs.ts";

export { toPng, toSvg } from "./render.ts";
export type { PngOptions, SvgOptions } from "./render.ts";
export { chartFigure, htmlPage, htmlReport } from "./html.ts";
export type { HtmlPage, HtmlReport, HtmlSection } from "./html.ts";
export { escapeMarkup } from "./escape.ts";
export { type HtmlTable, tableMarkup } from "./table.ts";
export { chart, displayBundle } from "./display.ts";
export type { DisplayBundle } from "./display.ts";
export { darkColors, methodColor, theme } from "./theme.ts";
