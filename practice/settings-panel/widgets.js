// Switch, slider, sortable list and tabs as the ARIA authoring practices describe them, each with keys.
import { h } from "../shared/practice.js";

export function toggle({ id, label, on, onchange }) {
  const button = h("button", { id, class: "switch", type: "button", role: "switch", "aria-checked": String(on), "aria-labelledby": `${id}-label`, onclick: () => {
    const next = button.getAttribute("aria-checked") !== "true";
    button.setAttribute("aria-checked", String(next));
    onchange(next);
  } });
  return h("div", { class: "setting" }, h("span", { id: `${id}-label`, text: label }), button);
}

export function slider({ id, label, value, step = 10, onchange }) {
  let now = value;
  const thumb = h("div", { id: `${id}-thumb`, class: "thumb", role: "slider", tabindex: "0", "aria-labelledby": `${id}-label`, "aria-valuemin": "0", "aria-valuemax": "100" });
  const filled = h("div", { class: "filled" });
  const slide = h("div", { id, class: "slide" }, h("div", { class: "track" }), filled, thumb);
  const read = h("output", { class: "muted", id: `${id}-read` });
  const paint = () => {
    thumb.style.left = filled.style.width = `${now}%`;
    thumb.setAttribute("aria-valuenow", String(now));
    read.textContent = `${now} %`;
  };
  const set = (to) => {
    const rounded = Math.min(100, Math.max(0, Math.round(to / step) * step));
    if (rounded !== now) { now = rounded; onchange(now); }
    paint();
  };
  const at = (event) => { const box = slide.getBoundingClientRect(); return (event.clientX - box.left) / box.width * 100; };
  slide.addEventListener("pointerdown", (event) => { slide.setPointerCapture(event.pointerId); thumb.focus(); set(at(event)); event.preventDefault(); });
  slide.addEventListener("pointermove", (event) => { if (slide.hasPointerCapture(event.pointerId)) set(at(event)); });
  thumb.addEventListener("keydown", (event) => {
    const to = { ArrowRight: now + step, ArrowUp: now + step, ArrowLeft: now - step, ArrowDown: now - step, Home: 0, End: 100, PageUp: now + 2 * step, PageDown: now - 2 * step }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    set(to);
  });
  paint();
  return h("div", { class: "setting" }, h("span", { id: `${id}-label`, text: label }), h("div", { class: "row" }, slide, read));
}

// items: [{id, text}]; onchange(ids). Drag an item, or hold Alt and press an arrow key on its grip.
export function sortable({ id, label, items, onchange }) {
  let order = [...items];
  const list = h("ul", { id, class: "sortable", "aria-labelledby": `${id}-label` });
  const nodes = new Map(items.map((item) => [item.id, h("li", { id: `${id}-${item.id}` },
    h("button", { class: "grip", type: "button", "aria-label": `Move ${item.text}`, "aria-describedby": `${id}-help`, text: "⠿", onkeydown: (event) => keyed(event, item) }), h("span", { text: item.text }))]));
  const paint = () => list.replaceChildren(...order.map((item) => nodes.get(item.id)));
  function place(item, index) {
    const to = Math.min(order.length - 1, Math.max(0, index));
    if (order.indexOf(item) === to) return;
    order = order.filter((other) => other !== item);
    order.splice(to, 0, item);
    onchange(order.map((other) => other.id));
  }
  function keyed(event, item) {
    if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    place(item, order.indexOf(item) + (event.key === "ArrowDown" ? 1 : -1));
    paint();
    nodes.get(item.id).firstChild.focus();
  }
  for (const item of items) {
    const node = nodes.get(item.id);
    node.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      const slots = order.map((other) => { const box = nodes.get(other.id).getBoundingClientRect(); return box.top + box.height / 2; });
      const from = order.indexOf(item);
      const before = [...order];
      node.setPointerCapture(event.pointerId);
      node.classList.add("moving");
      let to = from;
      const move = (step) => {
        node.style.transform = `translateY(${step.clientY - event.clientY}px)`;
        const y = slots[from] + step.clientY - event.clientY;
        to = slots.reduce((best, slot, at) => (Math.abs(slot - y) < Math.abs(slots[best] - y) ? at : best), 0);
        const pitch = slots.length > 1 ? slots[1] - slots[0] : 0;
        before.forEach((other, at) => {
          if (other === item) return;
          const shift = at > from && at <= to ? -pitch : at < from && at >= to ? pitch : 0;
          nodes.get(other.id).style.transform = shift ? `translateY(${shift}px)` : "";
        });
      };
      const drop = () => {
        node.removeEventListener("pointermove", move);
        node.classList.remove("moving");
        nodes.forEach((other) => { other.style.transform = ""; });
        place(item, to);
        paint();
      };
      node.addEventListener("pointermove", move);
      node.addEventListener("lostpointercapture", drop, { once: true });
    });
  }
  paint();
  return h("div", {}, h("h3", { id: `${id}-label`, text: label }), h("p", { id: `${id}-help`, class: "muted", text: "Drag, or press Alt with an arrow key." }), list);
}

export function tabs(panels, vertical, onopen) {
  const heads = panels.map((panel, at) => h("button", { id: `tab-${panel.id}`, type: "button", role: "tab", "aria-controls": `panel-${panel.id}`, text: panel.name, onclick: () => open(at), onkeydown: (event) => {
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: panels.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    open((to + panels.length) % panels.length);
    heads[(to + panels.length) % panels.length].focus();
  } }));
  const bodies = panels.map((panel) => h("div", { id: `panel-${panel.id}`, class: "card panel", role: "tabpanel", "aria-labelledby": `tab-${panel.id}` }, panel.body));
  function open(at) {
    heads.forEach((head, index) => { head.setAttribute("aria-selected", String(index === at)); head.tabIndex = index === at ? 0 : -1; });
    bodies.forEach((body, index) => { body.hidden = index !== at; body.style.display = index === at ? "" : "none"; });
    onopen(panels[at].id);
  }
  open(0);
  return h("div", { class: `panelled ${vertical ? "vertical" : ""}` }, h("div", { class: "tabs", role: "tablist", "aria-label": "Settings sections", "aria-orientation": vertical ? "vertical" : "horizontal" }, heads), h("div", {}, bodies));
}
