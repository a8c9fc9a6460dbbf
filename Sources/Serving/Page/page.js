"use strict";

const element = (id) => document.getElementById(id);
/** The value at a dotted path, such as "data.media_urls.0"; undefined where there is none. */
function at(json, path) {
  return path.split(".").reduce((value, key) => value?.[key], json);
}

/** A body in which the two addresses stand where the form says. */
function filled(body, addresses) {
  const text = (value) => addresses[value] ?? value;
  return JSON.parse(JSON.stringify(body), (key, value) => (typeof value === "string" ? text(value) : value));
}

/** What an answer says: the result's address, why there is none, or where to ask again. */
function read(form, answer) {
  const { answers } = form;
  if (!answer.json) return { failed: answer.text };
  if (answer.status !== 200) return { failed: at(answer.json, answers.refusal) };
  const url = at(answer.json, answers.result);
  if (url) return { url };
  const failure = answers.failure && at(answer.json, answers.failure);
  if (failure || !answers.query) return { failed: failure };
  const task = at(answer.json, answers.task);
  return {
    query: answers.query.replace("{task}", encodeURIComponent(task)),
    word: at(answer.json, answers.status) || "accepted",
  };
}

const files = { scene: null, face: null };
const past = [];
let facts = { image: [], animation: [], video: [], forms: [] };
let waiting = null;

function system() {
  const id = new FormData(element("form")).get("system");
  return facts.forms.find((form) => form.id === id);
}

/** One choice for each form that the server has, the first one chosen. */
function showForms() {
  element("systems").append(...facts.forms.map((form, index) => {
    const choice = document.createElement("input");
    Object.assign(choice, { type: "radio", name: "system", value: form.id, checked: index === 0 });
    const title = document.createElement("span");
    title.textContent = form.title;
    const label = document.createElement("label");
    label.append(choice, " ", title);
    return label;
  }));
}

/** A picture or video of a file. */
function shown(source, type) {
  const isVideo = type.startsWith("video/");
  const view = document.createElement(isVideo ? "video" : "img");
  view.src = source;
  if (isVideo) Object.assign(view, { controls: true, loop: true, muted: true, autoplay: true });
  return view;
}

function size(bytes) {
  return bytes < 1e6 ? Math.ceil(bytes / 1e3) + " kB" : (bytes / 1e6).toFixed(1) + " MB";
}

function choose(role, file) {
  if (!file) return;
  files[role] = file;
  const view = shown(URL.createObjectURL(file), file.type);
  view.alt = role === "scene" ? "The scene" : "The face";
  element(role + "-preview").replaceChildren(view);
  element(role + "-facts").textContent = `${file.name}, ${size(file.size)}`;
  check();
}

/** Says what does not fit before anything is sent; true when all is well. */
function check() {
  const kind = system()?.kind;
  if (!kind) return false;
  element("sample").disabled = kind !== "image";
  const wanted = { scene: facts[kind], face: facts.image };
  const limits = { scene: kind === "image" ? facts.image_bytes : facts.moving_bytes, face: facts.image_bytes };
  for (const role of ["scene", "face"]) {
    const file = files[role];
    element(role + "-file").accept = wanted[role].join(",");
    if (!file) continue;
    if (!wanted[role].includes(file.type)) {
      const types = wanted[role].map((type) => type.split("/")[1]).join(", ");
      return say(`The ${role} ${file.name} is ${file.type || "of no known type"}; this system takes ${types}.`, true);
    }
    if (file.size > limits[role]) {
      return say(`The ${role} ${file.name} is ${size(file.size)}; at most ${size(limits[role])} is accepted.`, true);
    }
  }
  say("");
  return true;
}

function say(text, isWrong = false) {
  const status = element("status");
  status.textContent = text;
  status.classList.toggle("wrong", isWrong);
  return false;
}

async function call(method, path, headers, body) {
  const response = await fetch(path, {
    method, headers, body, signal: waiting.signal, cache: "no-store",
  });
  const text = await response.text();
  let json = null;
  try { json = JSON.parse(text); } catch { /* Not every refusal is JSON. */ }
  return { status: response.status, text, json };
}

/** Puts a file where the server can fetch it, and gives its address. */
async function upload(role, key) {
  const file = files[role];
  const { uploads } = facts;
  if (!uploads) throw new Error("This server has no storage for uploads.");
  const query = new URLSearchParams({ content_type: file.type, filename: file.name });
  const place = await call("GET", uploads.path + "?" + query, { [uploads.header]: uploads.prefix + key });
  if (place.status !== 200) throw new Error((place.json && at(place.json, uploads.failure)) || place.text);
  const target = new URL(at(place.json, uploads.target));
  const put = await call("PUT", target.pathname + target.search, { "Content-Type": file.type }, file);
  if (put.status !== 200) throw new Error(put.text);
  return at(place.json, uploads.file);
}

function quoted(text) {
  return "'" + text.replaceAll("'", "'\\''") + "'";
}

function showExchange(request) {
  const text = JSON.stringify(request.body, null, 2);
  element("exchange").hidden = false;
  element("request-title").textContent = "POST " + request.path;
  element("request").textContent = text;
  element("curl").textContent = [
    `curl -X POST ${quoted(location.origin + request.path)}`,
    `-H ${quoted(`${request.header}: ${request.prefix}`).slice(0, -1)}'"$KEY"`,
    "-H 'Content-Type: application/json'",
    `-d ${quoted(JSON.stringify(request.body))}`,
  ].join(" \\\n  ");
}

function showAnswer(title, answer) {
  element("answer-title").textContent = `${title}: ${answer.status}`;
  element("answer").textContent = answer.json ? JSON.stringify(answer.json, null, 2) : answer.text;
}

async function fetched(url) {
  const target = new URL(url);
  const response = await fetch(target.pathname + target.search, { signal: waiting.signal });
  if (!response.ok) throw new Error(await response.text());
  const blob = await response.blob();
  return { blob, address: URL.createObjectURL(blob), extension: target.pathname.split(".").pop() };
}

/** Shows one entry of this session. */
function show(entry) {
  const scene = shown(entry.scene.address, entry.scene.type);
  scene.alt = "The scene";
  const result = shown(entry.result.address, entry.result.blob.type);
  result.alt = "The scene with the new face";
  result.id = "result";
  element("before").replaceChildren(scene);
  element("after").replaceChildren(result);
  element("before-facts").textContent = `Scene, ${entry.scene.name}`;
  element("after-facts").textContent = `Result, ${entry.result.blob.type.split("/")[1]}, ${size(entry.result.blob.size)}`;
  const link = element("download");
  link.href = entry.result.address;
  link.download = "result." + entry.result.extension;
  element("outcome").hidden = false;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element("outcome").scrollIntoView({ behavior: isCalm ? "auto" : "smooth", block: "nearest" });
}

/** What was swapped since the page was opened, the newest first; it is gone when the page is left. */
function record(entry) {
  past.unshift(entry);
  const line = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "entry";
  const small = shown(entry.result.address, entry.result.blob.type);
  small.alt = "";
  const words = document.createElement("span");
  words.textContent = `${entry.system}: ${entry.face} into ${entry.scene.name}, ${entry.seconds.toFixed(1)} s`
    + (entry.credits === undefined ? "" : `, ${entry.credits} ${entry.credits === 1 ? "credit" : "credits"}`);
  button.append(small, words);
  button.addEventListener("click", () => show(entry));
  line.append(button);
  element("history").prepend(line);
  element("past").hidden = false;
}

/** What the key has left; undefined where the server does not tell, or does not know the key. */
async function balance() {
  const { balance: known } = facts;
  const key = element("key").value;
  if (!known || !key) return undefined;
  const response = await fetch(known.path, { headers: { [known.header]: known.prefix + key }, cache: "no-store" });
  if (!response.ok) return undefined;
  return at(await response.json(), known.value);
}

async function showBalance() {
  let left;
  try { left = await balance(); } catch { /* The server is gone; the next submission says so. */ }
  element("balance").textContent = left === undefined || facts.open ? "" : `${left} ${left === 1 ? "credit" : "credits"} left`;
  return left;
}

async function swap() {
  const key = element("key").value;
  const [sceneFile, faceFile] = [files.scene, files.face];
  const before = await showBalance();
  say("Uploading the files…");
  const scene = await upload("scene", key);
  const face = await upload("face", key);
  const chosen = system();
  const request = {
    path: chosen.path, header: chosen.header, prefix: chosen.prefix,
    body: filled(chosen.body, { "{scene}": scene, "{face}": face }),
  };
  showExchange(request);
  const headers = { [request.header]: request.prefix + key };
  say("Submitted, waiting…");
  const start = performance.now();
  let answer = await call(
    "POST", request.path, { ...headers, "Content-Type": "application/json" }, JSON.stringify(request.body));
  showAnswer("Answer", answer);
  for (;;) {
    const state = read(chosen, answer);
    if (!state.url && !state.query) throw new Error(state.failed || "The answer says nothing.");
    if (state.url) {
      const result = await fetched(state.url);
      const seconds = (performance.now() - start) / 1000;
      const after = await showBalance();
      const entry = {
        system: chosen.title, face: faceFile.name, seconds, result,
        scene: { name: sceneFile.name, type: sceneFile.type, address: URL.createObjectURL(sceneFile) },
        credits: facts.open || before === undefined || after === undefined ? undefined : before - after,
      };
      record(entry);
      show(entry);
      return say(`Done in ${seconds.toFixed(1)} s.`);
    }
    say(`The task is ${state.word.toLowerCase()}…`);
    await new Promise((resolve) => setTimeout(resolve, 400));
    answer = await call("GET", state.query, headers);
    showAnswer("GET " + state.query, answer);
  }
}

function setBusy(isBusy) {
  element("go").disabled = isBusy;
  element("stop").hidden = !isBusy;
  element("progress").hidden = !isBusy;
}

element("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  for (const role of ["scene", "face"]) {
    if (!files[role]) return say(`Choose a ${role} first.`, true);
  }
  if (!check()) return;
  element("outcome").hidden = true;
  waiting = new AbortController();
  setBusy(true);
  try {
    await swap();
  } catch (error) {
    say(error.name === "AbortError" ? "Stopped waiting; an accepted task continues."
      : `${files.scene.name} with ${files.face.name}: ${error.message}`, true);
  } finally {
    setBusy(false);
  }
});

element("stop").addEventListener("click", () => waiting?.abort());
element("key").addEventListener("change", showBalance);
element("overlay").addEventListener("change", (event) => {
  element("pair").classList.toggle("overlay", event.target.checked);
  element("cut").hidden = !event.target.checked;
});
element("cut").addEventListener("input", (event) => element("pair").style.setProperty("--cut", event.target.value));
element("sample").addEventListener("click", async () => {
  for (const role of ["scene", "face"]) {
    const blob = await (await fetch(`/sample-${role}.jpg`)).blob();
    choose(role, new File([blob], `sample-${role}.jpg`, { type: "image/jpeg" }));
  }
});
element("systems").addEventListener("change", check);
element("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(element("curl").textContent);
  element("copy").textContent = "Copied";
  setTimeout(() => { element("copy").textContent = "Copy"; }, 1500);
});

for (const role of ["scene", "face"]) {
  const zone = element(role + "-drop");
  element(role + "-file").addEventListener("change", (event) => choose(role, event.target.files[0]));
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    zone.addEventListener(name, () => zone.classList.remove("over"));
  }
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    choose(role, event.dataTransfer.files[0]);
  });
}
// A file dropped beside a zone would otherwise replace the page.
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => event.preventDefault());
}

fetch("/page.json").then((response) => response.json()).then((known) => {
  facts = known;
  showForms();
  element("version").textContent = "version " + known.version;
  if (known.open) {
    element("key").value = "any-key";
    element("key-note").textContent = "This server takes any key.";
  }
  check();
});
