import { definePractice, h, Steps } from "../shared/practice.js";
import { hoverMenu } from "./menu.js";

const people = ["Vera Lind", "Oskar Brandt", "Amara Diallo", "Piotr Zielinski", "Mei Tan", "Rafael Costa", "Ingrid Dahl", "Samir Khoury", "Elena Rossi", "Tom Farrow"];
const subjects = ["Room for Thursday", "Signed contract", "Question about the invoice", "Photos from the fair", "Weekly numbers", "New badge", "Lunch list", "Draft of the leaflet", "Delivery moved", "Parking in June", "Minutes of the meeting", "Broken projector"];
const bodies = ["Could you have a look before noon? Nothing urgent, but the others wait for it.", "It came this morning and everything seems in order. Please file it.", "I am not sure who keeps these now. Tell me if it is not you.", "The list is at the end. Two lines changed since the last time.", "Thank you for the quick answer. This closes it for us."];
const labels = ["Urgent", "Waiting", "Personal", "Finance"];
const projects = ["Aurora", "Bridge", "Cobalt", "Delta"];
const folders = ["Receipts", "Contracts", "Travel", "Reading"];

definePractice("inbox-triage", ({ content, look, plants, work, finish }) => {
  const shown = plants.at("shown");
  const senders = content.some(people, 8);
  const topics = content.some(subjects, 8);
  const mails = senders.slice(0, 7 + content.below(2)).map((from, at) => ({ id: at, from, subject: topics[at], body: content.pick(bodies), plants: [], folder: "Inbox", label: null, starred: false }));
  const chosen = content.shuffle(mails.map((mail) => mail.id));
  const kinds = content.shuffle(["nested", "star", "archive", "label", "folder"]).slice(0, 3);
  if (!kinds.some((kind) => kind === "nested" || kind === "folder")) kinds[0] = "nested";
  const goals = kinds.map((kind, at) => ({ kind, mail: mails[chosen[at]], to: { nested: content.pick(projects), folder: content.pick(folders), label: content.pick(labels) }[kind] }));
  const want = new Map(mails.map((mail) => [mail.id, { folder: "Inbox", label: null, starred: false }]));
  // Planted mails are the ones that get opened, so that what they hold is really on the screen.
  const opened = goals.filter((goal) => goal.kind !== "star");
  [...shown, ...plants.at("image"), ...plants.at("field")].forEach((plant, at) => opened[at % opened.length].mail.plants.push(plant));

  const steps = new Steps();
  const checks = [];
  let open = null;
  const list = h("ul", { class: "mails", "aria-label": "Mails" });
  const pane = h("section", { class: "card reading", "aria-label": "Open mail" });
  const folderList = h("ul", { class: "folders", "aria-label": "Folders" });
  const current = (mail) => open === mail.id;

  function put(change) {
    const mail = mails.find((one) => one.id === open);
    Object.assign(mail, change);
    if (mail.folder !== "Inbox") open = null;
    paint();
  }

  const moveItems = [{ id: "move-projects", text: "Projects", items: projects.map((name) => ({ id: `move-${name.toLowerCase()}`, text: name, act: () => put({ folder: name }) })) },
    ...folders.map((name) => ({ id: `move-${name.toLowerCase()}`, text: name, act: () => put({ folder: name }) }))];
  const actionItems = look.shuffle([
    { id: "move", text: look.pick(["Move to", "Put into"]), items: look.chance(0.5) ? moveItems : [...moveItems.slice(1), moveItems[0]] },
    { id: "label", text: look.pick(["Label as", "Tag as"]), items: labels.map((name) => ({ id: `label-${name.toLowerCase()}`, text: name, act: () => put({ label: name }) })) },
    { id: "archive", text: "Archive", act: () => put({ folder: "Archive" }) },
    { id: "unread", text: "Mark unread", act: () => {} },
    ...(look.chance(0.5) ? [{ id: "print", text: "Print", disabled: true }] : []),
  ]);
  const barItems = [{ id: "actions", text: look.pick(["Actions", "More", "Do"]), items: actionItems }, { id: "reply", text: "Reply", disabled: true }];
  if (look.chance(0.4)) barItems.reverse();

  function paintList() {
    list.replaceChildren(...mails.filter((mail) => mail.folder === "Inbox").map((mail) => h("li", { class: current(mail) ? "open" : "" },
      h("button", { id: `star-${mail.id}`, class: "star", type: "button", "aria-pressed": String(mail.starred), "aria-label": `Star mail from ${mail.from}`, text: mail.starred ? "★" : "☆",
        onclick: () => { mail.starred = !mail.starred; paint(); document.getElementById(`star-${mail.id}`).focus(); } }),
      h("button", { id: `mail-${mail.id}`, class: "mail", type: "button", "aria-current": current(mail) ? "true" : null, "aria-label": `${mail.from}, ${mail.subject}`,
        onclick: () => { open = mail.id; paint(); document.getElementById(`mail-${mail.id}`).focus(); } },
        h("span", { class: "from", text: mail.from }), h("span", { text: mail.subject }), h("span", { class: "preview", text: mail.body })))));
  }
  function paintPane() {
    const mail = mails.find((one) => one.id === open);
    if (!mail) { pane.replaceChildren(h("p", { class: "muted", text: "No mail is open." })); return; }
    const draw = { pick: (items) => items[mail.id % items.length], chance: () => mail.id % 2 === 0 };
    pane.replaceChildren(hoverMenu(barItems, "Mail actions").bar, h("div", { class: "row spread" }, h("h2", { text: mail.subject }), mail.label ? h("span", { class: "tag", text: mail.label }) : null),
      h("p", { class: "muted", text: `From ${mail.from}` }), h("p", { text: mail.body }),
      ...mail.plants.map((plant) => plant.place === "image" ? plants.image(plant, draw, "Attachment: scan.png") : plant.place === "field" ? plants.field(plant) : h("p", {}, plants.sentence(plant, draw))));
  }
  function paint() {
    paintList();
    paintPane();
    const count = new Map();
    for (const mail of mails) count.set(mail.folder, (count.get(mail.folder) ?? 0) + 1);
    folderList.replaceChildren(...[...count].map(([name, size]) => h("li", { text: `${name} ${size}` })));
  }

  const sentences = goals.map(({ kind, mail, to }) => {
    const target = want.get(mail.id);
    const isOpen = () => document.getElementById(`mail-${mail.id}`)?.getAttribute("aria-current") === "true";
    const expanded = (id) => () => document.getElementById(id)?.getAttribute("aria-expanded") === "true";
    if (kind === "star") {
      target.starred = true;
      steps.add("click", `#star-${mail.id}`, {}, () => mail.starred);
      return look.pick([`star the mail from ${mail.from}`, `give the mail from ${mail.from} a star`]);
    }
    steps.add("click", `#mail-${mail.id}`, {}, isOpen);
    steps.add("hover", "#actions", {}, expanded("actions"));
    if (kind === "archive") {
      target.folder = "Archive";
      steps.add("click", "#archive", {}, () => mail.folder === "Archive");
      return look.pick([`archive "${mail.subject}"`, `put "${mail.subject}" away into the archive`]);
    }
    if (kind === "label") {
      target.label = to;
      steps.add("hover", "#label", {}, expanded("label"));
      steps.add("click", `#label-${to.toLowerCase()}`, {}, () => mail.label === to);
      return look.pick([`label the mail from ${mail.from} as ${to}`, `mark "${mail.subject}" with the label ${to}`]);
    }
    target.folder = to;
    steps.add("hover", "#move", {}, expanded("move"));
    if (kind === "nested") steps.add("hover", "#move-projects", {}, expanded("move-projects"));
    steps.add("click", `#move-${to.toLowerCase()}`, {}, () => mail.folder === to);
    return look.pick([`move "${mail.subject}" to ${kind === "nested" ? "Projects, " : ""}${to}`, `put the mail from ${mail.from} into ${kind === "nested" ? "the project folder " : ""}${to}`]);
  });

  const extras = h("div", { class: "stack" });
  plants.fields(steps, checks, extras);
  const done = h("button", { id: "finish", type: "button", class: "primary", text: look.pick(["Finish", "I am done", "Finish triage"]), onclick: finish });
  steps.add("click", "#finish", {}, () => window.practice.state !== "running");
  paint();
  work.append(h("div", { class: "row spread" }, h("h1", { text: look.pick(["Inbox", "Mail", "Post"]) }), h("div", { class: "row" }, folderList, done)),
    h("div", { class: "mailbox" }, look.chance(0.75) ? [h("div", { class: "card", style: "padding:0" }, list), pane] : [pane, h("div", { class: "card", style: "padding:0" }, list)]), ...(extras.children.length ? [h("div", { class: "card" }, extras)] : []));

  const joined = sentences.length > 1 ? `${sentences.slice(0, -1).join(", ")} and ${sentences.at(-1)}` : sentences[0];
  return {
    title: "Inbox",
    steps,
    frames: ["top"],
    instruction: `${joined[0].toUpperCase()}${joined.slice(1)}. Leave everything else as it is.${plants.typedWords} Then press "${done.textContent}".`,
    verify() {
      for (const mail of mails) {
        const target = want.get(mail.id);
        if (mail.folder !== target.folder) return `"${mail.subject}" is in ${mail.folder}, not in ${target.folder}`;
        if (mail.label !== target.label) return `the label of "${mail.subject}" is wrong`;
        if (mail.starred !== target.starred) return `the star of the mail from ${mail.from} is wrong`;
      }
      return checks.map((check) => check()).find((reason) => reason !== null) ?? null;
    },
  };
});
