// 서버가 하는 말: 알림, 할 수 없는 이유, 지도의 기준. 종류마다 문장 하나이고, 영어 문장은 workflow/reviewing/words.py, workflow/models/embedding.py, workflow/runs/comparing.py, compare/words.py, slices/conditions.py, workspace/lock.py에 있다.
import { problem } from "./problems_ko.js";

/** 일한 시간: words.py의 duration처럼. */
function lasting(minutes) {
  if (minutes < 1) return "1분 미만";
  return minutes < 60 ? `${minutes}분째` : `${Math.floor(minutes / 60)}시간 ${minutes % 60}분째`;
}

export const notes = {
  "no audit": () => "아직 아무것도 검사하지 않았습니다. 틀렸을 만한 것을 찾는 명령: photobench audit. 그 전에도 모든 사진을 클래스별로 볼 수 있습니다.",
  "audit is old": ({ num, n }) => `마지막 검사의 의심 가운데 ${n(num)}건은 이제 없는 사진이나 라벨에 대한 것입니다. 다시 검사하는 명령: photobench audit`,
  "no neighbours": () => "아직 사진을 본 백본이 없어서 비슷한 사진을 알 수 없습니다. 지도를 만드는 명령: photobench explore",
  "seen by pretrained": ({ backbone }) => `미리 학습된 ${backbone} (이 라벨들은 모르는 모델)`,
  "seen by run": ({ name }) => `학습 ${name}의 백본 (자기 학습 사진의 라벨을 배운 모델)`,

  "low brightness": ({ limit }) => `어두운 사진 (밝기 255 가운데 ${limit} 미만)`,
  "high brightness": ({ limit }) => `밝은 사진 (밝기 255 가운데 ${limit} 초과)`,
  "low contrast": ({ limit }) => `대비가 약한 사진 (대비 255 가운데 ${limit} 미만)`,
  "high contrast": ({ limit }) => `대비가 강한 사진 (대비 255 가운데 ${limit} 초과)`,
  "low sharpness": ({ limit }) => `흐린 사진 (선명도 ${limit} 미만)`,
  "high sharpness": ({ limit }) => `또렷한 사진 (선명도 ${limit} 초과)`,
  "low colour": ({ limit }) => `색이 옅은 사진 (색의 세기 ${limit} 미만)`,
  "high colour": ({ limit }) => `색이 짙은 사진 (색의 세기 ${limit} 초과)`,
  "low side px": ({ limit, n }) => `작은 사진 (짧은 변 ${n(limit)}픽셀 미만)`,
  "high side px": ({ limit, n }) => `큰 사진 (짧은 변 ${n(limit)}픽셀 초과)`,
  "low proportions": ({ limit }) => `좁은 사진 (너비 : 높이 ${limit} 미만)`,
  "high proportions": ({ limit }) => `넓은 사진 (너비 : 높이 ${limit} 초과)`,
  "low bits per pixel": ({ limit }) => `많이 압축된 사진 (픽셀당 ${limit}비트 미만)`,
  "high bits per pixel": ({ limit }) => `거의 압축되지 않은 사진 (픽셀당 ${limit}비트 초과)`,
  "low box score": ({ limit }) => `상자가 의심스러운 사진 (확신 ${limit} 미만)`,
  "high box score": ({ limit }) => `상자가 확실한 사진 (확신 ${limit} 초과)`,
  "low box found": ({ limit }) => `상자 후보가 적은 사진 (후보 ${limit}개 미만)`,
  "high box found": ({ limit }) => `상자 후보가 여럿인 사진 (후보 ${limit}개 초과)`,
  "low box side": ({ limit }) => `상자가 작은 사진 (변이 사진의 ${limit} % 미만)`,
  "high box side": ({ limit }) => `상자가 큰 사진 (변이 사진의 ${limit} % 초과)`,
  "low group size": ({ limit, n }) => `사진이 적은 그룹의 사진 (그룹에 ${n(limit)}장 미만)`,
  "high group size": ({ limit, n }) => `사진이 많은 그룹의 사진 (그룹에 ${n(limit)}장 초과)`,
  "files of a kind": ({ kind }) => `${kind} 파일`,

  stale: () => "사진이나 의심이 이 페이지가 아는 것과 달라졌습니다. 페이지를 새로 고치세요.",
  "no such photo": ({ photo, last }) => `${photo}번 사진은 없습니다. 번호는 0부터 ${last}까지입니다.`,
  "no such finding": ({ finding, num, n }) => `${finding}번 의심은 없습니다. 모두 ${n(num)}건이고 번호는 0부터입니다.`,
  "no such decision": ({ number }) => `${number}번 결정은 없습니다.`,
  "no such run": ({ name }) => `물어볼 수 있는 학습 “${name}”이(가) 없습니다. 지워졌을 수 있습니다. 페이지를 새로 고치세요.`,
  "no such method": ({ method, known }) => `“${method}” 방법의 지도는 없습니다. 있는 것: ${known}.`,
  "no such size": ({ known }) => `사진은 다음 크기로만 보여 드립니다: ${known}.`,
  "no page": () => "이 설치본에는 검토 페이지가 들어 있지 않습니다.",

  "not decided": ({ problems }) => `아무것도 결정되지 않았습니다. 프로그램의 말: ${problems}.`,
  "nothing named": () => "사진도 의심도 고르지 않아서 아무것도 결정되지 않았습니다.",
  "nothing suggested": ({ path }) => `${path}: 제안이 없는 의심입니다. 그대로 두거나, 바꾸거나, 빼세요.`,
  "nothing to keep": ({ path, field }) => `${path}: 그대로 둘 ${field} 값이 없습니다. 하나를 고르세요.`,
  "nothing to undo": ({ who }) => `되돌릴 것이 없습니다. ${who} 님의 결정 가운데 지금 유효한 것이 없습니다.`,
  "does not stand": ({ number }) => `되돌리지 않았습니다. ${number}번 결정은 이미 되돌렸거나, 그 위에 나중 결정이 있습니다.`,
  overtaken: () => "그사이 다른 사람이 먼저 결정했습니다. 바뀐 것은 없습니다. 그 결정을 보고 다시 정하세요.",
  "compared already": () => "이미 비교하고 있습니다. 끝날 때까지 기다리거나 멈추세요.",

  "photo unreadable": ({ reason }) => `사진을 읽을 수 없습니다: ${problem(reason)}.`,
  "not a photo": ({ reason }) => `읽을 수 있는 사진이 아닙니다: ${problem(reason)}.`,
  "too many pixels": ({ width, height, millions, n }) =>
    `여기에 놓기에는 너무 큰 사진입니다: ${n(width)} × ${n(height)}픽셀이고, ${n(millions * 1e6)}픽셀까지 받습니다. 명령으로 물어보세요: photobench predict FILE`,
  "too often": () => "한꺼번에 너무 많습니다. 사진은 1초에 한 장쯤 받습니다.",
  "not finished": ({ name, status }) => `${name}은(는) 끝나지 않아서(${status}) 비교할 수 없습니다. 끝난 학습만 비교합니다.`,
  "too many runs": ({ num, most, n }) => `${n(num)}개는 한꺼번에 너무 많습니다. 기준과 ${n(most)}개까지 비교합니다.`,
  "other labels": ({ name }) => `${name}의 답은 지금과 다른 라벨로 된 것이라 쓸 수 없습니다.`,

  "named twice": ({ name }) => `${name}이(가) 두 번 있습니다. 자기보다 나은 것은 없으니 다른 학습을 고르세요.`,
  "other classes": ({ name, first }) => `${name}와(과) ${first}은(는) 서로 다른 클래스를 구별하므로 어느 쪽이 나은지 말할 수 없습니다. 하나를 지금의 클래스로 다시 학습하세요.`,
  "too little in common": ({ names, last, photos, groups, fewest, n }) =>
    `${names}, ${last}: 검증한 사진이 서로 다릅니다. 모두가 학습하지 않은 사진은 그룹 ${n(groups)}개의 ${n(photos)}장인데, 비교하려면 그룹이 ${n(fewest)}개는 있어야 합니다. 같은 분할로 다시 학습하거나, 모든 사진을 한 번씩 남겨 두는 폴드 묶음을 비교하세요: photobench train --folds 5`,
  "other photos": ({ each, photos, n }) => `검증한 사진이 서로 다릅니다(${each}). 모두가 학습하지 않은 ${n(photos)}장으로 비교했습니다.`,
  relabelled: ({ photos, n }) => `학습 사이에 라벨이 바뀐 사진 ${n(photos)}장은 뺐습니다.`,
  "workspace in use": ({ root, purpose, pid, host, since, minutes }) =>
    `${purpose ? `\`${purpose}\`이(가) ${since}부터` : "다른 photobench가"} ${root}에서 일하고 있어 지금은 할 수 없습니다${purpose ? ` (${lasting(minutes)}, ${host}의 프로세스 ${pid})` : ""}. 끝나기를 기다리거나 멈추세요. 이미 있는 학습이나 보고서는 그동안에도 볼 수 있습니다.`,

  "other name": () => "이 서버의 이름이 아닙니다. photobench review가 출력한 주소를 여세요.",
  "no token": () => "photobench review가 출력한 주소를 여세요. 들어오는 데 필요한 토큰이 그 주소에 있습니다.",
  "other origin": () => "이 서버의 페이지에서만 바꿀 수 있습니다. 요청의 Origin이 다르거나 없습니다.",
  "not json": () => "여기로 보내는 것은 JSON이어야 합니다: Content-Type: application/json.",
  "no length": () => "요청의 길이를 알려야 합니다: Content-Length.",
  "too much": ({ megabytes }) => `한 번에 받는 크기를 넘었습니다: ${megabytes} MB까지입니다.`,
  "too many": ({ most, n }) => `한 번에 사진 ${n(most)}장까지만 알려 드립니다.`,
  "not a number": () => "사진은 번호로 물어봐야 합니다.",
  "not a time": ({ since }) => `since = “${since}”은(는) 시각이 아닙니다. 이렇게 적으세요: 2026-03-01T14:30:00+09:00.`,
  malformed: ({ problems }) => `요청이 docs/review-api.md와 다릅니다: ${problems}.`,
};
