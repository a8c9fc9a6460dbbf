"use strict";
const run = JSON.parse(document.getElementById("data").textContent);
const items = run.items;
const at = (id) => document.getElementById(id);
const number = (value, digits = 0) => value.toLocaleString("en", { maximumFractionDigits: digits });

// What a reviewer says stays in this browser, under the run's name and place.
const memory = `swapline review ${run.name} ${location.pathname}`;
let reviews = {};
try { reviews = JSON.parse(localStorage.getItem(memory)) || {}; } catch { reviews = {}; }
const picked = new Set();
let shown = [];
let current = -1;

function make(name, text, ...classes) {
  const found = document.createElement(name);
  if (text !== undefined && text !== null) found.textContent = text;
  found.classList.add(...classes.filter(Boolean));
  return found;
}
function size(bytes) {
  return bytes < 1e3 ? bytes + " B" : bytes < 1e6 ? (bytes / 1e3).toFixed(0) + " kB" : (bytes / 1e6).toFixed(1) + " MB";
}
function plural(count, one, many = one + "s") { return `${number(count, 2)} ${count === 1 ? one : many}`; }
function facts(file) {
  if (!file.width) return file.format || "";
  let text = `${file.width}×${file.height} ${file.format}, ${size(file.size)}`;
  if (file.frames > 1) text += `, ${file.frames} frames`;
  if (file.duration) text += `, ${file.duration.toFixed(1)} s`;
  return text;
}
const isVideo = (address) => /\.(mp4|mov|webm|mkv)$/i.test(address);
// A folder that can be mailed has stills of videos; the page of a run has the files themselves.
const large = (file) => file.large || file.address;
function roles(item) {
  return ["scene", "face", "result"].filter((role) => item[role]).map((role) => ({ role, ...item[role] }));
}
// What a card shows: the three of a swap; without one, the scene and what was made of it.
function pictures(item) {
  const found = roles(item);
  if (item.result) return found;
  return [...found, ...item.renditions.slice(0, 3 - found.length).map((file) => ({ role: file.file, ...file }))];
}

// MARK: Cards

function cell(item, file) {
  const found = make("span", null, "cell");
  // Never a large file in a small cell, unless there are few of them.
  const isLight = !isVideo(file.address || "") && (items.length <= 60 || (file.size <= 150e3 && file.width * file.height <= 1e6));
  const address = file.small || (isLight ? large(file) : null);
  const words = () => found.replaceChildren(document.createTextNode(facts(file) || "cannot be shown"));
  if (!address) { words(); return found; }
  const picture = make("img");
  picture.loading = "lazy";
  picture.decoding = "async";
  picture.alt = `${file.role} of ${item.id}`;
  picture.addEventListener("error", words);
  picture.src = address;
  found.append(picture);
  return found;
}
function verdict(item) { return reviews[item.id]?.state; }
const verdictWords = { accept: "accepted", reject: "rejected by you" };
function card(item, index) {
  const found = make("article", null, item.state, verdict(item));
  found.dataset.id = item.id;
  found.dataset.index = index;
  found.tabIndex = 0;
  found.setAttribute("aria-posinset", index + 1);
  found.setAttribute("aria-setsize", shown.length);
  const title = make("h3");
  title.id = `item-${index}`;
  found.setAttribute("aria-labelledby", title.id);
  const label = make("label");
  const box = make("input");
  box.type = "checkbox";
  box.checked = picked.has(item.id);
  box.addEventListener("change", () => pick(item, box.checked));
  const name = make("span", item.id);
  name.title = item.id;
  label.append(box, name);
  const parts = [item.state];
  if (verdict(item)) parts.push(verdictWords[verdict(item)]);
  if (item.credits !== undefined) parts.push(item.reused ? "paid before" : plural(item.credits, "credit"));
  if (item.seconds) parts.push(`${item.seconds.toFixed(1)} s`);
  title.append(label, make("span", parts.join(" · "), "state"));
  found.append(title);
  const open = make("button", null, "pictures");
  open.type = "button";
  open.setAttribute("aria-label", `Open ${item.id}`);
  open.addEventListener("click", () => show(index));
  for (const file of pictures(item)) {
    const part = make("figure");
    part.append(cell(item, file), make("span", [file.role, facts(file)].filter(Boolean).join(", "), "caption"));
    open.append(part);
  }
  if (!open.children.length) open.append(make("span", item.source.scene || "no picture", "cell"));
  found.append(open);
  const lines = make("div", null, "lines");
  if (item.error) lines.append(make("p", (item.step ? item.step + ": " : "") + item.error, "error"));
  if (item.remedy) lines.append(make("p", item.remedy));
  for (const one of item.findings.slice(0, 2)) lines.append(make("p", one.text, "finding"));
  if (reviews[item.id]?.note) lines.append(make("p", reviews[item.id].note, "note"));
  if (item.fields) lines.append(make("p", item.fields.join(" · "), "fields"));
  found.append(lines);
  return found;
}

// MARK: A list of which only what is seen exists

const gap = 12;
let columns = 1;
let height = 1;
const drawn = new Map();
function measure() {
  const width = at("items").clientWidth;
  columns = Math.max(1, Math.floor((width + gap) / (368 + gap)));
  height = 17.5 * parseFloat(getComputedStyle(document.documentElement).fontSize) + gap;
  at("items").style.height = `${Math.ceil(shown.length / columns) * height}px`;
}
function draw(isFresh) {
  const list = at("items");
  if (isFresh) { drawn.clear(); list.replaceChildren(); }
  const top = list.getBoundingClientRect().top;
  const first = Math.max(0, Math.floor((-top - innerHeight) / height)) * columns;
  const last = Math.min(shown.length, Math.ceil((2 * innerHeight - top) / height) * columns);
  for (const [index, one] of drawn) {
    // What has the focus stays, or the keyboard would be lost.
    if ((index < first || index >= last) && !one.contains(document.activeElement)) { one.remove(); drawn.delete(index); }
  }
  const width = (list.clientWidth - gap * (columns - 1)) / columns;
  for (let index = first; index < last; index++) {
    let one = drawn.get(index);
    if (!one) {
      one = card(shown[index], index);
      drawn.set(index, one);
      // In the order of the page, which is the order of the Tab key.
      const after = [...drawn.keys()].filter((key) => key > index);
      list.insertBefore(one, after.length ? drawn.get(Math.min(...after)) : null);
    }
    one.style.width = `${width}px`;
    one.style.left = `${(index % columns) * (width + gap)}px`;
    one.style.top = `${Math.floor(index / columns) * height}px`;
  }
}
function redraw(item) {
  const index = shown.indexOf(item);
  const old = drawn.get(index);
  if (!old) return;
  const focused = old.contains(document.activeElement);
  const fresh = card(item, index);
  fresh.style.cssText = old.style.cssText;
  old.replaceWith(fresh);
  drawn.set(index, fresh);
  if (focused) fresh.focus();
}
function reveal(index) {
  index = Math.max(0, Math.min(shown.length - 1, index));
  const top = at("items").getBoundingClientRect().top + scrollY + Math.floor(index / columns) * height;
  if (top < scrollY + 60 || top + height > scrollY + innerHeight - 70) scrollTo({ top: Math.max(0, top - 80) });
  draw();
  drawn.get(index)?.focus({ preventScroll: true });
}

// MARK: Reviews

function remember() {
  try { localStorage.setItem(memory, JSON.stringify(reviews)); } catch { /* kept until the page is left */ }
  count();
}
function judge(item, state) {
  const known = reviews[item.id] || {};
  known.state = known.state === state ? undefined : state;
  keep(item, known);
}
function annotate(item, text) { keep(item, { ...reviews[item.id], note: text || undefined }); }
function keep(item, review) {
  if (review.state || review.note) reviews[item.id] = review; else delete reviews[item.id];
  remember();
  redraw(item);
}
function pick(item, isPicked) {
  if (isPicked) picked.add(item.id); else picked.delete(item.id);
  count();
}
function count() {
  at("count").textContent = `${number(shown.length)} of ${number(items.length)}`;
  const states = Object.values(reviews).map((one) => one.state);
  at("tally").textContent = `${number(states.filter((one) => one === "accept").length)} accepted, `
    + `${number(states.filter((one) => one === "reject").length)} rejected, ${number(picked.size)} picked`;
}

// MARK: Export

const wanted = {
  picked: (item) => picked.has(item.id), accept: (item) => verdict(item) === "accept",
  reject: (item) => verdict(item) === "reject", reviewed: (item) => Boolean(reviews[item.id]),
  failed: (item) => item.state === "failed", shown: (item) => shown.includes(item),
};
// Rows that `--items` takes; what a reviewer said rides along as two more columns.
function rows() {
  const which = at("which").value;
  const chosen = which === "shown" ? shown : items.filter(wanted[which]);
  return chosen.map((item) => {
    const row = { ...item.source };
    const review = reviews[item.id];
    if (review?.state) row.review = review.state;
    if (review?.note) row.note = review.note;
    return row;
  });
}
function csv(found) {
  const names = ["id", "scene", "face"];
  for (const row of found) for (const name of Object.keys(row)) if (!names.includes(name)) names.push(name);
  const quoted = (value) => value === undefined || value === null ? "" : `"${String(value).replaceAll('"', '""')}"`;
  return [names, ...found.map((row) => names.map((name) => row[name]))].map((row) => row.map(quoted).join(",")).join("\r\n") + "\r\n";
}
function lines() {
  const found = rows();
  return at("form").value === "csv" ? csv(found) : found.map((row) => JSON.stringify(row) + "\n").join("");
}
at("save").addEventListener("click", () => {
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([lines()], { type: at("form").value === "csv" ? "text/csv" : "application/jsonl" }));
  link.download = `${at("which").value}.${at("form").value}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
});
at("copy").addEventListener("click", async () => {
  const text = lines();
  // A file that was opened from the disk may not be allowed to copy: then it shows the lines.
  try { await navigator.clipboard.writeText(text); at("copy").textContent = "Copied"; setTimeout(() => { at("copy").textContent = "Copy"; }, 1500); }
  catch { at("list").hidden = false; }
  at("list").value = text;
});
at("all").addEventListener("click", () => { for (const item of shown) picked.add(item.id); draw(true); count(); });
at("none").addEventListener("click", () => { picked.clear(); draw(true); count(); });

// MARK: Choosing and ordering

const value = { seconds: (i) => i.seconds || 0, credits: (i) => i.credits || 0, size: (i) => i.result?.size || 0,
  findings: (i) => i.findings.length, changes: (i) => i.changes.length };
function choose() {
  const [state, said, kind, step, provider, shop, finding, text] =
    ["state", "verdict", "kind", "step", "provider", "shop", "finding", "text"].map((id) => at(id).value);
  const words = text.toLowerCase().split(" ").filter(Boolean);
  shown = items.filter((item) =>
    (!state || item.state === state) && (!kind || item.kind === kind) && (!step || item.step === step) &&
    (!said || (said === "none" ? !verdict(item) : verdict(item) === said)) &&
    (!provider || item.provider === provider) && (!shop || item.shops.includes(shop)) &&
    (!finding || (finding === "*" ? item.findings.length : item.findings.some((one) => one.rule === finding))) &&
    words.every((word) => item.text.includes(word)));
  const order = at("sort").value;
  if (order !== "id") shown.sort((a, b) => value[order](b) - value[order](a) || a.place - b.place);
  count();
  measure();
  draw(true);
}

// MARK: The large view

let mode = "side";
let zoom = { z: 1, x: 0, y: 0 };
let blinking = null;
function pane(file, item, ...classes) {
  const found = make("div", null, "pane", ...classes);
  found.append(picture(file, item), make("span", file.role, "name"));
  return found;
}
function picture(file, item) {
  const address = large(file) || file.small;
  const found = make(isVideo(address || "") ? "video" : "img");
  if (found.tagName === "VIDEO") Object.assign(found, { muted: true, loop: true, controls: true, preload: "metadata" });
  else found.alt = `${file.role} of ${item.id}, ${facts(file)}`;
  found.draggable = false;
  found.addEventListener("error", () => found.replaceWith(make("span", `${file.role} cannot be shown`, "lost")));
  if (address) found.src = address; else queueMicrotask(() => found.replaceWith(make("span", `no ${file.role} here`, "lost")));
  return found;
}
function choices(item) {
  const found = item.renditions.map((file) => ({ role: file.file, ...file })).filter((file) => large(file) || file.small);
  return item.result ? [{ role: "result", ...item.result }, ...found] : found;
}
function compare() {
  clearInterval(blinking);
  const item = shown[current];
  const stage = at("stage");
  const other = choices(item)[at("other").selectedIndex];
  stage.replaceChildren();
  const before = item.scene && { role: "scene", ...item.scene };
  const canCompare = Boolean(before && other);
  for (const id of ["slide", "blink"]) at(id).disabled = !canCompare;
  const now = canCompare ? mode : "side";
  for (const [id, name] of [["side", "side"], ["slide", "slider"], ["blink", "blink"]]) at(id).setAttribute("aria-pressed", now === name);
  at("cut").hidden = now !== "slider";
  if (now === "side") {
    for (const file of [before, item.face && { role: "face", ...item.face }, other]) if (file) stage.append(pane(file, item));
    if (!stage.children.length) stage.append(make("span", "This item has no picture.", "lost"));
  } else {
    const both = pane(before, item, now);
    const over = picture(other, item);
    over.classList.add("over");
    both.append(over);
    const name = both.querySelector(".name");
    if (now === "slider") name.textContent = `scene | ${other.role}`;
    else {
      const flip = () => { over.classList.toggle("away"); name.textContent = over.classList.contains("away") ? "scene" : other.role; };
      name.textContent = other.role;
      stage.flip = flip;
      // Whoever asked for less motion turns the pictures with the key b.
      if (!matchMedia("(prefers-reduced-motion: reduce)").matches) blinking = setInterval(flip, 600);
    }
    stage.append(both);
  }
  place();
}
function place() {
  for (const [key, text] of [["--z", zoom.z], ["--x", zoom.x + "px"], ["--y", zoom.y + "px"], ["--cut", at("cut").value]]) at("stage").style.setProperty(key, text);
}
function closer(factor) {
  zoom.z = Math.min(32, Math.max(1, zoom.z * factor));
  zoom = zoom.z === 1 ? { z: 1, x: 0, y: 0 } : { z: zoom.z, x: zoom.x * factor, y: zoom.y * factor };
  place();
}
function list(title, lines) {
  if (!lines.length) return [];
  const found = make("ul");
  for (const line of lines) { const one = make("li"); one.append(line); found.append(one); }
  return [make("h3", title), found];
}
function show(index) {
  current = Math.max(0, Math.min(shown.length - 1, index));
  const item = shown[current];
  if (!item) return;
  zoom = { z: 1, x: 0, y: 0 };
  at("name").textContent = item.id;
  at("position").textContent = `${number(current + 1)} of ${number(shown.length)}`;
  at("other").replaceChildren(...choices(item).map((file) => new Option(file.role)));
  at("other").parentElement.hidden = choices(item).length < 2;
  at("previous").disabled = current === 0;
  at("next").disabled = current === shown.length - 1;
  for (const state of ["accept", "reject"]) at(state).setAttribute("aria-pressed", verdict(item) === state);
  const note = make("textarea");
  note.id = "note";
  note.value = reviews[item.id]?.note || "";
  note.addEventListener("input", () => annotate(item, note.value));
  const label = make("label", "Note");
  label.htmlFor = "note";
  const parts = [label, note];
  if (item.error) parts.push(make("p", `${item.step ? item.step + ": " : ""}${item.error}`, "error"));
  if (item.remedy) parts.push(make("p", item.remedy));
  if (item.fields) parts.push(...list("Columns", item.fields));
  parts.push(...list("Findings", item.findings.map((one) => { const line = make("span", one.text, "finding"); return line; })));
  parts.push(...list("Files", [...roles(item), ...item.renditions].map((file) => {
    const line = make("span");
    const words = file.file || file.role;
    if (file.address) { const link = make("a", words); link.href = file.address; line.append(link); } else line.append(words);
    line.append(" " + facts(file));
    return line;
  })));
  parts.push(...list("Changes", item.changes));
  if (item.provider) parts.push(...list("Swap", [`${item.provider}, ${item.model || ""}`, item.reused ? "paid by an earlier run" : item.credits === undefined ? "price not told" : plural(item.credits, "credit")]));
  parts.push(...list("Seconds", item.stages.map(([name, seconds]) => `${name} ${number(seconds, 2)}`)));
  at("facts").replaceChildren(...parts);
  if (!at("view").open) { at("view").showModal(); at("name").focus(); }
  compare();
}
function step(by) { if (current + by >= 0 && current + by < shown.length) show(current + by); }
function judgeHere(state) {
  const item = shown[current];
  judge(item, state);
  if (verdict(item) === state && current + 1 < shown.length) step(1); else show(current);
}
at("view").addEventListener("close", () => { clearInterval(blinking); at("stage").replaceChildren(); reveal(current); });
for (const [id, act] of [
  ["close", () => at("view").close()], ["previous", () => step(-1)], ["next", () => step(1)],
  ["accept", () => judgeHere("accept")], ["reject", () => judgeHere("reject")],
  ["side", () => { mode = "side"; compare(); }], ["slide", () => { mode = "slider"; compare(); }],
  ["blink", () => { mode = "blink"; compare(); }],
  ["closer", () => closer(1.5)], ["farther", () => closer(1 / 1.5)], ["fit", () => closer(0)],
  ["keys", () => at("help").showModal()], ["help-close", () => at("help").close()],
]) at(id).addEventListener("click", act);
at("other").addEventListener("change", compare);
at("cut").addEventListener("input", place);
at("stage").addEventListener("wheel", (event) => { event.preventDefault(); closer(event.deltaY < 0 ? 1.2 : 1 / 1.2); }, { passive: false });
at("stage").addEventListener("pointerdown", (event) => {
  if (event.target.tagName === "VIDEO" && zoom.z === 1) return;
  const start = { x: event.clientX - zoom.x, y: event.clientY - zoom.y };
  at("stage").setPointerCapture(event.pointerId);
  const move = (next) => {
    if (mode === "slider" && zoom.z === 1 && at("stage").querySelector(".slider")) {
      const box = at("stage").getBoundingClientRect();
      at("cut").value = 100 * (next.clientX - box.left) / box.width;
    } else if (zoom.z > 1) Object.assign(zoom, { x: next.clientX - start.x, y: next.clientY - start.y });
    place();
  };
  const end = () => { at("stage").removeEventListener("pointermove", move); at("stage").removeEventListener("pointerup", end); at("stage").removeEventListener("pointercancel", end); };
  at("stage").addEventListener("pointermove", move);
  at("stage").addEventListener("pointerup", end);
  at("stage").addEventListener("pointercancel", end);
});

// MARK: Keys

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || at("help").open) return;
  const isTyping = event.target.closest("textarea, input[type=search], select");
  if (isTyping) return;
  if (at("view").open) {
    if (event.target.type === "range" && event.key.startsWith("Arrow")) return;
    const act = { ArrowRight: () => step(1), j: () => step(1), ArrowLeft: () => step(-1), k: () => step(-1),
      a: () => judgeHere("accept"), r: () => judgeHere("reject"), n: () => at("note").focus(),
      x: () => { const item = shown[current]; pick(item, !picked.has(item.id)); redraw(item); },
      1: () => at("side").click(), 2: () => at("slide").click(), 3: () => at("blink").click(),
      b: () => { if (mode !== "blink") at("blink").click(); clearInterval(blinking); at("stage").flip?.(); },
      "+": () => closer(1.5), "=": () => closer(1.5), "-": () => closer(1 / 1.5), 0: () => closer(0) }[event.key];
    if (act) { event.preventDefault(); act(); }
    return;
  }
  const here = event.target.closest("article");
  if (event.key === "?") { event.preventDefault(); at("help").showModal(); return; }
  if (!here) return;
  const index = Number(here.dataset.index);
  const item = shown[index];
  const act = { Enter: event.target === here ? () => show(index) : null, j: () => reveal(index + 1), ArrowRight: () => reveal(index + 1),
    k: () => reveal(index - 1), ArrowLeft: () => reveal(index - 1), ArrowDown: () => reveal(index + columns), ArrowUp: () => reveal(index - columns),
    PageDown: () => reveal(index + columns * Math.max(1, Math.floor(innerHeight / height))),
    PageUp: () => reveal(index - columns * Math.max(1, Math.floor(innerHeight / height))),
    Home: () => reveal(0), End: () => reveal(shown.length - 1),
    a: () => judge(item, "accept"), r: () => judge(item, "reject"), n: () => { show(index); at("note").focus(); },
    x: () => { pick(item, !picked.has(item.id)); redraw(item); } }[event.key];
  if (act) { event.preventDefault(); act(); }
});

// MARK: Charts

const ns = "http://www.w3.org/2000/svg";
function svg(name, attributes, text) {
  const found = document.createElementNS(ns, name);
  for (const [key, one] of Object.entries(attributes)) found.setAttribute(key, one);
  if (text !== undefined) found.textContent = text;
  return found;
}
// A picture, and the same as a table for whoever does not see it.
function chart(title, draw, names, table, shape = "0 0 400 180") {
  const found = make("section", null, "chart");
  const head = make("h2", title);
  const image = svg("svg", { viewBox: shape, role: "img", "aria-label": `${title}: ${table.slice(0, 12).map((row) => row.join(" ")).join("; ")}` });
  draw(image);
  const more = make("details");
  more.append(make("summary", "As a table"), tableOf(names, table));
  found.append(head, image, more);
  at("charts").append(found);
}
function tableOf(names, lines) {
  const box = make("div", null, "scroll");
  const table = make("table");
  const head = table.createTHead().insertRow();
  names.forEach((name, index) => { const one = make("th", name, index ? "number" : null); one.scope = "col"; head.append(one); });
  const body = table.createTBody();
  for (const line of lines) { const row = body.insertRow(); line.forEach((text, index) => row.append(make("td", text, index ? "number" : null))); }
  box.append(table);
  return box;
}
function bars(title, entries, names) {
  if (!entries.length) return;
  const most = Math.max(...entries.map((entry) => entry[1])) || 1;
  const tall = 22 * entries.length + 6;
  chart(title, (image) => entries.forEach(([name, amount, text], index) => {
    const y = 22 * index + 4;
    image.append(svg("text", { x: 112, y: y + 12, "text-anchor": "end" }, name.length > 18 ? name.slice(0, 17) + "…" : name),
      svg("rect", { x: 120, y, width: Math.max(1, 150 * amount / most), height: 15, rx: 2 }),
      svg("text", { x: 126 + 150 * amount / most, y: y + 12, class: "value" }, text));
  }), names, entries.map(([name, , text]) => [name, text]), `0 0 400 ${tall}`);
}
function curve(title, points, text, names) {
  if (points.length < 2) return;
  const [first, last] = [points[0][0], points.at(-1)[0]];
  const most = Math.max(...points.map((point) => point[1])) || 1;
  const x = (time) => 40 + 350 * (time - first) / (last - first || 1);
  const y = (amount) => 150 - 135 * amount / most;
  const clock = (time) => new Date(time * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: last - first < 600 ? "2-digit" : undefined });
  chart(title, (image) => {
    image.append(svg("line", { x1: 40, x2: 390, y1: 150, y2: 150, class: "axis" }), svg("line", { x1: 40, x2: 390, y1: 15, y2: 15, class: "axis" }),
      svg("text", { x: 34, y: 19, "text-anchor": "end" }, text(most)), svg("text", { x: 34, y: 154, "text-anchor": "end" }, "0"),
      svg("text", { x: 40, y: 170 }, clock(first)), svg("text", { x: 390, y: 170, "text-anchor": "end" }, clock(last)),
      svg("path", { d: points.map((point, index) => `${index ? "L" : "M"}${x(point[0]).toFixed(1)} ${y(point[1]).toFixed(1)}`).join("") }));
  }, names, points.map((point) => [clock(point[0]), text(point[1])]));
}
function sum(map, key, amount) { map.set(key, (map.get(key) || 0) + amount); }
function overview() {
  const seconds = new Map();
  const visits = new Map();
  for (const item of items) for (const [name, took] of item.stages) { sum(seconds, name, took); sum(visits, name, 1); }
  bars("Seconds by stage", [...seconds].map(([name, took]) => [name, took, `${number(took, 1)} s (${number(took / visits.get(name), 2)} each)`]), ["Stage", "Seconds"]);

  const providers = new Map();
  for (const item of items) {
    if (!item.provider) continue;
    const one = providers.get(item.provider) || { bought: 0, reused: 0, credits: 0 };
    if (item.reused) one.reused += 1; else { one.bought += item.calls || 1; one.credits += item.credits || 0; }
    providers.set(item.provider, one);
  }
  if (providers.size) {
    const all = [...providers.values()].reduce((sum, one) => ({ bought: sum.bought + one.bought, reused: sum.reused + one.reused, credits: sum.credits + one.credits }));
    at("digest").textContent = `: ${plural(all.bought, "swap")} bought, ${number(all.reused)} reused, ${plural(all.credits, "credit")}`;
    const found = make("section", null, "chart");
    found.append(make("h2", "Swaps by provider"), tableOf(["Provider", "Bought", "Reused", "Credits"],
      [...providers].map(([name, one]) => [name, number(one.bought), number(one.reused), number(one.credits, 2)])));
    at("charts").append(found);
  }

  const ended = items.filter((item) => item.ended).sort((a, b) => a.ended - b.ended);
  if (ended.length > 1) {
    const [first, last] = [ended[0].ended, ended.at(-1).ended];
    const wide = Math.max(0.5, (last - first) / 40);
    const done = [];
    const spent = [];
    let credits = 0;
    let index = 0;
    for (let time = first + wide; index < ended.length; time += wide) {
      let within = 0;
      while (index < ended.length && (ended[index].ended <= time || time > last)) {
        const item = ended[index++];
        within += 1;
        if (!item.reused) credits += item.credits || 0;
      }
      done.push([Math.min(time, last), 60 * within / wide]);
      spent.push([Math.min(time, last), credits]);
    }
    curve("Items a minute", done, (rate) => number(rate), ["Until", "Items a minute"]);
    if (credits > 0) curve("Credits over time", spent, (amount) => number(amount, 1), ["Until", "Credits"]);
  }

  const sizes = items.map((item) => item.result?.size || item.renditions[0]?.size).filter(Boolean);
  if (sizes.length > 1) {
    const steps = [10e3, 30e3, 100e3, 300e3, 1e6, 3e6, 10e6, 30e6, 100e6, Infinity];
    const counts = steps.map((most, index) => sizes.filter((one) => one <= most && one > (steps[index - 1] || 0)).length);
    const first = counts.findIndex(Boolean);
    const last = counts.findLastIndex(Boolean);
    bars("Sizes of results", counts.slice(first, last + 1).map((amount, index) => {
      const most = steps[first + index];
      return [most === Infinity ? "larger" : `to ${size(most)}`, amount, number(amount)];
    }), ["Size", "Results"]);
  }

  const kinds = new Map();
  for (const item of items) if (item.kind) { const one = kinds.get(item.kind) || { count: 0, item }; one.count += 1; kinds.set(item.kind, one); }
  at("failures").hidden = kinds.size === 0;
  at("failures-title").textContent = `${plural([...kinds.values()].reduce((all, one) => all + one.count, 0), "item")} failed, of ${plural(kinds.size, "kind")} of error`;
  for (const [kind, one] of [...kinds].sort((a, b) => b[1].count - a[1].count)) {
    const row = at("kinds").insertRow();
    const button = make("button", "Show");
    button.type = "button";
    button.setAttribute("aria-label", `Show the items with: ${kind}`);
    button.addEventListener("click", () => { at("kind").value = kind; choose(); at("bar").scrollIntoView(); });
    row.append(make("td", number(one.count), "number"), make("td", kind, "error"), make("td", one.item.remedy || ""), make("td"));
    row.lastChild.append(button);
  }
}

// MARK: Beginning

// Names of files may hold any sign; an absolute path is a file of this machine.
function url(path) { return (path.startsWith("/") ? "file://" : "") + path.split("/").map(encodeURIComponent).join("/"); }
for (const item of items) {
  for (const file of [item.scene, item.face, item.result, ...item.renditions]) {
    for (const key of ["address", "small", "large"]) if (file?.[key]) file[key] = url(file[key]);
  }
}

// Items fail alike when only names, numbers and paths differ.
function kindOf(item) {
  if (!item.error) return undefined;
  const text = item.error.replaceAll(item.id, "…").replace(/'[^']*'|"[^"]*"/g, "'…'")
    .replace(/(?:[a-z0-9]+:\/)?\/[^\s,;]*[^\s,;.:]/gi, "…").replace(/[^\s']+\.[a-z][a-z0-9]{1,3}(?![a-z0-9])/gi, "…").replace(/\d+(?:\.\d+)?/g, "#");
  return `${item.step ? item.step + ": " : ""}${text}`;
}
const natural = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
items.sort((a, b) => natural.compare(a.id, b.id));
items.forEach((item, place) => {
  item.place = place;
  item.kind = kindOf(item);
  item.text = [item.id, item.state, item.error || "", item.provider || "", ...(item.fields || []), ...item.changes, ...item.findings.map((one) => one.text)].join(" ").toLowerCase();
});
function fill(id, words) {
  const found = [...new Set(words.filter(Boolean))].sort(natural.compare);
  for (const word of found) at(id).append(new Option(word.length > 90 ? word.slice(0, 89) + "…" : word, word));
  // With nothing to choose from, a choice is in the way.
  at(id).hidden = found.length === 0 || (found.length === 1 && (id === "state" || id === "provider"));
}
at("title").textContent = run.name;
at("sums").textContent = run.sums;
fill("state", items.map((item) => item.state));
fill("kind", items.map((item) => item.kind));
fill("step", items.map((item) => item.step));
fill("provider", items.map((item) => item.provider));
fill("shop", items.flatMap((item) => item.shops));
fill("finding", items.flatMap((item) => item.findings.map((one) => one.rule)));
if (items.length > 60 && items.some((item) => pictures(item).some((file) => !file.small))) {
  at("hint").hidden = false;
  at("hint").append("Small pictures are missing for some items; ", make("code", "swapline report --out DIR"), " makes them.");
}
for (const id of ["state", "verdict", "kind", "step", "provider", "shop", "finding", "sort"]) at(id).addEventListener("change", choose);
let typing = null;
at("text").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(choose, 120); });
let waiting = false;
addEventListener("scroll", () => { if (!waiting) { waiting = true; requestAnimationFrame(() => { waiting = false; draw(); }); } }, { passive: true });
new ResizeObserver(() => { measure(); draw(); }).observe(at("items"));
// On a phone there is no room for what is seldom needed.
if (innerWidth < 800) at("export").open = false;
overview();
choose();
