// 의심하는 이유. 종류마다 문장 하나이고, 영어 문장은 검사 옆에 있다 (audit/). `n`은 수를, `p`는 비율을 쓴다.
import { problem } from "./problems_ko.js";

const SIDES = { train: "학습 세트", valid: "검증 세트", test: "시험 세트", predict: "평가 세트" };
const PROPERTIES = { "size, shape and kind of file": "파일의 크기, 모양, 종류", "border pixels": "사진 가장자리", "brightness and colour": "밝기와 색" };

const measured = ({ alike, exact }) => (exact ? "" : ` 겹쳐 보면 상관이 ${alike.toFixed(3)}입니다.`);
const sure = (value, p) => (value < 0.01 ? `${p(0.01)} 미만` : value > 0.99 ? `${p(0.99)} 초과` : p(value));
const all = num => (num > 1 ? "모두 " : "");
const outOf = (count, num, value, n) => (count === num ? `${n(num)}장은 ${all(num)}“${value}”입니다` : count ? `${n(num)}장 중 ${n(count)}장이 “${value}”입니다` : `${n(num)}장 중 “${value}”인 것은 없습니다`);

export const reasons = {
  nearest: ({ value, votes, num, n }) => `가장 비슷한 사진 ${outOf(votes, num, value, n)}.`,
  model: ({ value, given, share, given_share, p }) => `이 사진을 학습하지 않은 모델의 답은 “${value}” ${sure(share, p)}, “${given}” ${sure(given_share, p)}입니다.`,
  group: ({ value, given, num, of_value, of_given, are_copies, n }) => {
    const others = are_copies ? "내용이 똑같은 다른 사진" : "같은 그룹의 다른 사진";
    if (of_value < num && of_given === num) return `${others} ${n(num)}장도 ${all(num)}“${given}”입니다. 한 번 잘못 적은 것이 모두에 들어갔을 수 있습니다.`;
    return `${others} ${outOf(of_value, num, value, n)}.`;
  },
  torn: ({ first, second, first_share, second_share, first_votes, second_votes, n, p }) =>
    `이 사진을 학습하지 않은 모델의 답은 “${first}” ${sure(first_share, p)}, “${second}” ${sure(second_share, p)}입니다. 가장 비슷한 사진은 “${first}” ${n(first_votes)}장, “${second}” ${n(second_votes)}장입니다.`,

  "there twice": ({ photo, more, exact, alike, n }) =>
    `${exact ? "바이트까지 같은 사진이" : "같은 그림의 사진이"} 또 있어서 두 번 셉니다: ${photo}${more ? ` 외 ${n(more)}장` : ""}.${measured({ alike, exact })}`,
  "copies with two labels": ({ num, labels, exact, alike, n }) =>
    `${exact ? "바이트까지 같은" : "같은 그림의"} 사진 ${n(num)}장의 라벨이 서로 다릅니다: ${labels}.${measured({ alike, exact })}`,
  "copy on both sides": ({ side, other, exact }) =>
    `${SIDES[side]}에 있고 ${SIDES[other]}에도 ${exact ? "바이트까지 똑같이" : "복사본으로"} 있습니다. 거기서 얻은 점수는 외운 것입니다.`,
  "group on several sides": ({ group, n, ...counts }) =>
    `그룹 “${group}”의 사진이 여러 쪽에 있습니다: ${Object.keys(SIDES).filter(side => side in counts).map(side => `${SIDES[side]} ${n(counts[side])}장`).join(", ")}. 거기서 얻은 점수는 일부 외운 것입니다.`,
  "groups share copies": ({ group, other, num, n }) => `두 그룹이 하나로 보입니다: “${group}”, “${other}”. 서로 복사본인 사진이 ${n(num)}장 있습니다.`,
  "groups are nearest": ({ group, other, num, size, back, other_size, n }) =>
    `두 그룹이 하나로 보입니다: “${group}”, “${other}”. 가장 비슷한 사진이 상대 그룹에 있는 것이 ${n(size)}장 중 ${n(num)}장, ${n(other_size)}장 중 ${n(back)}장입니다.`,
  "label given away": ({ value, properties, accuracy, p }) =>
    `${PROPERTIES[properties] ?? properties}만 보아도 라벨이 “${value}”인지를 균형 정확도 ${p(accuracy)}로 맞힐 수 있습니다 (우연이면 50%). 점수가 사진의 출처를 잰 것일 수 있습니다. 이 사진은 가장 확실하게 맞힌 것 중 하나입니다.`,
  "far from all": ({ num, similarity, usual: ordinary, n }) => `가장 비슷한 사진 ${n(num)}장과도 닮지 않았습니다: 유사도 ${similarity.toFixed(2)}, 보통은 ${ordinary.toFixed(2)}입니다.`,
  drawing: ({ steps, usual: ordinary, way, p }) =>
    `그림, 화면 갈무리, 도안일 수 있습니다. 색이 바뀌는 곳의 ${p(steps)}가 평평한 면 사이의 뚜렷한 경계이고 여기서는 보통 ${p(ordinary)}입니다. 모델의 눈에는 이 사진들에서, 같은 사진을 그림처럼 고친 것으로 가는 길의 ${p(way)}쯤에 있습니다.`,

  unreadable: ({ reason }) => `읽을 수 없습니다: ${problem(reason)}.`,
  "crop fell back": () => "잘라 낼 것을 찾지 못해서 다른 상자를 썼습니다.",
  "without colour": ({ share, p }) => `흑백입니다. 이 사진들 가운데 흑백은 ${p(share, 1)}뿐입니다.`,
  dark: ({ value, usual: ordinary }) => `가장 밝은 곳의 밝기는 255 가운데 ${value.toFixed(0)}이고, 여기서는 보통 ${ordinary.toFixed(0)}입니다.`,
  bright: ({ value, usual: ordinary }) => `가장 어두운 곳의 밝기는 255 가운데 ${value.toFixed(0)}이고, 여기서는 보통 ${ordinary.toFixed(0)}입니다.`,
  blurred: ({ times }) => `128픽셀에서 보면 윤곽이 보통보다 ${times.toFixed(0)}배 흐립니다.`,
  "low information": ({ value, usual: ordinary }) => `회색 값의 차이는 255 가운데 ${value.toFixed(1)}(표준편차)이고, 여기서는 보통 ${ordinary.toFixed(0)}입니다.`,
  small: ({ pixels, usual_pixels }) => `짧은 변이 ${pixels}픽셀이고, 여기서는 보통 ${usual_pixels}픽셀입니다.`,
  large: ({ times_2, pixels }) => `보통보다 ${times_2.toFixed(0)}배 큽니다 (${pixels}픽셀).`,
  "odd aspect": ({ width, height }) => `${width} × ${height}픽셀로, 여기서는 드문 모양입니다.`,
  "odd colour": ({ value, usual: ordinary }) => `색이 보통에서 ${value.toFixed(0)}만큼 떨어져 있습니다 (CIELAB a, b). 다른 사진은 보통 ${ordinary.toFixed(0)}입니다.`,
};
