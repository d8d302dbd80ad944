// Menus that open when the pointer rests on them, nested to any depth, and by arrow keys.
// A menu waits a little before it closes or gives way to its neighbour, so that a slanting path into a submenu does not lose it.
import { h } from "../shared/practice.js";

const PATIENCE_MS = 260;

// items: [{id, text, items?, act?, disabled?}]
export function hoverMenu(items, label) {
  const bar = h("ul", { class: "bar", role: "menubar", "aria-label": label }, items.map((item, at) => entry(item, null, at === 0)));
  return { bar };

  function entry(item, parent, reachable) {
    const head = h("div", { id: item.id, role: "menuitem", tabindex: reachable ? "0" : "-1", "aria-disabled": item.disabled ? "true" : null,
      "aria-haspopup": item.items ? "menu" : null, "aria-expanded": item.items ? "false" : null },
      h("span", { text: item.text }), item.items ? h("span", { "aria-hidden": "true", text: parent ? "▸" : "▾" }) : null);
    const sub = item.items ? h("ul", { class: "menu", role: "menu", "aria-label": item.text, hidden: true }, item.items.map((child) => entry(child, head, false))) : null;
    const holder = h("li", { role: "none" }, head, sub);
    let wait = 0;
    const siblings = () => [...holder.parentNode.children].map((node) => node.firstChild);
    const show = (open) => {
      clearTimeout(wait);
      if (!sub) return;
      if (open) siblings().filter((other) => other !== head && other.getAttribute("aria-expanded") === "true").forEach((other) => { other.setAttribute("aria-expanded", "false"); other.nextSibling.hidden = true; });
      sub.hidden = !open;
      head.setAttribute("aria-expanded", String(open));
    };
    holder.addEventListener("pointerenter", () => {
      const busy = siblings().some((other) => other !== head && other.getAttribute("aria-expanded") === "true");
      clearTimeout(wait);
      if (sub) wait = setTimeout(() => show(true), busy ? PATIENCE_MS : 40);
    });
    holder.addEventListener("pointerleave", () => { clearTimeout(wait); if (sub) wait = setTimeout(() => show(false), PATIENCE_MS); });
    head.addEventListener("click", () => {
      if (item.disabled) return;
      if (sub) show(true);
      else item.act?.();
    });
    head.addEventListener("keydown", (event) => {
      const all = siblings();
      const at = all.indexOf(head);
      const horizontal = parent === null;
      const key = event.key;
      if (key === (horizontal ? "ArrowRight" : "ArrowDown")) all[(at + 1) % all.length].focus();
      else if (key === (horizontal ? "ArrowLeft" : "ArrowUp")) all[(at - 1 + all.length) % all.length].focus();
      else if (key === "Home") all[0].focus();
      else if (key === "End") all.at(-1).focus();
      else if (sub && (key === "Enter" || key === " " || key === (horizontal ? "ArrowDown" : "ArrowRight"))) { show(true); sub.querySelector("[role=menuitem]").focus(); }
      else if (key === "Enter" || key === " ") head.click();
      else if ((key === "Escape" || (key === "ArrowLeft" && !horizontal)) && parent) { parent.setAttribute("aria-expanded", "false"); parent.nextSibling.hidden = true; parent.focus(); }
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    return holder;
  }
}
