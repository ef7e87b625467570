// The words of the explore tab, in the page's languages.
const many = (count, one, more) => (count === 1 ? one : more);

const en = {
  parts: "Parts of the tab", map: "Map", sheets: "Class sheets", ask: "Ask a model",
  method: "Placed by", colour: "Coloured by", split: "split", finding: "findings", mistakes: "mistakes of", others: "others", unlabelled: "no label",
  suspected: "suspected", mistake: "mistake", rest: "the rest",
  tool_lasso: "Select", tool_move: "Move", whole: "Show all",
  hint: "Draw around points to select their photos. The wheel zooms, the right button moves.",
  from: ({ origin }) => `Placed by what they look like to ${origin}.`,
  part: ({ count, total, n }) => (count < total ? `${n(count)} of ${n(total)} photos.` : `${n(count)} photos.`),
  no_map: "There is no map yet",
  selected: ({ count, n }) => `${n(count)} ${many(count, "photo", "photos")} selected`, nothing_selected: "Nothing is selected",
  open_grid: "Open as a grid", clear: "Clear", set_to: "Set the label of all to", leave_out: "Leave all out", undo: "Undo",
  decided: ({ count, n }) => `Decided for ${n(count)} ${many(count, "photo", "photos")}.`,
  select_value: "Select all of these", hide: "Show or hide",
  sheet_of: "By", see_all: ({ count, n }) => (count === 1 ? "See the photo" : `See all ${n(count)}`), photos: ({ count, n }) => `${n(count)} ${many(count, "photo", "photos")}`,
  run: "Ask", no_run: "There is no trained model yet. Train one with: photobench train",
  drop: "Drop a photo here, paste one, or", choose: "choose a file", loading: "Reading the map…",
  crop: "What the model sees", dropped: "The photo", said: ({ run }) => `What ${run} says`, not_kept: "The photo is not kept.",
  no_webgl: "This browser has no WebGL, which the map needs.", point: "Photo under the pointer",
};

const ko = {
  parts: "탭의 부분", map: "지도", sheets: "클래스별 사진", ask: "모델에게 묻기",
  method: "배치 방법", colour: "색", split: "분할", finding: "의심", mistakes: "틀린 답:", others: "그 밖", unlabelled: "라벨 없음",
  suspected: "의심됨", mistake: "틀림", rest: "나머지",
  tool_lasso: "선택", tool_move: "이동", whole: "전체 보기",
  hint: "점들을 둘러 그리면 사진이 선택됩니다. 휠로 확대하고 오른쪽 단추로 움직입니다.",
  from: ({ origin }) => `비슷해 보이는 사진끼리 가깝게 놓았습니다. 기준: ${origin}.`,
  part: ({ count, total, n }) => (count < total ? `사진 ${n(total)}장 중 ${n(count)}장.` : `사진 ${n(count)}장.`),
  no_map: "아직 지도가 없습니다",
  selected: ({ count, n }) => `${n(count)}장 선택`, nothing_selected: "선택한 사진이 없습니다",
  open_grid: "모아 보기", clear: "선택 해제", set_to: "모두의 라벨을 정하기", leave_out: "모두 빼기", undo: "되돌리기",
  decided: ({ count, n }) => `${n(count)}장을 정했습니다.`,
  select_value: "모두 선택", hide: "보이기/숨기기",
  sheet_of: "기준", see_all: ({ count, n }) => `${n(count)}장 모두 보기`, photos: ({ count, n }) => `${n(count)}장`,
  run: "모델", no_run: "아직 학습한 모델이 없습니다. 학습하기: photobench train",
  drop: "사진을 여기에 놓거나 붙여 넣거나", choose: "파일 고르기", loading: "지도를 읽는 중…",
  crop: "모델이 보는 것", dropped: "사진", said: ({ run }) => `${run}의 답`, not_kept: "사진은 보관하지 않습니다.",
  no_webgl: "이 브라우저에는 지도에 필요한 WebGL이 없습니다.", point: "포인터 아래의 사진",
};

export const TABLES = { en, ko };
export const language = () => (document.documentElement.lang === "ko" ? "ko" : "en");
export const number = value => new Intl.NumberFormat(language()).format(value);

/** `w("selected", { count: 3 })`, in the language of the page. */
export function w(key, values = {}) {
  const text = TABLES[language()][key];
  return typeof text === "function" ? text({ ...values, n: number }) : text;
}
