// The words of the runs tab, in the page's languages.
import { language, number, percent } from "../i18n.js";

const many = (count, one, more) => (count === 1 ? one : more);
const minus = text => text.replace("-", "−");
export const score = value => (value === null ? "–" : value.toFixed(3));
export const signed = (value, digits = 3) => minus(`${value < 0 ? "" : "+"}${value.toFixed(digits)}`);
/** Never said to be certain, whatever it was rounded to. */
export const chance = value => (value === null ? "–" : value < 0.005 ? `< ${percent(0.01)}` : value > 0.995 ? `> ${percent(0.99)}` : percent(value));

const en = {
  title: ({ count, n }) => `${n(count)} ${many(count, "run", "runs")}`,
  best: ({ name }) => `${name} has the highest macro-F1. The highest of several is high by luck too: choose runs to see whether a difference is more than noise.`,
  claim: ({ share }) => `Each bar is the ${share} interval of that run alone.`,
  search: "Find a run by its name, tag or options", search_short: "Name, tag or option", tags: "Tags", order: "Order",
  every: ({ count, n }) => `Also ${n(count)} ${many(count, "run", "runs")} of sets and of checks`, every_shown: "Also runs of sets and of checks",
  run: "Run", macro_f1: "Macro-F1", interval: "Interval", accuracy: "Accuracy", on: "Measured on", time: "Time", size: "Size", differs: "What differs", choose: "Compare", mistakes: "Mistakes",
  choose_run: ({ name }) => `Compare ${name}`, mistakes_of: ({ name }) => `The mistakes of ${name}, as a grid`, highest: "highest", reference: "reference",
  running: "running", stopped: "stopped", interrupted: "stopped", failed: "failed", pruned: "given up", tried: "tried, not kept", made: "finished", for: ({ status, purpose }) => `${status}, for ${purpose}`,
  within: ({ name }) => `part of ${name}`, epoch: ({ done, count }) => `epoch ${done} of ${count}`, epochs: ({ done }) => many(done, "after 1 epoch", `after ${done} epochs`), so_far: "so far",
  on_photos: ({ on, count, n }) => `${on}, ${n(count)}`, valid: "validation", "out of fold": "out of fold", test: "test",
  more: ({ count, n }) => `and ${n(count)} more`, between: ({ low, high }) => `${low} to ${high}`, unknown: "no interval",
  unmeasured: ({ count, n }) => `${n(count)} ${many(count, "run has", "runs have")} no interval yet.`, measure: "Measure now", measuring: "Measuring…",
  not_measured: "It could not be done: a model or its photos are gone. Which, says: photobench evaluate --run NAME",
  none: "No run yet", none_text: "Train one with", nothing: "No run fits this.",
  against: "against", chosen: ({ count, n }) => `${n(count)} ${many(count, "run", "runs")} compared`, choose_more: ({ name }) => `${name} is the reference. Choose others to hold against it.`, clear: "Clear", to_comparison: "Show the comparison",
  comparing: "Comparing on the same photos…", comparison: "Comparison",
  cannot_tell: ({ others, first, photos, n }) => `${others} and ${first} cannot be told apart on these ${n(photos)} photos: what differs is noise.`,
  is_better: ({ names, count, first }) => `${names} ${many(count, "is", "are")} better than ${first}.`, is_worse: ({ names, count, first }) => `${names} ${many(count, "is", "are")} worse than ${first}.`,
  and: "and", difference: "Difference", probability: "Probability that it is better", verdict: "Verdict", all_at_once: "The largest of several differences is large by chance too. These intervals are widened until all of them hold at once.",
  noise: "noise", better: "better", worse: "worse", details: "Details of", detail: ({ name, first }) => `${name} beside ${first}`,
  where: "Where it changed", where_text: "In per cent of the photos that are right, the largest losses first. These intervals hold all at once.", part: "Part", told: "Told", photos: "Photos", before: "Before", after: "After", change: "Change", more_parts: ({ count, n }) => `${n(count)} more ${many(count, "part", "parts")}`, no_part: "Part by part they are right equally often.",
  all_together: "all labels", box: ({ how }) => `box ${how}`, groups: ({ photos, groups, n }) => `${n(photos)} of ${n(groups)} ${many(groups, "group", "groups")}`,
  people: "Which groups", got_worse: "Got worse", got_better: "Got better", of_right: ({ first, other, count }) => `${first}, then ${other} of ${count} right`, see_group: ({ name }) => `The photos of ${name}, as a grid`,
  changed: "Photos that changed", lost: ({ name, count, n }) => `${name} is wrong, the reference was right: ${n(count)}`, won: ({ name, count, n }) => `${name} is right, the reference was wrong: ${n(count)}`, first_of: ({ count, n }) => `The ${n(count)} whose probability changed most.`, no_photo: "No photo.",
  label: ({ value }) => `label: ${value}`, says: ({ name, value, share }) => `${name}: ${value}, ${share}`, gone: "not here any more",
};

const ko = {
  title: ({ count, n }) => `학습 ${n(count)}개`,
  best: ({ name }) => `macro-F1이 가장 높은 것은 ${name}입니다. 여럿 가운데 가장 높은 점수는 운이기도 합니다. 학습을 골라 차이가 우연 이상인지 보세요.`,
  claim: ({ share }) => `막대는 그 학습 하나의 ${share} 구간입니다.`,
  search: "이름, 태그, 옵션으로 찾기", search_short: "이름, 태그, 옵션", tags: "태그", order: "순서",
  every: ({ count, n }) => `묶음과 검사에 쓰인 학습 ${n(count)}개도`, every_shown: "묶음과 검사에 쓰인 학습도",
  run: "학습", macro_f1: "Macro-F1", interval: "구간", accuracy: "정확도", on: "잰 사진", time: "시간", size: "크기", differs: "다른 옵션", choose: "비교", mistakes: "틀린 사진",
  choose_run: ({ name }) => `${name} 비교하기`, mistakes_of: ({ name }) => `${name}이(가) 틀린 사진 모아 보기`, highest: "최고", reference: "기준",
  running: "학습 중", stopped: "멈춤", interrupted: "멈춤", failed: "실패", pruned: "그만둠", tried: "시험만 함", made: "끝남", for: ({ status, purpose }) => `${status}, ${purpose}용`,
  within: ({ name }) => `${name}의 일부`, epoch: ({ done, count }) => `에폭 ${done}/${count}`, epochs: ({ done }) => `에폭 ${done}까지`, so_far: "지금까지",
  on_photos: ({ on, count, n }) => `${on} ${n(count)}장`, valid: "검증", "out of fold": "폴드 밖", test: "시험",
  more: ({ count, n }) => `그 밖에 ${n(count)}개`, between: ({ low, high }) => `${low} ~ ${high}`, unknown: "구간 없음",
  unmeasured: ({ count, n }) => `아직 구간이 없는 학습이 ${n(count)}개 있습니다.`, measure: "지금 재기", measuring: "재는 중…",
  not_measured: "재지 못했습니다. 모델이나 사진이 없어진 학습입니다. 무엇이 없는지 알려 주는 명령: photobench evaluate --run NAME",
  none: "아직 학습이 없습니다", none_text: "학습하기:", nothing: "여기에 맞는 학습이 없습니다.",
  against: "기준", chosen: ({ count, n }) => `${n(count)}개 비교`, choose_more: ({ name }) => `${name}이(가) 기준입니다. 견줄 학습을 더 고르세요.`, clear: "지우기", to_comparison: "비교 보기",
  comparing: "같은 사진으로 비교하는 중…", comparison: "비교",
  cannot_tell: ({ others, first, photos, n }) => `사진 ${n(photos)}장으로는 ${others}와(과) ${first}을(를) 가릴 수 없습니다. 차이는 우연입니다.`,
  is_better: ({ names, first }) => `${names}이(가) ${first}보다 낫습니다.`, is_worse: ({ names, first }) => `${names}이(가) ${first}보다 못합니다.`,
  and: "그리고", difference: "차이", probability: "더 나을 확률", verdict: "판단", all_at_once: "여러 차이 가운데 가장 큰 것은 우연히도 큽니다. 그래서 모든 구간이 한꺼번에 맞도록 넓혔습니다.",
  noise: "우연", better: "나음", worse: "못함", details: "자세히", detail: ({ name, first }) => `${first} 옆의 ${name}`,
  where: "어디서 달라졌나", where_text: "맞힌 사진의 비율(%)이며, 가장 많이 나빠진 것부터입니다. 모든 구간이 한꺼번에 맞습니다.", part: "어떤 사진", told: "라벨", photos: "사진", before: "이전", after: "이후", change: "변화", more_parts: ({ count, n }) => `그 밖에 ${n(count)}개`, no_part: "어느 부분에서나 똑같이 자주 맞힙니다.",
  all_together: "모든 라벨", box: ({ how }) => `상자 ${how}`, groups: ({ photos, groups, n }) => `그룹 ${n(groups)}개의 ${n(photos)}장`,
  people: "어떤 그룹이", got_worse: "나빠짐", got_better: "나아짐", of_right: ({ first, other, count }) => `${count}장 중 ${first}장, 이제 ${other}장 맞음`, see_group: ({ name }) => `${name}의 사진 모아 보기`,
  changed: "달라진 사진", lost: ({ name, count, n }) => `기준은 맞혔고 ${name}은(는) 틀림: ${n(count)}장`, won: ({ name, count, n }) => `기준은 틀렸고 ${name}은(는) 맞힘: ${n(count)}장`, first_of: ({ count, n }) => `라벨의 확률이 가장 많이 변한 ${n(count)}장.`, no_photo: "사진 없음.",
  label: ({ value }) => `라벨: ${value}`, says: ({ name, value, share }) => `${name}: ${value}, ${share}`, gone: "이제 없는 사진",
  verdict_of: ({ name, first, gain, power, photos, groups, times, n }) => [
    `${name}와(과) ${first}의 차이는 ${gain.kind === "noise" ? "우연입니다" : gain.kind === "unknown" ? "얼마나 확실한지 알 수 없습니다" : "우연 이상입니다"}: macro-F1 ${signed(gain.value)}${gain.low === null ? "" : ` (${signed(gain.low)} ~ ${signed(gain.high)})`}.`,
    power && `${name}이(가) 더 나을 확률은 ${chance(gain.probability)}입니다.`,
    power && `그룹 ${n(groups)}개의 사진 ${n(photos)}장으로 진짜 차이 ${power.true}를 찾을 가능성은 ${percent(power.found)}이고, 80 %로 찾으려면 차이가 ${score(power.detectable)}는 되어야 합니다.`,
    `학습 시간은 ${times[1]}, 기준은 ${times[0]}입니다.`].filter(Boolean).join(" "),
  people_of: ({ worse, better, same, chance: luck, n }) =>
    `그룹 ${n(worse + better + same)}개 가운데 ${n(worse)}개가 나빠지고 ${n(better)}개가 나아졌으며 ${n(same)}개는 같습니다. ${worse + better === 0 ? "" : luck > 0.05 ? "우연히도 이렇게 나뉩니다." : `우연만으로 이렇게 치우칠 가능성은 ${percent(luck, 1)}입니다.`}`,
};

export const TABLES = { en, ko };

/** `w("chosen", { count: 3 })`, in the language of the page. */
export function w(key, values = {}) {
  const text = (TABLES[language()] ?? en)[key] ?? en[key];
  return typeof text === "function" ? text({ ...values, n: number }) : text;
}

export const knows = key => key in en;

/** In the language of the page where it says it itself; else the server's English. */
export const said = (key, english, values) => (TABLES[language()][key] ? w(key, values) : english);

const UNITS = { en: { h: "h", min: "min", s: "s" }, ko: { h: "시간", min: "분", s: "초" } };

/** `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds) {
  if (seconds === null) return "–";
  const unit = UNITS[language()];
  const whole = Math.round(seconds);
  if (whole < 60) return `${seconds < 10 ? seconds.toFixed(1) : whole} ${unit.s}`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 ? `${minutes} ${unit.min} ${whole % 60} ${unit.s}` : `${minutes} ${unit.min}`;
  return `${Math.floor(minutes / 60)} ${unit.h} ${minutes % 60} ${unit.min}`;
}

export const megabytes = bytes => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`);

export const listed = names => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} ${w("and")} ${names.at(-1)}`);
