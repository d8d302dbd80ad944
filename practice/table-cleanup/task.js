import { definePractice, h, Steps } from "../shared/practice.js";
import { Sheet } from "./sheet.js";

const firms = ["Alder & Sons", "Birch Supplies", "Cedar Works", "Dunlin Foods", "Elm Street Labs", "Fjord Fish", "Gable Roofs", "Heron Press", "Iris Optics", "Juniper Tea", "Kestrel Bikes", "Larch Timber"];
const cities = ["Lyon", "Porto", "Ghent", "Turin", "Malmo", "Krakow", "Cork", "Graz", "Split", "Leeds"];
const states = ["open", "paid", "late"];
const misspelt = (word) => word.slice(0, 1) + word[2] + word[1] + word.slice(3);

definePractice("table-cleanup", ({ content, look, plants, work, finish }) => {
  const all = {
    invoice: { key: "invoice", name: look.pick(["Invoice", "No.", "Number"]) },
    customer: { key: "customer", name: look.pick(["Customer", "Client", "Firm"]) },
    city: { key: "city", name: look.pick(["City", "Town"]) },
    amount: { key: "amount", name: look.pick(["Amount", "Total"]), number: true },
    state: { key: "state", name: look.pick(["State", "Status"]) },
    contact: { key: "contact", name: "Contact" },
  };
  const typed = plants.at("typed").filter((plant) => plant.kind !== "password");
  const withNotes = plants.at("shown").length > 0 || look.chance(0.4);
  if (withNotes) all.notes = { key: "notes", name: look.pick(["Notes", "Remark"]) };
  const columns = [all.invoice, ...look.shuffle([all.customer, all.city, all.amount]), all.state, ...(typed.length ? [all.contact] : []), ...(withNotes ? [all.notes] : [])];

  const count = 7 + content.below(3);
  const first = 1000 + content.below(8000);
  const names = content.some(firms, count);
  const clean = names.map((customer, at) => ({ invoice: String(first + at), customer, city: content.pick(cities), amount: `${content.between(20, 2400)}.00`, state: content.pick(states), contact: "", notes: "" }));
  plants.at("shown").forEach((plant, at) => { const row = clean[(at * 3 + 1) % count]; row.notes = plant.value; row.plant = plant.id; });

  // What is wrong with the table, and what it must be in the end.
  const messy = clean.map((row) => ({ ...row }));
  const [typo, amountRow, contactRow, doubled, lost] = content.shuffle(clean.map((_, at) => at));
  messy[typo].city = misspelt(clean[typo].city);
  const asksAmount = content.chance(0.6);
  const newAmount = `${content.between(20, 2400)}.50`;
  if (asksAmount) clean[amountRow].amount = newAmount;
  typed.forEach((plant, at) => { clean[(contactRow + at) % count].contact = plant.value; });
  messy.splice(Math.min(messy.length, doubled + 1 + content.below(3)), 0, { ...messy[doubled] });
  const asksUndo = content.chance(0.5);

  const sheet = new Sheet(messy, columns);
  if (asksUndo) {
    sheet.go(sheet.rows.findIndex((row) => row.invoice === clean[lost].invoice), 0);
    sheet.deleteRow();
    sheet.at = { row: 0, column: 0 };
  }

  const steps = new Steps();
  const plan = sheet.copy();
  const column = (key) => columns.findIndex((one) => one.key === key);
  const cell = (row, at) => `[data-cell="${row}:${at}"]`;
  const names_ = (key) => columns[column(key)].name;
  function reach(row, at) {
    const keys = plan.route(row, at);
    const check = () => sheet.at.row === row && sheet.at.column === at && document.activeElement?.dataset?.cell === `${row}:${at}`;
    steps.add("reach", cell(row, at), { keys }, check);
    plan.go(row, at);
  }
  function press(key, keys, done) {
    plan.press(key);
    const rows = JSON.stringify(plan.rows);
    steps.add("key", cell(plan.at.row, plan.at.column), { keys }, done ?? (() => JSON.stringify(sheet.rows) === rows));
  }
  function edit(row, key, text, plant) {
    const at = column(key);
    reach(row, at);
    steps.add("edit", cell(row, at), { keys: ["Enter"], editor: `${cell(row, at)} input`, protected: false }, () => document.activeElement?.matches?.(`${cell(row, at)} input`));
    steps.add("type", `${cell(row, at)} input`, { text, commit: "Enter", focused: true, plant }, () => sheet.rows[row]?.[key] === text);
    plan.set(text);
  }
  const rowOf = (invoice, from = 0) => plan.rows.findIndex((row, at) => at >= from && row.invoice === invoice);

  steps.add("click", cell(0, 0), {}, () => document.activeElement?.dataset?.cell === "0:0");
  plan.go(0, 0);
  if (asksUndo) press("ctrl+z", ["ctrl", "z"]);
  plan.go(plan.at.row, plan.at.column);
  const jobs = content.shuffle(["typo", ...(asksAmount ? ["amount"] : []), ...(typed.length ? ["contact"] : []), "double"]);
  for (const job of jobs) {
    if (job === "typo") edit(rowOf(clean[typo].invoice), "city", clean[typo].city);
    if (job === "amount") edit(rowOf(clean[amountRow].invoice), "amount", newAmount);
    if (job === "contact") typed.forEach((plant, at) => edit(rowOf(clean[(contactRow + at) % count].invoice), "contact", plant.value, plant.id));
    if (job === "double") {
      const invoice = clean[doubled].invoice;
      reach(rowOf(invoice, rowOf(invoice) + 1), plan.at.column);
      press("ctrl+d", ["ctrl", "d"]);
    }
  }
  press("ctrl+s", ["ctrl", "s"], () => window.practice.state !== "running");

  const status = h("p", { class: "toast", role: "status", text: asksUndo ? `Last change: the row of invoice ${clean[lost].invoice} was deleted.` : "No changes yet." });
  const head = h("thead", {}, h("tr", {}, columns.map((one) => h("th", { scope: "col", text: one.name }))));
  const body = h("tbody");
  const grid = h("table", { role: "grid", "aria-label": "Invoices" }, head, body);
  let editing = false;

  function cellText(row, key) {
    const plant = key === "notes" ? row.plant : key === "contact" ? typed.find((one) => one.value === row.contact)?.id : null;
    return plant ? h("span", { "data-plant": plant, text: row[key] }) : row[key];
  }
  function paint(focus) {
    editing = false;
    body.replaceChildren(...sheet.rows.map((row, r) => h("tr", { class: look.striped && r % 2 ? "even" : "" }, columns.map((one, c) => h("td", {
      role: "gridcell", "data-cell": `${r}:${c}`, tabindex: r === sheet.at.row && c === sheet.at.column ? "0" : "-1", class: one.number ? "number" : "" },
      cellText(row, one.key))))));
    if (focus) body.querySelector(cell(sheet.at.row, sheet.at.column)).focus();
  }
  function startEdit() {
    const place = body.querySelector(cell(sheet.at.row, sheet.at.column));
    const one = columns[sheet.at.column];
    const row = sheet.rows[sheet.at.row];
    const plant = one.key === "contact" ? typed.find((_, at) => clean[(contactRow + at) % count].invoice === row.invoice) : null;
    const input = h("input", { type: "text", value: row[one.key], "aria-label": `${one.name} of ${row.invoice}`, autocomplete: "off", spellcheck: "false", "data-plant": plant?.id ?? null });
    editing = true;
    place.replaceChildren(input);
    input.focus();
    input.select();
    const leave = (keep) => {
      if (!editing) return;
      editing = false;
      if (keep) { sheet.set(input.value.trim()); status.textContent = "Changed."; }
      paint(true);
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") { event.preventDefault(); leave(true); }
      if (event.key === "Escape") { event.preventDefault(); leave(false); }
      if (event.key === "Tab") { event.preventDefault(); leave(true); }
    });
    input.addEventListener("blur", () => leave(true));
  }
  function save() {
    sheet.saved = true;
    status.textContent = "Saved.";
    finish();
  }
  const place = (event) => event.target.closest("[data-cell]")?.dataset.cell.split(":").map(Number);
  body.addEventListener("mousedown", (event) => {
    if (event.target.tagName === "INPUT") return;
    const at = place(event);
    if (!at) return;
    event.preventDefault();
    sheet.go(...at);
    body.querySelectorAll("[tabindex='0']").forEach((node) => { node.tabIndex = -1; });
    const node = body.querySelector(cell(...at));
    if (!node) return;
    node.tabIndex = 0;
    node.focus();
  });
  body.addEventListener("dblclick", (event) => { if (event.target.tagName !== "INPUT" && place(event)) startEdit(); });
  work.addEventListener("keydown", (event) => {
    const key = (event.ctrlKey || event.metaKey ? "ctrl+" : "") + (event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (key === "ctrl+s") { event.preventDefault(); save(); return; }
    if (!body.contains(document.activeElement) || editing) return;
    if (key === "Enter" || key === "F2") { event.preventDefault(); startEdit(); return; }
    const rows = sheet.rows.length;
    if (!sheet.press(key)) return;
    event.preventDefault();
    if (sheet.rows.length < rows) status.textContent = "Row deleted.";
    if (sheet.rows.length > rows) status.textContent = "Row is back.";
    paint(true);
  });

  look.striped = look.chance(0.5);
  paint(false);
  const act = (key) => () => { sheet.press(key); paint(true); };
  const tools = [
    h("button", { id: "delete-row", type: "button", text: "Delete row", onclick: act("ctrl+d") }), h("button", { id: "undo", type: "button", text: "Undo", onclick: act("ctrl+z") }),
    h("button", { id: "save", type: "button", class: "primary", text: "Save", onclick: save })];
  const legend = h("ul", { class: "keys", "aria-label": "Keyboard shortcuts" }, [["Arrows", "move"], ["Home", "first column"], ["End", "last column"], ["Enter", "edit"], ["Ctrl+D", "delete row"], ["Ctrl+Z", "undo"], ["Ctrl+S", "save"]]
    .map(([key, does]) => h("li", {}, h("kbd", { text: key }), ` ${does}`)));
  const more = h("div", { class: "stack" }, ...plants.at("field").map((plant) => plants.field(plant)), ...plants.at("image").map((plant) => plants.image(plant, content, "Stamp")));
  work.append(h("div", { class: "row spread" }, h("h1", { text: look.pick(["Invoices", "Open invoices", "Ledger sheet"]) }), h("div", { class: "row" }, look.chance(0.7) ? tools : [tools[2]])),
    ...(look.chance(0.6) ? [legend, h("div", { class: "card sheet" }, grid), status] : [h("div", { class: "card sheet" }, grid), status, legend]), ...(more.children.length ? [more] : []));

  const parts = [
    ...(asksUndo ? [look.pick(["undo the last deletion", "bring back the row deleted last"])] : []),
    ...jobs.map((job) => ({
      typo: look.pick([`correct the ${names_("city").toLowerCase()} of ${clean[typo].customer} to ${clean[typo].city}`, `${clean[typo].customer} is in ${clean[typo].city}: fix it`]),
      amount: `set the ${names_("amount").toLowerCase()} of ${clean[amountRow].customer} to ${newAmount}`,
      contact: `enter the contact of ${typed.map((_, at) => clean[(contactRow + at) % count].customer).join(" and ")} as given to you`,
      double: look.pick(["delete the second of the two equal rows", "one row stands there twice: delete the second"]),
    })[job]),
  ];
  const joined = parts.length > 1 ? `${parts.slice(0, -1).join("; ")}; and ${parts.at(-1)}` : parts[0];
  return {
    title: "Invoices",
    steps,
    frames: ["top", "top", "side"],
    instruction: `${joined[0].toUpperCase()}${joined.slice(1)}. Use the keyboard. Then save with Ctrl+S.`,
    verify() {
      if (sheet.rows.length !== clean.length) return `the table has ${sheet.rows.length} rows, not ${clean.length}`;
      for (const [at, row] of clean.entries())
        for (const one of columns) if (sheet.rows[at][one.key] !== row[one.key]) return `${one.name} of ${row.customer} is wrong`;
      return null;
    },
  };
});
