"""Looking at a page as its readers do: by axe, at several widths, with the keyboard alone."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

AXE = Axe().axe_script
SETTLE = """async () => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    for (const moving of document.getAnimations()) {
        if (moving.effect?.getComputedTiming().endTime !== Infinity) moving.finish();
    }
}"""


def settle(page: Any) -> None:
    """A colour on its way from light to dark is neither: what moves and has an end is brought to it."""
    page.evaluate(SETTLE)


def wider(page: Any) -> str:
    """The first thing that makes the page wider than its window, or nothing."""
    found: str = page.evaluate(
        """() => {
            if (document.documentElement.scrollWidth <= window.innerWidth) return "";
            const out = [...document.body.querySelectorAll("*")].find(
                (node) => node.getBoundingClientRect().right > window.innerWidth + 1);
            return "wider than the window: " + (out?.outerHTML.slice(0, 160) ?? "?");
        }"""
    )
    return found


# Words that leave the button or badge that they stand in, and words that lie over other words of the same place.
SPILLED = """() => {
    const hidden = (node) => {
        for (let one = node; one && one !== document.body; one = one.parentElement) {
            const style = getComputedStyle(one), box = one.getBoundingClientRect();
            if (style.clipPath !== "none" || style.visibility === "hidden" || style.opacity === "0") return true;
            if (style.overflow !== "visible" && (box.width < 3 || box.height < 3)) return true;
        }
        return false;
    };
    const words = (place) => {
        const found = [], walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
        for (let text = walker.nextNode(); text; text = walker.nextNode()) {
            if (!text.data.trim() || !text.parentElement.checkVisibility() || hidden(text.parentElement)) continue;
            const range = document.createRange();
            range.selectNodeContents(text);
            for (const box of range.getClientRects()) {
                let {left, right, top, bottom} = box;  // what is seen of it
                for (let one = text.parentElement; one && place.contains(one); one = one.parentElement) {
                    if (getComputedStyle(one).overflowX === "visible") continue;
                    const frame = one.getBoundingClientRect();
                    [left, right] = [Math.max(left, frame.left), Math.min(right, frame.right)];
                    [top, bottom] = [Math.max(top, frame.top), Math.min(bottom, frame.bottom)];
                }
                if (right - left > 2 && bottom > top) found.push({text, box: {left, right, top, bottom}});
            }
        }
        return found;
    };
    const wrong = new Set();
    for (const place of document.querySelectorAll("button, .btn, .badge, .chip, summary, th, td, dt, dd, label")) {
        if (!place.checkVisibility({visibilityProperty: true})) continue;
        const said = words(place), frame = place.getBoundingClientRect();
        for (const {text, box} of said) {
            if (place.matches("button, .btn, .badge, .chip")
                && (box.right > frame.right + 1 || box.left < frame.left - 1 || box.bottom > frame.bottom + 3))
                wrong.add(`words leave their place: ${place.className} «${text.data.trim().slice(0, 60)}»`);
        }
        for (let a = 0; a < said.length; a++) for (let b = a + 1; b < said.length; b++) {
            if (said[a].text === said[b].text) continue;
            const one = said[a].box, two = said[b].box;
            if (Math.min(one.right, two.right) - Math.max(one.left, two.left) > 3
                && Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top) > 6)
                wrong.add(`words over words: «${said[a].text.data.trim().slice(0, 40)}» and `
                    + `«${said[b].text.data.trim().slice(0, 40)}»`);
        }
    }
    return [...wrong].slice(0, 5);
}"""


def spilled(page: Any) -> list[str]:
    """Words that a reader cannot read, because they lie over others or outside of their button."""
    found: list[str] = page.evaluate(SPILLED)
    return [*found, *filter(None, [printed(page)])]


def printed(page: Any) -> str:
    """The first words for ears alone (.vh) that are printed over the page all the same, or nothing."""
    found: str = page.evaluate(
        """() => {
            const out = [...document.querySelectorAll(".vh")].find((node) => {
                const box = node.getBoundingClientRect(), style = getComputedStyle(node);
                return box.width > 2 && box.height > 2 && style.clipPath === "none" && !node.matches(":focus");
            });
            return out ? "printed, and for ears alone: " + out.parentElement.outerHTML.slice(0, 160) : "";
        }"""
    )
    return found


# What depends on width and colours. The rest is the document's, which both widths share.
LAYOUT = ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block"]

NARROW = ["target-size", "scrollable-region-focusable"]  # colours are those of the other widths


def faults(page: Any, rules: list[str] | None = None) -> list[str]:
    """What axe finds in the page as it stands, by all its rules or these, words that lie over others or leave their
    place, and whether it is wider than its window."""
    settle(page)
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    options = {"resultTypes": ["violations"], **({"runOnly": {"type": "rule", "values": rules}} if rules else {})}
    results = page.evaluate("options => axe.run(options)", options)
    found = [f"{fault['id']}: {node['html'][:160]}" for fault in results["violations"] for node in fault["nodes"][:2]]
    return [*found, *spilled(page), *filter(None, [wider(page)])]


OPENABLE = """() => [...document.querySelectorAll("[popovertarget]")]
    .filter((node) => node.checkVisibility({visibilityProperty: true}))
    .map((node) => node.getAttribute("popovertarget"))"""


def menus(page: Any, seen: set[str], name: str) -> list[str]:
    """What is wrong with the menus that the page has, each opened; those of `seen` were looked at on another page."""
    wrong = []
    width = page.viewport_size["width"]
    for target in page.evaluate(OPENABLE):
        kind = f"{re.sub(r'[0-9]+', '#', target)} {width}"
        if kind in seen:
            continue
        seen.add(kind)
        page.locator(f"[popovertarget='{target}']:visible").first.click()
        page.locator(f"#{target}:popover-open").wait_for()
        wrong += [f"{target} open: {fault}" for fault in faults(page)]
        picture(page, f"{name}-open-{target}-{width}-light")
        page.keyboard.press("Escape")
        page.locator(f"#{target}:popover-open").wait_for(state="hidden")
        if not page.evaluate("target => document.activeElement?.getAttribute('popovertarget') === target", target):
            wrong.append(f"{target}: closed, the focus is lost")
    if "palette" not in seen and width >= 1024 and page.locator("#mci-palette").count():
        seen.add("palette")
        page.keyboard.press("ControlOrMeta+k")
        page.locator("dialog[open]").wait_for()
        wrong += [f"palette open: {fault}" for fault in faults(page)]
        picture(page, f"{name}-open-palette-{width}-light")
        page.keyboard.press("Escape")
        page.locator("dialog[open]").wait_for(state="hidden")
    return wrong


def reach(page: Any, selector: str, *, presses: int = 120, key: str = "Tab") -> None:
    """Tabs until the element has the focus, which must come to be seen: in the window, under nothing."""
    for _n in range(presses):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            # The browser scrolls to it, which takes it a moment; what lies under something stays there.
            for _moment in range(50):
                if page.evaluate(SEEN):
                    return
                page.wait_for_timeout(100)
            raise AssertionError(f"{selector} has the focus and is not seen")
    raise AssertionError(f"{selector} is not reached by keyboard")


# The focus is hidden when something else lies over all its corners and its middle (WCAG 2.4.11).
SEEN = """() => {
    const node = document.activeElement, box = node.getBoundingClientRect();
    if (!box.width && !box.height) return false;
    const points = [[.5, .5], [.1, .2], [.9, .2], [.1, .8], [.9, .8]];
    return points.some(([x, y]) => {
        const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
        return top && (node.contains(top) || top.contains(node) || top.closest("label")?.contains(node)
            || [...(node.labels ?? [])].some((label) => label.contains(top)));
    });
}"""


def place(page: Any, selector: str) -> float:
    """The element's distance from the window's upper edge, once the page has come to rest: Chromium scrolls a focus
    into view over some frames, and what is measured on the way is not where the element stands."""
    return float(page.locator(selector).evaluate(RESTS))


RESTS = """(node) => new Promise((rested) => {
    let last = NaN, still = 0;
    const look = () => {
        const top = node.getBoundingClientRect().top;
        still = top === last ? still + 1 : 0;
        last = top;
        still < 12 ? requestAnimationFrame(look) : rested(top);
    };
    look();
})"""


def write(page: Any, selector: str, text: str) -> None:
    """Reaches the field by keyboard and types into it, over what it holds."""
    reach(page, selector)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def picture(page: Any, name: str) -> None:
    """A picture of the page in the folder that MCI_SHOTS names, for a person to look at."""
    if folder := os.environ.get("MCI_SHOTS", ""):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(
            path=str(Path(folder) / (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") + ".png")), full_page=True
        )
