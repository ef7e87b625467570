// Loads the data beside the page again and again as a script, which a page opened from disk may do, and shows it where it changed.
const POLL_MS = 2000;
const at = id => document.getElementById(id);
const put = (element, text) => { if (element.textContent !== text) element.textContent = text; };
const made = (tag, name, text) => Object.assign(document.createElement(tag), { className: name, textContent: text });
const photos = document.querySelector(".told");
let view = null;
let isNewest = true;

function photobenchLive(next) {
  if (view && next.updated_ms === view.updated_ms) return;
  view = next;
  put(at("sentence"), view.headline);
  at("share").style.width = `${100 * view.share}%`;
  at("cards").replaceChildren(...view.cards.map(card));
  showCharts();
  if (photos) showExamples();
  showTime();
}

function card({ label, value, note }) {
  const item = document.createElement("li");
  item.append(made("span", "label", label), made("span", "value", value), made("span", "interval", note));
  return item;
}

function showCharts() {
  at("no-charts").hidden = view.charts.length > 0;
  view.charts.forEach((chart, number) => {
    const article = at("charts").children[number] ?? at("charts").appendChild(emptyChart(chart.title));
    if (article.drawn === chart.svg) return;
    article.drawn = chart.svg;
    article.lastChild.innerHTML = chart.svg;
  });
}

function emptyChart(title) {
  const article = document.createElement("article");
  article.append(made("h3", "", title), made("figure", "plot", ""));
  article.lastChild.role = "img";
  article.lastChild.ariaLabel = title;
  return article;
}

function showExamples() {
  const last = view.examples.length - 1;
  at("no-examples").hidden = last >= 0;
  at("chooser").hidden = last < 0;
  if (last < 0) return;
  at("epoch").max = last;
  if (isNewest) at("epoch").value = last;
  const { epoch, said } = view.examples[at("epoch").value];
  put(at("epoch-number"), `${epoch}`);
  at("epoch").setAttribute("aria-valuetext", `epoch ${epoch}`);
  put(at("num-right"), `${said.filter(guess => guess.right).length} of ${said.length} right`);
  said.forEach((guess, number) => {
    const item = photos.children[number];
    item.className = item.querySelector("p").className = guess.right ? "right" : "wrong";
    put(item.querySelector(".guess"), guess.text);
    put(item.querySelector(".probability"), guess.probability);
  });
}

function showTime() {
  if (!view) return;
  const seconds = Math.max(0, Math.round((Date.now() - view.updated_ms) / 1000));
  const when = new Date(view.updated_ms).toLocaleTimeString();
  const isQuiet = view.status === "running" && seconds > view.quiet_s;
  document.body.dataset.status = isQuiet ? "quiet" : view.status;
  put(at("status"), isQuiet ? `No update since ${when}` : view.status);
  put(at("since"), isQuiet ? `${ago(seconds)}. It was stopped or killed, or its machine sleeps; the same command goes on with it.`
    : view.status === "running" ? `updated ${ago(seconds)}` : when);
  document.title = `${view.status === "running" ? `${Math.floor(100 * view.share)} %` : view.status} · ${document.querySelector(".name").textContent}`;
}

function ago(seconds) {
  if (seconds < 90) return `${seconds} s ago`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3600)} h ago`;
}

function load() {
  const script = document.createElement("script");
  script.src = `${document.body.dataset.file}?${Date.now()}`;
  script.onload = script.onerror = () => {
    script.remove();
    showTime();
    if (view?.status !== "finished") setTimeout(load, POLL_MS);
  };
  document.head.append(script);
}

at("epoch")?.addEventListener("input", () => {
  isNewest = at("epoch").value === at("epoch").max;
  showExamples();
});
load();
