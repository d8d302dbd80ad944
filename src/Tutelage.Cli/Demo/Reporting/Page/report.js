"use strict";
(() => {
  const content = JSON.parse(document.getElementById("content").textContent);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };

  // ---- Sessions

  const panels = all(".session");
  const tabs = all("[role=tab]");
  const players = panels.map((panel, index) => player(panel, content.sessions[index]));

  function player(panel, session) {
    const slider = panel.querySelector("input[type=range]");
    const play = panel.querySelector(".play");
    const now = panel.querySelector(".now");
    const doing = panel.querySelector(".doing");
    const [raw, kept] = all(".screen", panel);
    const last = session.frames.length - 1;
    let at = -1;
    let timer = 0;

    const before = (list, ms) => {
      let found = -1;
      while (found + 1 < list.length && list[found + 1].ms <= ms) found++;
      return found;
    };

    function picture(screen, place, alt) {
      const image = screen.querySelector("img");
      image.hidden = place === null;
      if (place === null) return;
      image.onload = () => { for (const each of [raw, kept]) each.style.aspectRatio = `${image.naturalWidth} / ${image.naturalHeight}`; };
      image.src = "data:image/png;base64," + content.pictures[place];
      image.alt = alt;
    }

    function message(screen, className, title, words) {
      const shown = screen.querySelector(".panel");
      shown.hidden = title === null;
      shown.className = "panel " + className;
      shown.replaceChildren(...(title === null ? [] : [element("b", "", title), ...(words ? [element("span", "", words)] : [])]));
    }

    function show(ms) {
      ms = Math.min(Math.max(ms, Number(slider.min)), Number(slider.max));
      slider.value = ms;
      now.setAttribute("x1", 100 * ms / slider.max + "%");
      now.setAttribute("x2", 100 * ms / slider.max + "%");
      panel.querySelector(".moment").textContent = clock(ms);
      const action = session.actions[before(session.actions, ms)];
      doing.replaceChildren(...(action ? ["Last action: ", element("b", "", action.done), ". In the data set: ", element("span", action.outcome === "missed" ? "bad" : "", action.found)] : ["\u00a0"]));
      const frame = session.frames[Math.max(0, before(session.frames, ms))];
      const state = !frame ? "no picture" : frame.gap ? "gap: " + frame.gap : frame.kept === null ? "nothing kept" : "kept";
      slider.setAttribute("aria-valuetext", clock(ms) + ", " + state);
      if (!frame || at === frame) return;
      at = frame;
      picture(raw, frame.raw, `The desktop at ${frame.clock}, as it was`);
      message(raw, "empty", frame.raw === null ? "No picture" : null, "");
      picture(kept, frame.gap ? null : frame.kept, `The desktop at ${frame.clock}, as it was kept`);
      if (frame.gap) message(kept, "gap " + frame.gapClass, "Gap: " + frame.gap, frame.why);
      else message(kept, "empty", frame.kept === null ? "Nothing kept yet" : null, "");
    }

    function step(by) {
      const here = Math.max(0, before(session.frames, Number(slider.value)));
      const next = Math.min(last, Math.max(0, here + by));
      if (last >= 0) show(session.frames[next].ms);
      return next < last;
    }

    function stop() {
      clearInterval(timer);
      timer = 0;
      play.textContent = "Play";
      play.setAttribute("aria-pressed", "false");
    }

    play.addEventListener("click", () => {
      if (timer) return stop();
      if (Number(slider.value) >= (session.frames[last]?.ms ?? 0)) step(-last);
      play.textContent = "Pause";
      play.setAttribute("aria-pressed", "true");
      timer = setInterval(() => { if (!step(1)) stop(); }, 700);
    });
    slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
    slider.addEventListener("keydown", event => {
      const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5, Home: -last, End: last }[event.key];
      if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      stop();
      step(by);
    });
    panel.querySelector(".timeline").addEventListener("click", event => {
      const box = event.currentTarget.getBoundingClientRect();
      stop();
      show(Math.round(slider.max * (event.clientX - box.left) / box.width));
    });
    show(Number(slider.value));
    return { show, stop, slider };
  }

  function clock(ms) {
    const tenths = Math.floor(ms / 100);
    return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
  }

  function choose(index) {
    tabs.forEach((tab, each) => {
      tab.setAttribute("aria-selected", String(each === index));
      tab.tabIndex = each === index ? 0 : -1;
      panels[each].hidden = each !== index;
      if (each !== index) players[each].stop();
    });
  }

  tabs.forEach((tab, index) => {
    panels[index].setAttribute("role", "tabpanel");
    tab.addEventListener("click", () => choose(index));
    tab.addEventListener("keydown", event => {
      const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      const to = (next + tabs.length) % tabs.length;
      choose(to);
      tabs[to].focus();
    });
  });
  if (tabs.length > 0) {
    document.querySelector(".tabs").hidden = false;
    choose(0);
  }
  for (const jump of all(".jump")) {
    jump.addEventListener("click", () => {
      const index = Number(jump.dataset.session);
      choose(index);
      players[index].stop();
      players[index].show(Number(jump.dataset.ms));
      panels[index].scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
      players[index].slider.focus({ preventScroll: true });
    });
  }

  // ---- Hashes. crypto.subtle may be missing for a file opened from disk, hence FIPS 180-4 by hand; it is tried on a known answer before it is believed.

  const sha256 = (() => {
    const primes = [];
    for (let n = 2; primes.length < 64; n++) if (primes.every(prime => n % prime)) primes.push(n);
    const fraction = root => Math.floor((root - Math.floor(root)) * 0x100000000) >>> 0;
    const constants = primes.map(prime => fraction(Math.cbrt(prime)));
    const start = primes.slice(0, 8).map(prime => fraction(Math.sqrt(prime)));
    const turn = (word, by) => (word >>> by) | (word << (32 - by));
    return bytes => {
      const padded = new Uint8Array((bytes.length + 72) & ~63);
      padded.set(bytes);
      padded[bytes.length] = 0x80;
      const view = new DataView(padded.buffer);
      view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x20000000));
      view.setUint32(padded.length - 4, bytes.length << 3);
      const state = start.slice();
      const words = new Int32Array(64);
      for (let block = 0; block < padded.length; block += 64) {
        for (let i = 0; i < 16; i++) words[i] = view.getInt32(block + 4 * i);
        for (let i = 16; i < 64; i++) {
          const [x, y] = [words[i - 15], words[i - 2]];
          words[i] = words[i - 16] + words[i - 7] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
        }
        let [a, b, c, d, e, f, g, h] = state;
        for (let i = 0; i < 64; i++) {
          const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + words[i]) | 0;
          const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
          [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
        }
        [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] = (state[i] + word) | 0; });
      }
      const digest = new Uint8Array(32);
      state.forEach((word, i) => new DataView(digest.buffer).setInt32(4 * i, word));
      return digest;
    };
  })();

  const utf8 = text => new TextEncoder().encode(text);
  const hex = bytes => [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("");
  const fromHex = text => Uint8Array.from(text.match(/../g) ?? [], pair => parseInt(pair, 16));
  const fromBase64 = text => {
    try { return Uint8Array.from(atob(text), letter => letter.charCodeAt(0)); } catch { return new Uint8Array(); }
  };
  const short = bytes => hex(bytes).slice(0, 12) + "…";
  const join = (...parts) => {
    const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((offset, part) => (joined.set(part, offset), offset + part.length), 0);
    return joined;
  };
  const same = (left, right) => left.length === right.length && left.every((byte, i) => byte === right[i]);
  const count = (number, one, many) => `${number} ${number === 1 ? one : many ?? one + "s"}`;

  // ---- The log: docs/formats/ledger.md, RFC 6962 section 2.1

  const commitment = entry => sha256(join(utf8("tutelage/entry/v1\n"), entry.salt, entry.body));
  const leafHash = leaf => sha256(join([0], leaf));
  const nodeHash = (left, right) => sha256(join([1], left, right));

  /** The tree over leaves start to end, or null for none. */
  function tree(leaves, start = 0, end = leaves.length) {
    if (start === end) return null;
    if (end - start === 1) return { start, end, height: 0, hash: leafHash(leaves[start]) };
    const split = start + 2 ** Math.ceil(Math.log2(end - start) - 1);
    const [left, right] = [tree(leaves, start, split), tree(leaves, split, end)];
    return { start, end, left, right, height: left.height + 1, hash: nodeHash(left.hash, right.hash) };
  }
  const rootOf = leaves => tree(leaves)?.hash ?? sha256(new Uint8Array());

  /** c2sp.org/tlog-proof@v1; what is none is read as one that proves nothing. */
  function readProof(text) {
    const split = text.indexOf("\n\n");
    const lines = text.slice(0, split).split("\n").filter(line => !line.startsWith("extra "));
    const state = text.slice(split + 2).split("\n");
    return { index: Number(lines[1]?.slice("index ".length)), hashes: lines.slice(2).map(fromBase64), size: Number(state[1]), root: fromBase64(state[2] ?? "") };
  }

  /** Where the proof leads from this leaf; null if it does not fit the size at all. RFC 9162 section 2.1.3.2. */
  function climb(leaf, proof) {
    let [place, last, hash] = [proof.index, proof.size - 1, leafHash(leaf)];
    if (!(place >= 0 && place <= last)) return null;
    for (const sibling of proof.hashes) {
      if (last === 0) return null;
      if (place % 2 === 1 || place === last) {
        hash = nodeHash(sibling, hash);
        while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, Math.floor(last / 2)];
      } else hash = nodeHash(hash, sibling);
      [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
    }
    return last === 0 ? hash : null;
  }

  /** Each person's entries, numbered from 1 and each naming the one before: docs/formats/entries.md. */
  function chainFaults(entries) {
    const [heads, faults] = [new Map(), []];
    for (const entry of entries) {
      let about = [];
      try { about = JSON.parse(new TextDecoder().decode(entry.body)).about ?? []; } catch { faults.push(`entry ${entry.index} is no longer readable`); }
      for (const { tag, sequence, previous } of about) {
        const head = heads.get(tag) ?? { sequence: 0, leaf: "0".repeat(64), index: null };
        const name = String(tag).slice(0, 8) + "…";
        if (sequence !== head.sequence + 1) faults.push(`about ${name}, number ${sequence} comes after number ${head.sequence}`);
        else if (previous !== head.leaf) faults.push(`entry ${entry.index} names another entry before it than entry ${head.index}`);
        heads.set(tag, { sequence, leaf: hex(commitment(entry)), index: entry.index });
      }
    }
    return faults;
  }

  const original = {
    leaves: content.ledger.leaves.map(fromHex),
    entries: content.ledger.entries.map(entry => ({ index: entry.index, body: utf8(entry.body), salt: fromBase64(entry.salt), proof: readProof(entry.proof) })),
    root: fromBase64(content.ledger.root),
    size: content.ledger.size,
  };
  const originalTree = tree(original.leaves);

  function check() {
    const list = document.getElementById("log-checks");
    const say = (good, text) => list.append(element("li", good ? "" : "fault", text));
    const verdict = document.getElementById("log-verdict");
    if (hex(sha256(utf8("abc"))) !== "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") {
      verdict.textContent = "Not checked: this browser computes SHA-256 wrongly.";
      return;
    }
    const root = rootOf(original.leaves);
    const good = { root: same(root, original.root) && original.leaves.length === original.size, leaves: 0, proofs: 0 };
    for (const entry of original.entries) {
      const leaf = original.leaves[entry.index];
      const leafGood = leaf !== undefined && same(commitment(entry), leaf);
      const proofGood = leafGood && entry.proof.index === entry.index && same(climb(leaf, entry.proof) ?? [], entry.proof.root) && same(rootOf(original.leaves.slice(0, entry.proof.size)), entry.proof.root);
      if (leafGood) good.leaves++;
      if (proofGood) good.proofs++;
      const shown = document.querySelector(`.check[data-entry="${entry.index}"]`);
      shown.textContent = leafGood && proofGood ? "✓ text, leaf and proof agree" : leafGood ? "✕ its proof fails" : "✕ its text is not its leaf";
      shown.classList.toggle("fault", !leafGood || !proofGood);
    }
    const chains = chainFaults(original.entries);
    const total = original.entries.length;
    say(good.root, `The root over all ${count(original.leaves.length, "leaf", "leaves")}, computed here, is ${short(root)} and the signed one, for ${count(original.size, "entry", "entries")}, is ${short(original.root)}`);
    say(good.leaves === total, `${good.leaves} of ${count(total, "entry", "entries")}, hashed with their salt, give exactly their leaf in the log.`);
    say(good.proofs === total, `${good.proofs} of ${count(total, "proof")} lead from their leaf to a root of this log.`);
    say(chains.length === 0, chains.length === 0 ? "Each person's entries are numbered without a hole, and each names the one before it." : `Faults in the chains of persons: ${chains.join("; ")}.`);
    const verified = good.root && good.leaves === total && good.proofs === total && chains.length === 0;
    verdict.dataset.state = verified ? "verified" : "failed";
    verdict.textContent = verified ? `✓ Verified just now, in this browser: ${count(original.size, "entry", "entries")}` : "✕ This log does not verify";
  }

  // ---- The forger

  const victim = document.getElementById("victim");
  const chosen = () => original.entries.findIndex(entry => entry.index === Number(victim.value));

  /** One bit of one letter or digit: the last second of its time, or else something near the middle. Still text, still readable, another entry. */
  function flipped(body) {
    const time = new TextDecoder("latin1").decode(body).indexOf('"time":"');
    const near = time < 0 ? Math.floor(body.length / 2) : time + '"time":"yyyy-MM-ddTHH:mm:s'.length;
    const plain = byte => (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
    for (let away = 0; away <= body.length; away++) {
      const at = (near + away) % body.length;
      if (!plain(body[at]) || !plain(body[at] ^ 1)) continue;
      const copy = body.slice();
      copy[at] ^= 1;
      return { copy, at };
    }
    return { copy: join(body, [32]), at: body.length };
  }

  const hashes = (what, right, other, wrong) => element("span", "hashes", what + " ", element("code", "", short(right)), `, ${other} `, element("code", "", wrong ? short(wrong) : "nowhere"));

  function finding(caught, title, words, ...more) {
    return { caught, item: element("li", caught ? "caught" : "unmoved", element("b", "", title), words, ...more) };
  }

  function rootFinding(leaves, words) {
    const root = rootOf(leaves);
    return finding(!same(root, original.root), "The root is not the signed one", words, hashes("Signed:", original.root, "computed:", root));
  }

  function chainFinding(entries) {
    const faults = chainFaults(entries);
    return faults.length > 0
      ? finding(true, "A person's chain of entries breaks", `${faults[0][0].toUpperCase()}${faults[0].slice(1)}${faults.length > 1 ? `, and ${faults.length - 1} more` : ""}.`)
      : finding(false, "The chains of persons show nothing here", "No later entry of a person refers to this one.");
  }

  function change(at) {
    const entry = original.entries[at];
    const { copy, at: byte } = flipped(entry.body);
    const forged = { ...entry, body: copy };
    const leaf = commitment(forged);
    const leaves = original.leaves.map((old, index) => index === entry.index ? leaf : old);
    const text = (body, from, to) => new TextDecoder().decode(body.slice(Math.max(0, from), to));
    const end = climb(leaf, entry.proof);
    return {
      leaves,
      deed: [`In the copy, one bit of entry ${entry.index} is different: `, element("code", "", "…" + text(entry.body, byte - 18, byte), element("mark", "", text(entry.body, byte, byte + 1)), " → ", element("mark", "", text(copy, byte, byte + 1)), text(entry.body, byte + 1, byte + 14) + "…")],
      findings: [
        finding(!same(leaf, original.leaves[entry.index]), "The entry does not match its leaf", "Hashed with its salt, the text gives another value than the log holds.", hashes("Leaf:", original.leaves[entry.index], "this text:", leaf)),
        rootFinding(leaves, "Say the forger replaces the leaf too. Then every point above it changes, up to the root."),
        finding(end === null || !same(end, entry.proof.root), "The entry's proof fails", "People keep the proofs of their entries. From the new leaf, this one leads somewhere else.", hashes("Should lead to:", entry.proof.root, "leads to:", end)),
        chainFinding(original.entries.map(each => each === entry ? forged : each)),
      ],
    };
  }

  /** Proofs that no longer fit once leaves have moved. */
  const lost = leaves => original.entries.filter(entry => leaves[entry.index] === undefined || !same(climb(leaves[entry.index], entry.proof) ?? [], entry.proof.root));

  function drop(at) {
    const entry = original.entries[at];
    const leaves = original.leaves.filter((_, index) => index !== entry.index);
    const failed = lost(leaves).filter(each => each !== entry);
    return {
      leaves,
      deed: [`In the copy, entry ${entry.index} is gone, and those after it have moved up.`],
      findings: [
        finding(leaves.length !== original.size, "The number of entries is wrong", `The log and the auditor signed ${original.size}; the copy has ${leaves.length}.`),
        rootFinding(leaves, "Without this leaf the tree grows up differently."),
        finding(same(climb(original.leaves[entry.index], entry.proof) ?? [], entry.proof.root), "Its people can show that it was there", "The proof that they hold still leads from the entry to a signed root.", hashes("Signed:", entry.proof.root, "their proof leads to:", climb(original.leaves[entry.index], entry.proof))),
        finding(failed.length > 0, "Proofs of other entries fail", failed.length > 0 ? `${count(failed.length, "entry", "entries")} no longer stand where their proofs say.` : "None of the others has moved."),
        chainFinding(original.entries.filter(each => each !== entry)),
      ],
    };
  }

  function swap(at) {
    const first = original.entries[at];
    const second = original.entries[at + 1] ?? original.entries[at - 1];
    if (!second) return drop(at);
    const leaves = original.leaves.slice();
    [leaves[first.index], leaves[second.index]] = [leaves[second.index], leaves[first.index]];
    const failed = lost(leaves);
    const entries = original.entries.slice();
    [entries[at], entries[entries.indexOf(second)]] = [second, first];
    return {
      leaves,
      deed: [`In the copy, entries ${Math.min(first.index, second.index)} and ${Math.max(first.index, second.index)} have changed places. Their texts are untouched.`],
      findings: [
        rootFinding(leaves, "The order of the leaves is part of the root."),
        finding(failed.length > 0, "Their proofs fail", `A proof names the place of its entry; ${failed.length} of them no longer fit.`),
        chainFinding(entries),
      ],
    };
  }

  function forge(deed) {
    const at = chosen();
    if (at < 0) return;
    const result = deed(at);
    const places = result.findings.filter(each => each.caught).length;
    const verdict = document.getElementById("tamper-verdict");
    verdict.dataset.state = places > 0 ? "caught" : "missed";
    verdict.textContent = places > 0 ? `Caught, in ${count(places, "place")}` : "Not caught";
    document.getElementById("deed").replaceChildren(...result.deed);
    document.getElementById("caught").replaceChildren(...result.findings.map(each => each.item));
    document.getElementById("tampered").hidden = false;
    document.getElementById("restore").disabled = false;
    draw(result.leaves);
  }

  function restore() {
    document.getElementById("tampered").hidden = true;
    document.getElementById("restore").disabled = true;
    draw(original.leaves);
  }

  // ---- The tree, drawn

  function draw(leaves) {
    const holder = document.getElementById("tree");
    const top = tree(leaves);
    if (!top || leaves.length > 256) return;
    const svg = (name, attributes, text) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      if (text !== undefined) made.textContent = text;
      return made;
    };
    const known = new Map();
    (function remember(node) {
      if (!node) return;
      known.set(`${node.start}-${node.end}`, hex(node.hash));
      remember(node.left);
      remember(node.right);
    })(originalTree);
    const tampered = leaves !== original.leaves;
    const place = Number(victim.value);
    const [width, step, radius] = [1000, Math.max(44, 320 / (top.height + 1)), Math.min(9, Math.max(3, 330 / leaves.length))];
    const height = (top.height + 1) * step + 26;
    const x = node => 20 + (width - 40) * ((node.start + node.end) / 2) / leaves.length;
    const y = node => 18 + (top.height - node.height) * step;
    const [lines, points] = [[], []];
    (function visit(node, above, aboveOnPath) {
      const onPath = node.start <= place && place < node.end;
      const changed = tampered && known.get(`${node.start}-${node.end}`) !== hex(node.hash);
      const state = changed ? "changed" : tampered ? "" : onPath ? "path" : aboveOnPath ? "given" : "";
      if (above) lines.push(svg("line", { x1: x(above), y1: y(above), x2: x(node), y2: y(node), class: changed ? "changed" : state === "path" ? "path" : "" }));
      const leaf = node.height === 0;
      const point = svg("circle", { cx: x(node), cy: y(node), r: leaf || node === top ? radius * 1.15 : radius, class: `${state} ${leaf ? "leaf" : ""} ${leaf && onPath ? "chosen" : ""}` });
      points.push(point);
      if (leaf && original.entries.some(entry => entry.index === node.start)) point.addEventListener("click", () => { victim.value = node.start; restore(); });
      if (leaf && (leaves.length <= 40 || onPath)) points.push(svg("text", { x: x(node), y: height - 4 }, node.start));
      if (node.left) {
        visit(node.left, node, onPath);
        visit(node.right, node, onPath);
      }
    })(top, null, false);
    const wrong = !same(top.hash, original.root);
    const name = svg("text", { x: Math.min(x(top) + 20, 640), y: 24, class: wrong ? "rootname wrong" : "rootname" }, wrong ? `${short(top.hash)} ≠ signed root` : `${short(top.hash)} = signed root`);
    const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    drawing.append(...lines, ...points, name);
    holder.replaceChildren(drawing);
    holder.setAttribute("aria-label", `The tree of hashes over ${count(leaves.length, "entry", "entries")}; its root ${wrong ? "is not the signed one" : "is the signed one"}`);
  }

  document.getElementById("change").addEventListener("click", () => forge(change));
  document.getElementById("drop").addEventListener("click", () => forge(drop));
  document.getElementById("swap").addEventListener("click", () => forge(swap));
  document.getElementById("restore").addEventListener("click", restore);
  victim.addEventListener("change", restore);
  document.getElementById("tamper").addEventListener("submit", event => event.preventDefault());
  check();
  draw(original.leaves);
})();
