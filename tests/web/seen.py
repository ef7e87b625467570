"""What a person with weak eyes, without a mouse, or with a screen reader makes of a page."""

from __future__ import annotations

from typing import Any

from tests.test_report_browser import _luminance

TEXTS = """() => {
  const over = (front, back) => front.slice(0, 3).map((value, i) => value * front[3] + back[i] * (1 - front[3])).concat(1);
  const colour = text => {
    const pen = new OffscreenCanvas(1, 1).getContext("2d");
    pen.fillStyle = text;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const backOf = element => {
    if (!element) return [255, 255, 255, 1];
    const own = colour(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, backOf(element.parentElement));
  };
  const told = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({ checkVisibilityCSS: true }) || element.closest(".said, :disabled, option")) continue;
    const style = getComputedStyle(element), back = backOf(element), size = parseFloat(style.fontSize);
    let alpha = 1;
    for (let one = element; one; one = one.parentElement) alpha *= Number(getComputedStyle(one).opacity);
    const front = colour(style.color);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const name = element.id || element.className || element.tagName;
    told.push([`${name}: ${node.data.trim().slice(0, 30)}`, over([...front.slice(0, 3), front[3] * alpha], back), back, isLarge ? 3 : 4.5]);
  }
  return told;
}"""

FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  let behind = element.parentElement;
  while (behind && /rgba\\(.*, 0\\)/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
  return { name: element.id || element.textContent.slice(0, 30) || element.className || element.tagName, width: box.width, height: box.height,
    isLined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, line: style.outlineColor, back: getComputedStyle(behind ?? document.body).backgroundColor };
}"""

BEYOND = """() => [...document.querySelectorAll('button, select, input, a[href]')].filter(element => {
  if (!element.checkVisibility({ checkVisibilityCSS: true }) || element.closest('.said')) return false;
  for (let one = element.parentElement; one; one = one.parentElement)
    if (/auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth) return false; // scrolled to
  const { left, right } = element.getBoundingClientRect();
  return left < -1 || right > innerWidth + 1;
}).map(element => element.id || element.textContent)"""

SIDEWAYS = """() => [...document.querySelectorAll('*')].filter(element =>
  element.scrollWidth > element.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(element).overflowX)
  && element.checkVisibility() && !element.matches('.strip, .labels')).map(element => element.id || element.className)"""
"""What has to be scrolled sideways, but for rows of photos and of classes."""

WITH_A_NAME = {
    "button", "combobox", "searchbox", "textbox", "slider", "checkbox", "radio", "link", "listbox", "option", "progressbar", "navigation",
    "region", "dialog", "group", "image",
}  # fmt: skip


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def hard_to_read(page: Any) -> list[str]:
    """Texts on the screen that stand out less than WCAG 2.2 asks (1.4.3)."""
    page.wait_for_function("() => document.getAnimations().every(one => one.playState !== 'running')")
    texts = page.evaluate(TEXTS)
    assert len(texts) > 10
    told = [
        (name, contrast(*(" ".join(str(round(part)) for part in colour[:3]) for colour in pair)), least)
        for name, *pair, least in texts
    ]
    return [f"{name} {ratio:.2f}" for name, ratio, least in told if ratio < least - 0.005]


def tabbed(page: Any, most: int = 200) -> list[dict[str, Any]]:
    """What has the focus after each press of Tab, once around."""
    page.evaluate("document.activeElement.blur()")
    found: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        one = page.evaluate(FOCUSED)
        if one is None:
            return found
        found.append(one)
    raise AssertionError(f"Tab does not come around: {[one['name'] for one in found[-5:]]}")


def not_seen(focused: list[dict[str, Any]]) -> list[str]:
    """Those with the focus of which nobody sees that they have it (WCAG 2.2, 2.4.7 and 1.4.11)."""
    return [
        one["name"] for one in focused
        if not one["isLined"] or min(one["width"], one["height"]) < 8 or contrast(one["line"], one["back"]) < 3
    ]  # fmt: skip


def without_a_name(page: Any) -> list[str]:
    """Controls and regions that a screen reader would have no word for."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    asked = [one for one in tree if not one["ignored"] and one["role"]["value"] in WITH_A_NAME]
    assert len(asked) > 10
    return [
        f"{one['role']['value']} {one.get('properties', '')}" for one in asked if not one.get("name", {}).get("value", "").strip()
    ]  # fmt: skip
