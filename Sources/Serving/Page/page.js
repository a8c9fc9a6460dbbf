"use strict";

const element = (id) => document.getElementById(id);
const client = "/api/v1/client/";

/** Each system: what its scene is, the request that it takes, and how its answer is read. */
const systems = {
  "crun-image": crun("image-face-swap", "image", "image_url"),
  "crun-gif": crun("gif-face-swap", "animation", "video_url"),
  "crun-video": crun("video-face-swap", "video", "video_url"),
  acedata: {
    kind: "image",
    submit: (scene, face) => ({
      path: "/face/swap", header: "Authorization", prefix: "Bearer ",
      body: { source_image_url: face, target_image_url: scene },
    }),
    read: (json) => (json.image_url ? { url: json.image_url } : { failed: json.error?.message }),
  },
  apiinone: {
    kind: "image",
    submit: (scene, face) => ({
      path: "/api/v1/images/tools/face-swap", header: "Authorization", prefix: "Bearer ",
      body: { model: "face-swap", image: scene, face_image: face },
    }),
    read: (json) => {
      if (json.error) return { failed: json.error.message };
      const data = json.data;
      if (data.status === "completed") return { url: data.output.image_url };
      if (data.status === "failed") return { failed: data.error.message };
      return { query: "/api/v1/tasks/" + data.task_id, word: data.status };
    },
  },
};

function crun(model, kind, field) {
  return {
    kind,
    submit: (scene, face) => ({
      path: client + "job/CreateTask", header: "x-api-key", prefix: "",
      body: { model, input: { [field]: scene, new_face: face } },
    }),
    read: (json) => {
      if (json.code !== 200) return { failed: json.message };
      const { status, result, task_id } = json.data;
      if (status === "success") return { url: result.media_urls[0] };
      if (status === "failed") return { failed: result.message };
      return { query: client + "job/TaskInfo?task_id=" + task_id, word: status || "taken" };
    },
  };
}

const files = { scene: null, face: null };
const addresses = [];
let facts = { image: [], animation: [], video: [] };
let waiting = null;

function system() {
  return systems[new FormData(element("form")).get("system")];
}

/** A picture or film of a file; the address is let go with the next one. */
function shown(source, type) {
  const isFilm = type.startsWith("video/");
  const view = document.createElement(isFilm ? "video" : "img");
  view.src = source;
  if (isFilm) Object.assign(view, { controls: true, loop: true, muted: true, autoplay: true });
  return view;
}

function size(bytes) {
  return bytes < 1e6 ? Math.ceil(bytes / 1e3) + " kB" : (bytes / 1e6).toFixed(1) + " MB";
}

function choose(role, file) {
  if (!file) return;
  files[role] = file;
  const address = URL.createObjectURL(file);
  addresses.push(address);
  const view = shown(address, file.type);
  view.alt = role === "scene" ? "The scene" : "The face";
  element(role + "-preview").replaceChildren(view);
  element(role + "-facts").textContent = `${file.name}, ${size(file.size)}`;
  check();
}

/** Says what does not fit before anything is sent; true when all is well. */
function check() {
  const kind = system().kind;
  const wanted = { scene: facts[kind], face: facts.image };
  const limits = { scene: kind === "image" ? facts.image_bytes : facts.moving_bytes, face: facts.image_bytes };
  for (const role of ["scene", "face"]) {
    const file = files[role];
    element(role + "-file").accept = wanted[role].join(",");
    if (!file) continue;
    if (!wanted[role].includes(file.type)) {
      const types = wanted[role].map((type) => type.split("/")[1]).join(", ");
      return say(`The ${role} is ${file.type || "of no known type"}; this system takes ${types}.`, true);
    }
    if (file.size > limits[role]) {
      return say(`The ${role} has ${size(file.size)}; at most ${size(limits[role])} are taken.`, true);
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
  const query = new URLSearchParams({ content_type: file.type, filename: file.name });
  const place = await call("GET", client + "files/upload-url?" + query, { "x-api-key": key });
  if (place.status !== 200) throw new Error(place.json?.message || place.text);
  const target = new URL(place.json.data.presigned_url);
  const put = await call("PUT", target.pathname + target.search, { "Content-Type": file.type }, file);
  if (put.status !== 200) throw new Error(put.text);
  return place.json.data.file_url;
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

async function show(url) {
  const target = new URL(url);
  const response = await fetch(target.pathname + target.search, { signal: waiting.signal });
  if (!response.ok) throw new Error(await response.text());
  const blob = await response.blob();
  const address = URL.createObjectURL(blob);
  addresses.push(address);
  const scene = shown(URL.createObjectURL(files.scene), files.scene.type);
  scene.alt = "The scene";
  const result = shown(address, blob.type);
  result.alt = "The scene with the new face";
  result.id = "result";
  element("before").replaceChildren(scene);
  element("after").replaceChildren(result);
  element("after-facts").textContent = `Result, ${blob.type.split("/")[1]}, ${size(blob.size)}`;
  const link = element("download");
  link.href = address;
  link.download = "result." + target.pathname.split(".").pop();
  element("outcome").hidden = false;
  element("outcome").scrollIntoView({ behavior: "smooth", block: "nearest" });
}

async function swap() {
  const key = element("key").value;
  say("Putting the files in place…");
  const scene = await upload("scene", key);
  const face = await upload("face", key);
  const chosen = system();
  const request = chosen.submit(scene, face);
  showExchange(request);
  const headers = { [request.header]: request.prefix + key };
  say("Submitted, waiting…");
  const start = performance.now();
  let answer = await call(
    "POST", request.path, { ...headers, "Content-Type": "application/json" }, JSON.stringify(request.body));
  showAnswer("Answer", answer);
  for (;;) {
    const state = answer.json ? chosen.read(answer.json) : { failed: answer.text };
    if (state.failed !== undefined) throw new Error(state.failed || "The answer says nothing.");
    if (state.url) {
      await show(state.url);
      return say(`Done in ${((performance.now() - start) / 1000).toFixed(1)} s.`);
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
    say(error.name === "AbortError" ? "Stopped waiting; a task that was taken goes on." : error.message, true);
  } finally {
    setBusy(false);
  }
});

element("stop").addEventListener("click", () => waiting?.abort());
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
  element("version").textContent = "version " + known.version;
  if (known.open) {
    element("key").value = "any-key";
    element("key-note").textContent = "This server takes any key.";
  }
  check();
});
