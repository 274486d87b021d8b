// What the page says about answers and trainings, in plain sentences.

import { countOf, listOf, spoken, writeNumber, writeShare, writeSpan } from "./format.js";

const TIMES = { 0.5: "one time out of 2", 0.8: "4 times out of 5", 0.9: "9 times out of 10", 0.95: "19 times out of 20", 0.99: "99 times out of 100" };

/** Say how often an interval holds the truth. */
export const times = (coverage) => TIMES[coverage] ?? `${writeShare(coverage)} of the time`;

/** Say what was answered: the most likely value, and between which values it will be. */
export function sayAnswer(answer, target) {
  const value = answer.prediction[target.name];
  if (typeof value === "string") {
    const probability = answer.probabilities?.[target.name]?.[value];
    return `Most likely ${value}, with a probability of ${writeShare(probability ?? 1, 1)}.`;
  }
  const interval = answer.interval?.[target.name];
  if (!interval) return `Most likely ${writeNumber(value)}. How sure that is cannot be told from this table.`;
  const width = interval.upper - interval.lower;
  const [middle, lower, upper] = [value, interval.lower, interval.upper].map((number) => writeNumber(number, width));
  return `Most likely ${middle}; ${times(answer.coverage)} between ${lower} and ${upper}.`;
}

/** Say which values of a row are unlike those of the training. */
export function sayExtrapolated(names) {
  if (!names.length) return "";
  return `No row of the table has such a value of ${listOf(names.map(spoken))}: this answer is an extrapolation.`;
}

/** Say what came of a training. */
export function sayTraining(report, seconds) {
  return `Trained on ${countOf(report.rows, "row")} in ${writeSpan(seconds)}. It stopped because ${sayReason(report.stopped_because)}.`;
}

const REASONS = {
  patience: "the loss had not fallen for a while",
  max_epochs: "it had made all the epochs that it was allowed",
  converged: "no step made the loss smaller",
};
const sayReason = (reason) => REASONS[reason] ?? spoken(reason);

/** The error that a report tells about rows that were not learned from: its name, its value, and whether less is better. */
export function unseenScore(report, target) {
  const [unseen, seen] = [report.leave_one_out?.[target.name] ?? {}, report.held_out?.[target.name] ?? {}];
  const found = [
    ["accuracy", seen.accuracy, false],
    ["error", unseen.rmse, true],
  ].find(([, value]) => value !== null && value !== undefined);
  return found ? { name: found[0], value: found[1], isLessBetter: found[2] } : null;
}

/** Say how a version does beside the one before it. */
export function sayChange(report, before, target) {
  const score = unseenScore(report, target);
  if (!score) return "";
  const write = (each) => (each.name === "accuracy" ? writeShare(each.value, 1) : writeNumber(each.value));
  const what = score.name === "accuracy" ? "Right on" : "Typical error on";
  const now = `${what} rows that it had not seen: ${write(score)}`;
  const former = before && unseenScore(before.report, target);
  if (!former || former.name !== score.name) return `${now}.`;
  if (former.value === score.value) return `${now}, as in version ${before.model_version}.`;
  const isBetter = former.value > score.value === score.isLessBetter;
  return `${now}, ${isBetter ? "better" : "worse"} than version ${before.model_version} (${write(former)}).`;
}

/** Say what answers are mixed from. */
export function sayCandidates(report, target) {
  const shares = (report.candidates ?? [])
    .map(({ name, weight }) => [name, weight?.[target.name] ?? 0])
    .filter(([, share]) => share >= 0.005)
    .sort(([, one], [, other]) => other - one);
  if (!shares.length) return "";
  return `The answer is mixed from ${listOf(shares.map(([name, share]) => `${spoken(name)} (${writeShare(share)})`))}.`;
}
