// 사진을 읽을 수 없는 이유. 영어는 images/가 쓴다.
const PROBLEMS = [[/^empty file/, "빈 파일입니다"], [/^missing file/, "파일이 없습니다"], [/^not an image/, "사진이 아닌 파일입니다"], [/^truncated/, "파일이 중간에서 끊겼습니다"],
  [/^damaged/, "파일이 손상되었습니다"], [/^no permission/, "읽을 권한이 없습니다"], [/^too large/, "너무 큰 파일입니다"], [/^not enough memory/, "메모리가 부족합니다"],
  [/^no pixels/, "내용이 없는 사진입니다"], [/cannot be read here/, "여기서 읽을 수 없는 형식입니다"], [/^a folder/, "파일이 아니라 폴더입니다"],
  [/^not a regular file/, "보통 파일이 아닙니다"], [/^not a valid path/, "쓸 수 없는 경로입니다"], [/^cannot be read: /, "디스크에서 읽지 못했습니다"]];

export const problem = reason => PROBLEMS.find(([form]) => form.test(reason))?.[1] ?? `프로그램의 말: ${reason}`;
