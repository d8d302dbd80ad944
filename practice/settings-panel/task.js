import { definePractice, dialog, h, Steps } from "../shared/practice.js";
import { slider, sortable, tabs, toggle } from "./widgets.js";

const toggles = {
  notices: [["sound", "Play a sound"], ["badge", "Show a badge"], ["digest", "Daily digest"], ["mentions", "Only when I am mentioned"], ["quiet", "Quiet at night"]],
  privacy: [["presence", "Show when I am online"], ["history", "Keep search history"], ["previews", "Load link previews"], ["receipts", "Send read receipts"]],
};
const widgets = [["calendar", "Calendar"], ["tasks", "Tasks"], ["notes", "Notes"], ["weather", "Weather"], ["news", "News"], ["files", "Files"]];
const dangers = [["cache", "Clear the cache", "clear the cache"], ["sessions", "Sign out elsewhere", "sign out everywhere else"], ["drafts", "Delete old drafts", "delete the old drafts"]];

definePractice("settings-panel", ({ content, look, plants, work, finish }) => {
  const flags = {};
  for (const [id] of [...toggles.notices, ...toggles.privacy]) flags[id] = content.chance(0.5);
  const state = { flags: { ...flags }, volume: 10 * content.between(1, 9), order: [], cleared: [], compact: content.chance(0.5) };
  const shownWidgets = content.some(widgets, 5);
  state.order = shownWidgets.map(([id]) => id);
  const goal = structuredClone(state);
  const noticeFlip = content.pick(toggles.notices);
  const privacyFlip = content.pick(toggles.privacy);
  const danger = content.pick(dangers);
  const jobs = content.shuffle(["notice", "privacy", "volume", "order", "danger"]).slice(0, 3);
  if (!jobs.includes("order") && !jobs.includes("volume")) jobs[0] = content.pick(["order", "volume"]);
  if (jobs.includes("notice")) goal.flags[noticeFlip[0]] = !goal.flags[noticeFlip[0]];
  if (jobs.includes("privacy")) goal.flags[privacyFlip[0]] = !goal.flags[privacyFlip[0]];
  if (jobs.includes("volume")) goal.volume = content.pick([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100].filter((value) => Math.abs(value - state.volume) >= 20));
  const moved = content.below(shownWidgets.length);
  const landing = content.pick(shownWidgets.map((_, at) => at).filter((at) => Math.abs(at - moved) >= 2));
  if (jobs.includes("order")) {
    const [item] = goal.order.splice(moved, 1);
    goal.order.splice(landing, 0, item);
  }
  if (jobs.includes("danger")) goal.cleared = [danger[0]];

  const steps = new Steps();
  const checks = [];
  let openTab = null;
  const names = look.pick([
    { notices: "Notifications", privacy: "Privacy", home: "Home screen", storage: "Storage", account: "Account", volume: "Volume of sounds", order: "Order of tiles", save: "Save changes", apply: "Apply" },
    { notices: "Alerts", privacy: "Sharing", home: "Start page", storage: "Data", account: "Profile", volume: "Alert volume", order: "Widgets", save: "Save", apply: "Yes, save" },
    { notices: "Notices", privacy: "Visibility", home: "Overview", storage: "Upkeep", account: "Identity", volume: "Loudness", order: "Cards in order", save: "Apply settings", apply: "Confirm" },
  ]);
  const toggleOf = ([id, label]) => toggle({ id: `toggle-${id}`, label, on: state.flags[id], onchange: (on) => { state.flags[id] = on; } });
  const status = h("p", { class: "toast", role: "status" });
  const account = h("div", { class: "stack" },
    h("div", { class: "field" }, h("label", { for: "display-name", text: "Display name" }), h("input", { id: "display-name", type: "text", autocomplete: "off", value: "" })),
    plants.at("field").map((plant) => plants.field(plant)), plants.at("shown").map((plant) => h("p", {}, plants.sentence(plant, content))), plants.at("image").map((plant) => plants.image(plant, content, "Pairing card")));
  const typedSteps = new Steps();
  plants.fields(typedSteps, checks, account);
  const compact = h("input", { id: "compact", type: "checkbox", checked: state.compact, onchange: () => { state.compact = compact.checked; } });

  const panels = look.shuffle([
    { id: "notices", name: names.notices, body: [...look.shuffle(toggles.notices).map(toggleOf), slider({ id: "volume", label: names.volume, value: state.volume, onchange: (value) => { state.volume = value; } })] },
    { id: "privacy", name: names.privacy, body: look.shuffle(toggles.privacy).map(toggleOf) },
    { id: "home", name: names.home, body: [h("label", { class: "check" }, compact, "Compact view"), sortable({ id: "tiles", label: names.order, items: shownWidgets.map(([id, text]) => ({ id, text })), onchange: (ids) => { state.order = ids; } })] },
    { id: "storage", name: names.storage, body: look.shuffle(dangers).map(([id, text]) => h("div", { class: "setting" }, h("span", { text }), h("button", { id: `danger-${id}`, type: "button", "aria-label": `${text}…`, text: "Do it…", onclick: () => dialog({
      id: `ask-${id}`, role: "alertdialog", title: `${text}?`, text: "This cannot be taken back.", buttons: [{ id: `cancel-${id}`, text: "Cancel" }, { id: `confirm-${id}`, class: "primary", text, act: () => { state.cleared = [...state.cleared, id]; status.textContent = `${text}: done.`; } }],
    }) }))) },
    { id: "account", name: names.account, body: account },
  ]);
  const needsAccount = ["typed", "field", "shown", "image"].some((place) => plants.at(place).length > 0);

  const goTo = (tab) => {
    if (tab !== planned) steps.add("click", `#tab-${tab}`, {}, () => openTab === tab);
    planned = tab;
  };
  let planned = panels[0].id;
  const sentences = jobs.map((job) => {
    if (job === "notice" || job === "privacy") {
      const [id, label] = job === "notice" ? noticeFlip : privacyFlip;
      goTo(job === "notice" ? "notices" : "privacy");
      steps.add("click", `#toggle-${id}`, {}, () => state.flags[id] === goal.flags[id]);
      return look.pick([`turn ${goal.flags[id] ? "on" : "off"} "${label}"`, `switch "${label}" ${goal.flags[id] ? "on" : "off"}`]);
    }
    if (job === "volume") {
      goTo("notices");
      steps.add("slide", "#volume-thumb", { track: "#volume", fraction: goal.volume / 100, value: String(goal.volume) }, () => state.volume === goal.volume);
      return look.pick([`set "${names.volume}" to ${goal.volume} %`, `drag "${names.volume}" to ${goal.volume} %`]);
    }
    if (job === "order") {
      goTo("home");
      const text = shownWidgets[moved][1];
      steps.add("drag", `#tiles-${shownWidgets[moved][0]}`, { to: `#tiles-${shownWidgets[landing][0]}` }, () => state.order.join() === goal.order.join());
      const beyond = shownWidgets[landing][1];
      return look.pick([`drag ${text} to the place of ${beyond}`, `move ${text} to position ${landing + 1} of the list`]);
    }
    goTo("storage");
    steps.add("click", `#danger-${danger[0]}`, {}, () => document.getElementById(`confirm-${danger[0]}`) !== null);
    steps.add("click", `#confirm-${danger[0]}`, {}, () => state.cleared.includes(danger[0]));
    return look.pick([danger[2], `${danger[2]} and confirm`]);
  });
  if (needsAccount) {
    goTo("account");
    typedSteps.list.forEach((step, at) => steps.add(step.kind, step.selector, step, typedSteps.checks[at]));
  }
  steps.add("click", "#save", {}, () => document.getElementById("apply") !== null);
  steps.add("click", "#apply", {}, () => window.practice.state !== "running");

  const save = h("button", { id: "save", type: "button", class: "primary", text: names.save, onclick: () => dialog({ id: "ask-save", title: "Save these settings?", text: "They are in force on all your devices at once.", buttons: [{ id: "keep-editing", text: "Keep editing" }, { id: "apply", class: "primary", text: names.apply, act: finish }] }) });
  work.append(h("div", { class: "row spread" }, h("h1", { text: look.pick(["Settings", "Preferences", "Options"]) }), look.chance(0.5) ? save : null), tabs(panels, look.chance(0.5), (id) => { openTab = id; }), h("div", { class: "row spread" }, status, save.isConnected || save.parentNode ? null : save));

  const joined = `${sentences.slice(0, -1).join(", ")} and ${sentences.at(-1)}`;
  return {
    title: "Settings",
    steps,
    frames: ["top", "side"],
    instruction: `${joined[0].toUpperCase()}${joined.slice(1)}.${needsAccount ? ` Have a look at ${names.account}.` : ""}${plants.typedWords} Then save and confirm.`,
    verify() {
      for (const [id, label] of [...toggles.notices, ...toggles.privacy]) if (state.flags[id] !== goal.flags[id]) return `"${label}" is ${state.flags[id] ? "on" : "off"}`;
      if (state.volume !== goal.volume) return `"${names.volume}" is at ${state.volume} %, not ${goal.volume} %`;
      if (state.order.join() !== goal.order.join()) return "the order of the list is wrong";
      if (state.cleared.join() !== goal.cleared.join()) return goal.cleared.length ? "the confirmation is missing" : "something was deleted that was not asked for";
      if (state.compact !== goal.compact) return "the view was changed";
      return checks.map((check) => check()).find((reason) => reason !== null) ?? null;
    },
  };
});
