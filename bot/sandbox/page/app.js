// The page: what the stand-in's workspace looks like to one person, kept fresh by Server-Sent Events.

import { blocks } from "./blocks.js";
import { composer } from "./composer.js";
import { ask, h, keyed } from "./dom.js";
import { avatar, dateOf, message, signature, ui } from "./messages.js";
import { modal } from "./modal.js";
import { names, plain } from "./words.js";

const $ = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const view = { user: asked.get("as") || sessionStorage.getItem("as") || "", channel: location.hash.slice(1), tab: "home", state: null };
const seen = new Map();

const commandLines = () => (view.state ? view.state.commands : []);
const box = composer($("composer"), {
  commands: commandLines,
  viewer: () => view.state.viewer,
  channel: () => view.state.channel.id,
  complain: (error) => notice(`Not sent: ${error}.`),
  editLast() {
    const own = view.state.messages.filter((one) => one.user === view.state.viewer && !one.is_ephemeral && one.subtype !== "tombstone");
    if (!own.length) return;
    ui.editing = own[own.length - 1].ts;
    draw();
  },
});
ui.redraw = () => draw();

async function refresh() {
  const query = new URLSearchParams({ user: view.user, channel: view.channel });
  let answer = await fetch(`/sandbox/state?${query}`);
  if (!answer.ok) {
    view.user = view.channel = "";
    answer = await fetch("/sandbox/state");
  }
  view.state = await answer.json();
  view.user = view.state.viewer;
  view.channel = view.state.channel.id;
  sessionStorage.setItem("as", view.user);
  draw();
}

function draw() {
  const state = view.state;
  if (!state) return;
  names.people = new Map(state.people.map((one) => [one.id, one]));
  names.channels = new Map(state.channels.map((one) => [one.id, one.name]));
  names.emoji = state.emoji;
  names.viewer = ui.viewer = state.viewer;
  ui.channel = state.channel.id;
  seen.set(state.channel.id, state.channel.newest);
  drawSide(state);
  drawHead(state);
  drawLog(state);
  modal($("modal"), state);
}

function drawSide(state) {
  $("team").textContent = state.team;
  const rooms = state.channels.filter((one) => one.kind !== "im");
  keyed($("channels"), rooms, (one) => one.id, (one) => JSON.stringify([one, one.id === state.channel.id, unread(one)]), (one) =>
    h("li", {}, h("button", { type: "button", class: [one.id === state.channel.id && "here", unread(one) && "unread"].filter(Boolean).join(" "), "aria-current": one.id === state.channel.id ? "page" : null, onclick: () => go(one.id) },
      h("span", { class: one.kind === "group" ? "sign lock" : "sign", "aria-hidden": "true" }, one.kind === "group" ? "" : "#"), one.name, unread(one) && h("span", { class: "dot", "aria-label": "unread" }))));
  const direct = state.channels.filter((one) => one.kind === "im");
  keyed($("apps"), direct, (one) => one.id, (one) => JSON.stringify([one, one.id === state.channel.id]), (one) =>
    h("li", {}, h("button", { type: "button", class: one.id === state.channel.id ? "here" : "", "aria-current": one.id === state.channel.id ? "page" : null, onclick: () => go(one.id) }, avatar(state.app.user, "tiny"), "Runcite")));
  const members = state.people.filter((one) => !one.bot);
  keyed($("people"), members, (one) => one.id, (one) => JSON.stringify([one, one.id === state.viewer]), (one) =>
    h("li", {}, h("button", { type: "button", class: one.id === state.viewer ? "me" : "", "aria-pressed": String(one.id === state.viewer), onclick: () => become(one.id) }, avatar(one.id, "tiny"), one.name, one.id === state.viewer && h("span", { class: "you" }, "you"))));
  const link = state.down ? ["bad", "“Slack” is down"] : state.app.url ? ["good", "App over HTTP"] : state.app.connections ? ["good", `App connected (${state.app.connections})`] : ["warn", "No app is connected"];
  $("link").className = link[0];
  $("link").textContent = link[1];
}

function unread(one) {
  if (!seen.has(one.id)) seen.set(one.id, one.newest);
  return one.newest > seen.get(one.id);
}

function drawHead(state) {
  const { channel } = state;
  const direct = channel.kind === "im";
  const sign = h("span", { class: channel.kind === "group" ? "sign lock" : "sign", "aria-hidden": "true" }, channel.kind === "group" ? "" : "#");
  $("title").replaceChildren(direct ? "Runcite" : sign, direct ? "" : channel.name);
  $("topic").textContent = direct ? "App" : [`${channel.members} members`, channel.topic].filter(Boolean).join(" · ");
  document.title = `${direct ? "Runcite" : "#" + channel.name} · Slack stand-in`;
  $("tabs").hidden = !direct;
  if (direct)
    $("tabs").replaceChildren(...["home", "messages"].map((tab) =>
      h("button", { type: "button", role: "tab", "aria-selected": String(view.tab === tab), onclick: () => openTab(tab) }, tab === "home" ? "Home" : "Messages")));
  const atHome = direct && view.tab === "home";
  $("home").hidden = !atHome;
  $("log").hidden = $("composer").hidden = atHome;
  if (atHome) drawHome(state);
  box.label(direct ? "Message Runcite" : `Message #${channel.name}, or type /results`);
}

function drawHome(state) {
  const press = (part, value) => ask("click", { user: state.viewer, where: { home: true }, action_id: part.action_id, value });
  const text = JSON.stringify(state.home);
  if ($("home").shown === text) return;
  $("home").shown = text;
  $("home").replaceChildren(state.home ? blocks(state.home.blocks, press) : h("p", { class: "empty" }, "The app has published no Home for you yet."));
}

function drawLog(state) {
  const place = $("scroll");
  const stuck = place.scrollHeight - place.scrollTop - place.clientHeight < 80 || place.dataset.channel !== state.channel.id;
  place.dataset.channel = state.channel.id;
  const items = [];
  let before = null;
  for (const said of state.messages) {
    const day = dateOf(said).toDateString();
    if (!before || dateOf(before).toDateString() !== day) {
      items.push({ key: "day" + day, day });
      before = null;
    }
    const joined = Boolean(before && !said.is_ephemeral && !before.is_ephemeral && before.user === said.user && said.ts - before.ts < 300 && !(before.replies || []).length && said.subtype !== "channel_join" && before.subtype !== "channel_join");
    items.push({ key: said.ts, said, joined });
    before = said;
  }
  if (!state.messages.length) items.push({ key: "empty" });
  keyed($("log"), items, (one) => one.key, (one) => (one.said ? signature(one.said, one.joined) : one.key + state.channel.id), (one) => {
    if (one.day) return h("div", { class: "day" }, h("span", {}, one.day === new Date().toDateString() ? "Today" : one.day));
    if (!one.said) return h("p", { class: "empty" }, "Nothing was said here yet. Post a result, with or without its run ID.");
    return message(one.said, one.joined, state.channel.id);
  });
  if (stuck) place.scrollTop = place.scrollHeight;
  for (const image of $("log").querySelectorAll("img:not([data-watched])")) {
    image.dataset.watched = "1";
    image.addEventListener("load", () => {
      if (stuck) place.scrollTop = place.scrollHeight;
    });
  }
}

function go(channel) {
  location.hash = channel;
}

function become(user) {
  view.user = user;
  ui.editing = ui.replying = null;
  side(false);
  refresh();
}

function openTab(tab) {
  view.tab = tab;
  ask("home", { user: view.user, tab });
  draw();
}

function notice(text) {
  $("state").textContent = text;
  setTimeout(() => ($("state").textContent = ""), 6000);
}

function side(open) {
  document.body.classList.toggle("open", open);
  $("shade").hidden = !open;
  $("menu").setAttribute("aria-expanded", String(open));
}

const FAULTS = [
  ["Slack is down for 10 s", () => ask("break", { down: 10 })],
  ["Next post: 429, wait 3 s", () => ask("fault", { method: "chat.postMessage", kind: "ratelimited", seconds: 3 })],
  ["Next post: done, answer lost", () => ask("fault", { method: "chat.postMessage", kind: "drop_after_commit" })],
  ["Next three calls: HTTP 500", () => ask("fault", { method: "*", kind: "http_500", times: 3 })],
  ["Next upload fails", () => ask("fault", { method: "files.completeUploadExternal", kind: "error", code: "internal_error" })],
  ["Next event arrives twice", () => ask("fault", { method: "message", kind: "twice_at_once" })],
  ["Next event comes late", () => ask("fault", { method: "message", kind: "out_of_order" })],
  ["Ask the app to reconnect", () => ask("break", { disconnect: "refresh_requested" })],
  ["Everything works again", () => ask("break", { heal: true, restore: true })],
];

$("faults").querySelector(".switches").append(...FAULTS.map(([label, run]) =>
  h("button", { type: "button", onclick: async () => {
    await run();
    notice(label + ".");
    refresh();
  } }, plain(label))));
$("menu").addEventListener("click", () => side(!document.body.classList.contains("open")));
$("shade").addEventListener("click", () => side(false));
addEventListener("keydown", (event) => event.key === "Escape" && side(false));
addEventListener("hashchange", async () => {
  view.channel = location.hash.slice(1);
  view.tab = "home";
  side(false);
  await refresh();
  if (view.state.channel.kind === "im") ask("home", { user: view.user, tab: "home" });
});

let waiting = false;
const stream = new EventSource("/sandbox/stream");
stream.onmessage = () => {
  if (waiting) return;
  waiting = true;
  setTimeout(() => {
    waiting = false;
    refresh();
  }, 40);
};
stream.onerror = () => {
  $("link").className = "bad";
  $("link").textContent = "The stand-in does not answer";
};
refresh();
