// A date picker: a button that opens a calendar. Arrow keys move by day, Page Up and Page Down by month.
import { h } from "../shared/practice.js";

const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const days = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const dayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

export const iso = (date) => date.toISOString().slice(0, 10);
export const words = (date) => `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
const utc = (year, month, day) => new Date(Date.UTC(year, month, day));

export function datePicker({ id, label, opensOn, onchange }) {
  let chosen = null;
  let shown = utc(opensOn.getUTCFullYear(), opensOn.getUTCMonth(), 1);
  const button = h("button", { id, type: "button", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-labelledby": `${id}-label ${id}`, onclick: () => (calendar.hidden ? open() : close()) });
  const title = h("span", { id: `${id}-month`, "aria-live": "polite", style: "font-weight:600" });
  const body = h("tbody");
  const calendar = h("div", { id: `${id}-calendar`, class: "calendar", role: "dialog", "aria-label": label, hidden: true },
    h("div", { class: "row spread" },
      h("button", { id: `${id}-previous`, class: "icon quiet", type: "button", "aria-label": "Previous month", text: "‹", onclick: () => turn(-1) }),
      title,
      h("button", { id: `${id}-next`, class: "icon quiet", type: "button", "aria-label": "Next month", text: "›", onclick: () => turn(1) })),
    h("table", { "aria-labelledby": `${id}-month` }, h("thead", {}, h("tr", {}, days.map((day, at) => h("th", { scope: "col", abbr: dayNames[at], text: day })))), body));
  const field = h("div", { class: "field" }, h("span", { id: `${id}-label`, class: "label", text: label }), h("div", { class: "datebox" }, button), calendar);

  function paint() {
    button.textContent = chosen ? words(chosen) : "Choose a date";
    title.textContent = `${months[shown.getUTCMonth()]} ${shown.getUTCFullYear()}`;
    const first = (shown.getUTCDay() + 6) % 7;
    const count = utc(shown.getUTCFullYear(), shown.getUTCMonth() + 1, 0).getUTCDate();
    const cells = [...Array(first).fill(null), ...Array.from({ length: count }, (_, at) => utc(shown.getUTCFullYear(), shown.getUTCMonth(), at + 1))];
    body.replaceChildren(...Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) => h("tr", {}, Array.from({ length: 7 }, (_, day) => {
      const date = cells[week * 7 + day];
      return h("td", {}, date ? h("button", {
        type: "button", "data-date": iso(date), "aria-label": words(date), "aria-pressed": String(chosen !== null && iso(chosen) === iso(date)),
        text: String(date.getUTCDate()), onclick: () => pick(date),
      }) : null);
    }))));
  }
  function open() {
    calendar.hidden = false;
    button.setAttribute("aria-expanded", "true");
    paint();
  }
  function close() {
    calendar.hidden = true;
    button.setAttribute("aria-expanded", "false");
  }
  function turn(by) {
    shown = utc(shown.getUTCFullYear(), shown.getUTCMonth() + by, 1);
    paint();
  }
  function pick(date) {
    chosen = date;
    onchange(date);
    close();
    paint();
    button.focus();
  }
  calendar.addEventListener("keydown", (event) => {
    const at = document.activeElement?.dataset?.date;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (event.key === "Escape") { close(); button.focus(); }
    else if (event.key === "PageUp") turn(-1);
    else if (event.key === "PageDown") turn(1);
    else if (at && by) {
      const to = new Date(Date.parse(at) + by * 86400000);
      if (to.getUTCMonth() !== shown.getUTCMonth()) turn(by < 0 ? -1 : 1);
      body.querySelector(`[data-date="${iso(to)}"]`)?.focus();
    } else return;
    event.preventDefault();
  });
  document.addEventListener("pointerdown", (event) => { if (!field.contains(event.target)) close(); });
  paint();
  return { field, isOpen: () => !calendar.hidden, shownMonth: () => iso(shown).slice(0, 7) };
}
