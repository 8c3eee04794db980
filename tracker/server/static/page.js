// What a run's page does beyond its HTML: copying the ID, and following a run that is still going.
"use strict";

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 1500);
  });
}

for (const box of document.querySelectorAll(".trace, .output")) box.scrollTop = box.scrollHeight;

const title = document.querySelector("[data-run]");
const list = document.querySelector("ol.trace");
const LINES = 500;

function part(tag, text, name) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

function add(event) {
  const line = part("li", "", "fresh");
  const time = new Date(event.at / 1000).toISOString();
  const stamp = part("time", time.slice(11, 19));
  stamp.dateTime = time;
  line.append(part("span", event.seq, "seq"), stamp, part("b", event.kind), part("span", event.text, "what"), part("code", event.link, "link"));
  const below = list.scrollTop + list.clientHeight > list.scrollHeight - 30;
  list.append(line);
  while (list.children.length > LINES) list.firstElementChild.remove();
  if (below) list.scrollTop = list.scrollHeight;
  const count = document.querySelector("[data-count]");
  if (count) count.textContent = event.seq.toLocaleString("en");
}

function follow() {
  const mark = document.querySelector(".live");
  const say = (on) => { mark.classList.toggle("on", on); mark.textContent = on ? mark.dataset.live : mark.dataset.away; };
  const stream = new EventSource(`/runs/${title.dataset.run}/trace?after=${title.dataset.events}`);
  let grown = 0;
  stream.addEventListener("open", () => say(true));
  stream.addEventListener("error", () => say(false));
  stream.addEventListener("said", (message) => {
    const event = JSON.parse(message.data);
    add(event);
    if (event.kind === "metrics" && !grown) {
      grown = setTimeout(() => { grown = 0; document.dispatchEvent(new CustomEvent("runcite:grown")); }, 1000);
    }
  });
  stream.addEventListener("state", (message) => {
    const now = JSON.parse(message.data);
    if (now.state === "finished" || now.state === "failed") stream.close();
    if (now.state !== title.dataset.state) location.reload();
  });
}

if (title && (title.dataset.state === "running" || title.dataset.state === "silent")) follow();
