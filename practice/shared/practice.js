// The practice protocol (docs/formats/practice.md): window.practice, the frame around a task, and the plants a harness asks for.
// If this file were wrong, a task could pass without being done: every verdict comes from the task's own model through `verify`.
import { Draw } from "./draw.js";

export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "text") node.textContent = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Steps: what a solver has to do, in order. `check` reads the model and says whether the step has had its effect.
export class Steps {
  list = [];
  checks = [];
  add(kind, selector, more = {}, check = () => true) {
    this.list.push({ kind, selector, ...more });
    this.checks.push(check);
  }
}

const themes = ["daylight", "slate", "paper", "mint", "plum"];
const frames = ["top", "side", "side right"];
const fieldTypes = { password: "password" };

class Plants {
  constructor(list) { this.list = list; }
  at(place) { return this.list.filter((plant) => plant.place === place); }

  // Text around a plant; the plant itself is one span, so that its true place on the screen can be measured.
  sentence(plant, draw) {
    const around = {
      card: [["Charged to card ", " last week."], ["Please use ", " for the deposit."], ["Card on file: ", ""]],
      email: [["Questions go to ", "."], ["Copy sent to ", ""], ["Reply to ", " before Friday."]],
      token: [["Deploy key ", ""], ["The build uses ", " for now."], ["Token: ", ""]],
      password: [["Temporary password ", ""]],
    }[plant.kind] ?? [["Note: ", ""]];
    const [before, after] = draw.pick(around);
    return h("span", { class: "plant-text" }, before, h("span", { "data-plant": plant.id, text: plant.value }), after);
  }

  field(plant) {
    const id = `plant-${plant.id}`;
    const label = { card: "Card on file", email: "Registered address", token: "Current key" }[plant.kind] ?? "On file";
    return h("div", { class: "field" }, h("label", { for: id, text: label }),
      h("input", { id, type: "text", readonly: true, "data-plant": plant.id, value: plant.value }));
  }

  image(plant, draw, caption) {
    const canvas = h("canvas", { width: 430, height: 96, role: "img", "aria-label": caption, "data-plant": plant.id, "data-plant-image": "1" });
    const pen = canvas.getContext("2d");
    const dark = draw.chance(0.4);
    pen.fillStyle = dark ? "#20283a" : "#fbfaf4";
    pen.fillRect(0, 0, 430, 96);
    pen.fillStyle = dark ? "#aeb9cf" : "#6d6a60";
    pen.font = "13px 'Liberation Sans', sans-serif";
    pen.fillText(caption, 14, 26);
    pen.fillStyle = dark ? "#f2f5fb" : "#1d1b16";
    const size = Math.min(18, Math.floor(400 / Math.max(1, plant.value.length) / 0.62));
    pen.font = `${size}px 'DejaVu Sans Mono', monospace`;
    pen.fillText(plant.value, 14, 62);
    const metrics = pen.measureText(plant.value);
    canvas.dataset.plantBox = JSON.stringify([14, 62 - size, metrics.width, size * 1.3]);
    return canvas;
  }

  // Fields that the participant fills with a planted value; adds the steps and the verification.
  fields(steps, checks, into) {
    for (const plant of this.at("typed")) {
      const id = `typed-${plant.id}`;
      const protectedField = plant.kind === "password";
      const input = h("input", { id, type: fieldTypes[plant.kind] ?? "text", autocomplete: "off", spellcheck: "false", "data-plant": plant.id });
      into.append(h("div", { class: "field" }, h("label", { for: id, text: plant.field_name }), input));
      steps.add("type", `#${id}`, { text: plant.value, protected: protectedField, plant: plant.id }, () => input.value === plant.value);
      checks.push(() => input.value === plant.value ? null : `"${plant.field_name}" does not hold what was asked for`);
    }
  }

  get typedWords() {
    const names = this.at("typed").map((plant) => plant.field_name.toLowerCase());
    return names.length === 0 ? "" : ` Also fill in ${names.join(" and ")} as given to you.`;
  }
}

async function assignment(id) {
  if (!id) return { plants: [], next: null };
  const answer = await fetch(`/assignments/${encodeURIComponent(id)}.json`);
  if (!answer.ok) throw new Error(`assignment ${id}: ${answer.status}`);
  return answer.json();
}

// build(context) → {title, limitMs, instruction, steps, verify() → null or reason}
export async function definePractice(task, build) {
  const query = new URLSearchParams(location.search);
  const seed = Number.parseInt(query.get("seed") ?? "1", 10) || 0;
  const variant = query.get("variant") ?? String(new Draw(`${task}/${seed}/variant`).below(1000));
  const assigned = await assignment(query.get("assignment"));
  const look = new Draw(`${task}/${seed}/look/${variant}`);
  const plants = new Plants(assigned.plants);
  const theme = look.pick(themes);
  document.body.className = [`theme-${theme}`, look.pick(["", "dense", "round", "square"])].join(" ").trim();

  const work = h("div", { class: "work stack", inert: true });
  const context = { content: new Draw(`${task}/${seed}/content`), look, plants, work, finish, running: () => practice.state === "running" };
  const made = build(context);
  document.title = [made.title, ...plants.at("title").map((plant) => plant.value)].join(" · ");

  const clock = h("span", { class: "clock", role: "timer", "aria-label": "Time left" });
  const startButton = h("button", { id: "practice-start", class: "primary", type: "button", text: look.pick(["Start", "Begin", "Start task"]), onclick: () => practice.start() });
  const verdict = h("div", { id: "practice-verdict", role: "status" });
  const instruction = h("p", { id: "practice-instruction", text: made.instruction });
  const frame = look.pick(made.frames ?? frames);
  document.body.append(h("div", { class: `frame ${frame}` },
    h("section", { class: "task card", "aria-label": "Task" }, h("span", { class: "eyebrow", text: look.pick(["Your task", "To do", "Task"]) }), instruction,
      h("div", { class: "row spread" }, startButton, clock), verdict),
    h("main", { "aria-label": made.title }, work)));

  let startedAt = 0;
  let ticking = 0;
  const practice = {
    version: 1, task, seed, variant, theme,
    instruction: made.instruction,
    limitMs: made.limitMs ?? 180000,
    state: "ready",
    reason: null,
    next: assigned.next,
    expected: made.steps.list,
    start() {
      if (practice.state !== "ready") return;
      practice.state = "running";
      work.inert = false;
      startButton.disabled = true;
      startedAt = performance.now();
      ticking = setInterval(tick, 250);
      tick();
    },
    success: () => practice.state === "done",
    reached: (index) => made.steps.checks[index]?.() === true,
    origin: JSON.parse(sessionStorage.getItem("practice-origin")),
  };

  function tick() {
    const left = practice.limitMs - (performance.now() - startedAt);
    clock.textContent = left >= 90000 ? `${Math.ceil(left / 60000)} min left` : `${Math.max(0, Math.ceil(left / 1000))} s left`;
    if (left <= 0) end("failed", "the time is up");
  }

  function end(state, reason) {
    if (practice.state !== "running") return;
    clearInterval(ticking);
    practice.state = state;
    practice.reason = reason;
    work.inert = true;
    verdict.className = `verdict ${state}`;
    verdict.append(h("span", { text: state === "done" ? look.pick(["Done. Well worked.", "That is it, thank you.", "Finished."]) : `Not done: ${reason}.` }));
    if (practice.next) verdict.append(h("a", { id: "practice-next", class: "button primary", href: practice.next, text: look.pick(["Next task", "Next", "Continue"]) }));
    verdict.scrollIntoView({ block: "nearest" });
  }

  // Called by a task when the person says it is finished.
  function finish() {
    const reason = made.verify();
    end(reason === null ? "done" : "failed", reason);
  }

  // Where the page's corner really is on the screen; a looker cannot learn it otherwise.
  addEventListener("mousemove", (event) => {
    const origin = { x: event.screenX - event.clientX, y: event.screenY - event.clientY };
    if (origin.x === practice.origin?.x && origin.y === practice.origin?.y) return;
    practice.origin = origin;
    sessionStorage.setItem("practice-origin", JSON.stringify(origin));
  }, { capture: true, passive: true });

  window.practice = practice;
}

// A modal dialog: focus stays inside, Escape is the first (harmless) button.
export function dialog({ id, role = "dialog", title, text, buttons, body = [] }) {
  const before = document.activeElement;
  const close = () => { scrim.remove(); before?.focus?.(); };
  const made = buttons.map((button) => h("button", { id: button.id, type: "button", class: button.class ?? "", text: button.text, onclick: () => { close(); button.act?.(); } }));
  const box = h("div", { id, class: "dialog card", role, "aria-modal": "true", "aria-labelledby": `${id}-title`, "aria-describedby": `${id}-text` },
    h("h2", { id: `${id}-title`, text: title }), h("p", { id: `${id}-text`, text }), ...body, h("div", { class: "row" }, ...made));
  const scrim = h("div", { class: "scrim" }, box);
  box.addEventListener("keydown", (event) => {
    const stops = [...box.querySelectorAll("button, input, select, [tabindex='0']")];
    if (event.key === "Escape") { event.preventDefault(); close(); }
    if (event.key !== "Tab") return;
    const at = stops.indexOf(document.activeElement);
    event.preventDefault();
    stops[(at + (event.shiftKey ? -1 : 1) + stops.length) % stops.length].focus();
  });
  document.body.append(scrim);
  made[0].focus();
  return box;
}

// A select-only combobox as the ARIA authoring practices describe it. onchange(value).
export function combobox({ id, label, options, value = null, placeholder = "Choose…", onchange }) {
  let chosen = value;
  let active = -1;
  let typed = "";
  let typedAt = 0;
  const list = h("ul", { id: `${id}-list`, class: "list", role: "listbox", "aria-labelledby": `${id}-label`, hidden: true });
  const box = h("div", { id, class: "combo", role: "combobox", tabindex: "0", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-labelledby": `${id}-label` });
  const rows = options.map((option, index) => h("li", {
    id: `${id}-o${index}`, role: "option", "aria-selected": "false", "data-option": option, text: option,
    onpointermove: () => activate(index, false),
    onclick: () => { choose(index); close(); box.focus(); },
  }));
  list.append(...rows);
  const field = h("div", { class: "field" }, h("span", { id: `${id}-label`, class: "label", text: label, onclick: () => box.focus() }), box, list);

  function paint() {
    box.textContent = chosen ?? placeholder;
    box.classList.toggle("empty", chosen === null);
    rows.forEach((row, index) => row.setAttribute("aria-selected", String(options[index] === chosen)));
  }
  function open() {
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    activate(Math.max(0, options.indexOf(chosen)), true);
  }
  function close() {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }
  function activate(index, scroll) {
    active = Math.min(options.length - 1, Math.max(0, index));
    rows.forEach((row, at) => row.classList.toggle("active", at === active));
    box.setAttribute("aria-activedescendant", rows[active].id);
    if (scroll) rows[active].scrollIntoView({ block: "nearest" });
  }
  function choose(index) {
    chosen = options[index];
    paint();
    onchange(chosen);
  }
  function lookUp(letter, now) {
    typed = now - typedAt > 900 ? letter : typed + letter;
    typedAt = now;
    const found = options.findIndex((option) => option.toLowerCase().startsWith(typed));
    if (found >= 0) activate(found, true);
  }

  box.addEventListener("click", () => (list.hidden ? open() : close()));
  box.addEventListener("blur", () => setTimeout(() => { if (!field.contains(document.activeElement)) close(); }));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const shut = list.hidden;
    if (["ArrowDown", "ArrowUp", "Enter", " "].includes(event.key) && shut) open();
    else if (event.key === "ArrowDown") activate(active + 1, true);
    else if (event.key === "ArrowUp") activate(active - 1, true);
    else if (event.key === "Home") activate(0, true);
    else if (event.key === "End") activate(options.length - 1, true);
    else if (event.key === "Enter") { choose(active); close(); }
    else if (event.key === "Escape" && !shut) close();
    else if (event.key === "Tab") { if (!shut) { choose(active); close(); } return; }
    else if (event.key.length === 1) { if (shut) open(); lookUp(event.key.toLowerCase(), event.timeStamp); }
    else return;
    event.preventDefault();
  });
  paint();
  return field;
}
