import { combobox, definePractice, h, Steps } from "../shared/practice.js";
import { datePicker, iso, words } from "./datepicker.js";

const merchants = ["Harbour Cafe", "Northline Rail", "Blue Door Hotel", "Orchard Books", "Sunfield Taxi", "Linden Print", "Atlas Hardware", "Green Fork", "Meridian Air", "Old Mill Inn"];
const currencies = ["EUR", "USD", "GBP", "CHF", "SEK", "PLN", "JPY", "NOK"];
const categories = ["Meals", "Travel", "Lodging", "Office supplies", "Training", "Client gifts", "Software", "Parking", "Telephone"];
const payments = ["Company card", "Own card", "Cash"];

definePractice("expense-form", ({ content, look, plants, work, finish }) => {
  const goal = {
    merchant: content.pick(merchants),
    amount: `${content.between(4, 480)}.${String(content.below(100)).padStart(2, "0")}`,
    currency: content.pick(currencies.slice(1)),
    category: content.pick(categories),
    payment: content.chance(0.5) ? content.pick(payments.slice(1)) : null,
    billable: content.chance(0.4),
    date: new Date(Date.UTC(2026, content.below(12), content.between(1, 28))),
  };
  const monthsAway = content.pick([-1, 0, 0, 1, 2]);
  const opensOn = new Date(Date.UTC(2026, goal.date.getUTCMonth() - monthsAway, 1));
  const state = { merchant: "", amount: "", currency: null, category: null, payment: payments[0], billable: false, date: null };
  const steps = new Steps();
  const checks = [];
  const names = look.pick([
    { merchant: "Merchant", amount: "Amount", currency: "Currency", category: "Category", date: "Date", submit: "Submit expense", draft: "Save draft" },
    { merchant: "Paid to", amount: "Total", currency: "Currency code", category: "Type of expense", date: "Date of purchase", submit: "Send for approval", draft: "Keep as draft" },
    { merchant: "Vendor", amount: "Sum", currency: "In currency", category: "Expense class", date: "Receipt date", submit: "Submit", draft: "Save for later" },
  ]);
  const currencyIsNative = look.chance(0.5);

  function textField(id, label) {
    const input = h("input", { id, type: "text", autocomplete: "off", spellcheck: "false", oninput: () => { state[id] = input.value.trim(); } });
    steps.add("type", `#${id}`, { text: goal[id] }, () => state[id] === goal[id]);
    return h("div", { class: "field" }, h("label", { for: id, text: label }), input);
  }
  function choiceField(id, label, options, native) {
    if (native) {
      const select = h("select", { id, onchange: () => { state[id] = select.value || null; } }, h("option", { value: "", text: "Choose…" }), options.map((option) => h("option", { value: option, text: option })));
      steps.add("select", `#${id}`, { option: goal[id], options: ["Choose…", ...options] }, () => state[id] === goal[id]);
      return h("div", { class: "field" }, h("label", { for: id, text: label }), select);
    }
    steps.add("choose", `#${id}`, { option: goal[id], list: `#${id}-list`, optionSelector: `#${id}-list [data-option="${goal[id]}"]` }, () => state[id] === goal[id]);
    return combobox({ id, label, options, onchange: (value) => { state[id] = value; } });
  }
  function dateField() {
    const picker = datePicker({ id: "date", label: names.date, opensOn, onchange: (date) => { state.date = iso(date); } });
    steps.add("click", "#date", {}, () => picker.isOpen());
    for (let turned = 1; turned <= Math.abs(monthsAway); turned++) {
      const month = iso(new Date(Date.UTC(opensOn.getUTCFullYear(), opensOn.getUTCMonth() + turned * Math.sign(monthsAway), 1))).slice(0, 7);
      steps.add("click", monthsAway > 0 ? "#date-next" : "#date-previous", {}, () => picker.shownMonth() === month);
    }
    steps.add("click", `[data-date="${iso(goal.date)}"]`, {}, () => state.date === iso(goal.date));
    return picker.field;
  }
  function paymentField() {
    if (goal.payment) steps.add("click", `#payment-${payments.indexOf(goal.payment)}`, {}, () => state.payment === goal.payment);
    return h("fieldset", { class: "field" }, h("legend", { text: "Paid with" }), h("div", { class: "row" }, payments.map((payment, at) =>
      h("label", { class: "check" }, h("input", { id: `payment-${at}`, type: "radio", name: "payment", checked: at === 0, onchange: () => { state.payment = payment; } }), payment))));
  }
  function billableField() {
    if (goal.billable) steps.add("click", "#billable", {}, () => state.billable);
    const box = h("input", { id: "billable", type: "checkbox", onchange: () => { state.billable = box.checked; } });
    return h("label", { class: "check" }, box, look.pick(["Billable to client", "Charge to the client"]));
  }

  const makers = look.shuffle([
    () => textField("merchant", names.merchant), () => textField("amount", names.amount), () => choiceField("currency", names.currency, currencies, currencyIsNative),
    () => choiceField("category", names.category, categories, !currencyIsNative), dateField]);
  const fields = makers.map((make) => make());
  fields.push(paymentField(), billableField());
  if (look.chance(0.5)) fields.push(h("div", { class: "field wide" }, h("label", { for: "note", text: "Note (optional)" }), h("textarea", { id: "note", rows: 2 })));

  const grid = h("form", { id: "expense", class: `form-grid ${look.pick(["", "single"])}`, "aria-label": "New expense", onsubmit: (event) => { event.preventDefault(); finish(); } }, fields);
  plants.fields(steps, checks, grid);
  const status = h("p", { class: "toast", role: "status" });
  const submit = h("button", { id: "submit", type: "submit", class: "primary", text: names.submit });
  const draft = h("button", { id: "draft", type: "button", text: names.draft, onclick: () => { status.textContent = "Draft kept on this device."; } });
  grid.append(h("div", { class: "row wide" }, look.chance(0.5) ? [submit, draft] : [draft, submit]), h("div", { class: "wide" }, status));
  steps.add("click", "#submit", {}, () => window.practice.state !== "running");

  const beside = [
    ...plants.at("shown").map((plant) => h("li", {}, plants.sentence(plant, content))),
    ...content.some(["Receipts over 50 need a picture.", "Your last report was paid on Monday.", "Mileage is filed elsewhere.", "Ask finance about foreign cards."], look.between(0, 2)).map((text) => h("li", { text })),
  ];
  const pictures = [...plants.at("field").map((plant) => plants.field(plant)), ...plants.at("image").map((plant) => plants.image(plant, content, "Scanned receipt"))];
  const aside = beside.length + pictures.length > 0 ? h("aside", { class: "card stack", "aria-label": "Messages" }, h("h2", { text: look.pick(["Messages", "For your eyes", "Recent"]) }), beside.length ? h("ul", { class: "facts" }, beside) : null, pictures) : null;
  work.append(h("h1", { text: look.pick(["New expense", "Expense report", "Claim an expense"]) }),
    h("div", { class: aside ? "columns" : "columns alone" }, h("div", { class: "card" }, grid), aside));

  const wants = `${goal.amount} ${goal.currency}`;
  const extra = `${goal.payment ? `, paid with ${goal.payment.toLowerCase()}` : ""}${goal.billable ? ", billable to the client" : ""}`;
  return {
    title: "Expense report",
    steps,
    frames: ["top", "side", "side right"],
    instruction: look.pick([
      `File an expense of ${wants} at ${goal.merchant} on ${words(goal.date)}, category ${goal.category}${extra}.`,
      `Enter this receipt: ${goal.merchant}, ${words(goal.date)}, ${wants}. It counts as ${goal.category}${extra}.`,
      `You paid ${wants} to ${goal.merchant} on ${words(goal.date)}. Claim it as ${goal.category}${extra}.`,
    ]) + plants.typedWords + " Then submit it.",
    verify() {
      for (const key of ["merchant", "amount", "currency", "category"]) if (state[key] !== goal[key]) return `${names[key]} is not ${goal[key]}`;
      if (state.date !== iso(goal.date)) return `${names.date} is not ${words(goal.date)}`;
      if (state.payment !== (goal.payment ?? payments[0])) return "the way of payment is wrong";
      if (state.billable !== goal.billable) return "the billable mark is wrong";
      return checks.map((check) => check()).find((reason) => reason !== null) ?? null;
    },
  };
});
