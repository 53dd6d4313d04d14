/**
 * What the search chose for every method: it is read from its records, so that no experiment can be of
 * other settings than those.
 */
import { runs } from "sam";
import { grids, searches } from "./search.ts";

const records = await runs.readRecords(new URL("records/search.jsonl", import.meta.url));

/** The chosen settings by problem and method, and those that no search changes. */
export const settings = { clean: chosen("clean"), noisy: chosen("noisy") };

function chosen<Problem extends keyof typeof grids>(problem: Problem) {
  const found = Object.keys(grids[problem]).map((method, index) => {
    const search = searches[problem][index]!;
    const { epochs } = search.base;
    return [method, { epochs, ...runs.bestSetting(search, records).setting }];
  });
  return Object.fromEntries(found) as Record<
    keyof typeof grids[Problem],
    NonNullable<runs.Variant["config"]>
  >;
}
