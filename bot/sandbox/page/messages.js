// One message, as everybody knows them: who, when, what, and what one can do about it.

import { blocks } from "./blocks.js";
import { ask, h, keyed, unescaped } from "./dom.js";
import { emoji, mrkdwn, names } from "./words.js";

const HUES = 8;
// What somebody is just typing stays, whatever arrives meanwhile: `drafts` outlives a redraw.
export const ui = { editing: null, replying: null, drafts: new Map(), redraw: () => {}, viewer: "", channel: "" };

export function avatar(id, size) {
  const known = names.people.get(id) || { name: "?", bot: true };
  const letters = /[\u3040-\u9fff]/.test(known.name) ? known.name.slice(0, 1) : known.name.split(/\s+/).map((word) => word[0]).join("").slice(0, 2);
  const hue = Math.max([...names.people.keys()].indexOf(id), 0) % HUES;
  return h("span", { class: ["avatar", size, id === "USLACKBOT" ? "none" : known.bot ? "app" : "hue" + hue].filter(Boolean).join(" "), "aria-hidden": "true" }, id === "USLACKBOT" ? "–" : known.bot ? "R" : letters);
}

export const dateOf = (message) => new Date(Number(message.ts) * 1000);
const clock = (message) => dateOf(message).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

export function signature(message, joined) {
  const editing = ui.editing === message.ts;
  const replying = ui.replying === message.ts;
  return JSON.stringify([message, joined, editing, replying, ui.viewer]);
}

export function message(said, joined, channel) {
  const author = names.people.get(said.user) || { name: said.username || said.user || "?", bot: true };
  if (said.subtype === "channel_join")
    return h("article", { class: "message quiet", id: "m" + said.ts }, h("p", {}, mrkdwn(said.text)));
  const classes = ["message", said.is_ephemeral && "whisper", joined && "joined", said.subtype === "tombstone" && "gone"];
  return h("article", { class: classes.filter(Boolean).join(" "), id: "m" + said.ts },
    h("div", { class: "gutter" }, joined ? h("time", {}, clock(said)) : avatar(said.user)),
    h("div", { class: "body" },
      said.is_ephemeral && h("p", { class: "only" }, h("span", { "aria-hidden": "true" }, "◔ "), "Only visible to you"),
      said.subtype === "thread_broadcast" && h("p", { class: "only" }, "replied to a thread"),
      !joined && h("p", { class: "who" }, h("strong", {}, said.username || author.name), author.bot && said.subtype !== "tombstone" && h("span", { class: "badge" }, "App"), h("time", { title: dateOf(said).toLocaleString() }, clock(said))),
      ui.editing === said.ts ? editor(said, channel) : content(said, channel),
      said.reactions && reactions(said, channel),
      thread(said, channel)),
    toolbar(said, channel));
}

function content(said, channel) {
  const press = (part, value) => ask("click", { user: ui.viewer, where: { channel, ts: said.ts }, action_id: part.action_id, value });
  const typed = said.client_msg_id || !said.blocks;
  const parts = [];
  if (said.subtype === "tombstone") parts.push(h("p", {}, "This message was deleted."));
  else if (typed) said.text && parts.push(h("div", { class: "text" }, mrkdwn(said.text)));
  else parts.push(blocks(said.blocks, press));
  if (said.edited) parts.push(h("span", { class: "edited", title: "Edited" }, "(edited)"));
  for (const file of said.files || []) parts.push(attached(file));
  for (const one of said.attachments || []) parts.push(attachment(one, press));
  return h("div", { class: "content" }, parts);
}

function attached(file) {
  const source = `/sandbox/files/${encodeURIComponent(file.id)}`;
  const kind = file.mimetype || "";
  if (/^image\/(png|jpe?g|gif)/.test(kind) || /\.(png|jpe?g|gif)$/i.test(file.name))
    return h("figure", {}, h("figcaption", {}, file.title || file.name), h("a", { href: source, target: "_blank", title: "Open the picture" }, h("img", { src: source, alt: file.alt_txt || file.title || file.name })));
  return h("a", { class: "file", href: source, target: "_blank" }, h("span", { "aria-hidden": "true" }, "▤"), h("span", {}, file.title || file.name), h("small", {}, `${file.size} bytes`));
}

function attachment(one, press) {
  const body = h("div", { class: "unfurl" });
  if (/^#[0-9a-f]{6}$/i.test(one.color || "")) body.style.setProperty("--bar", one.color);
  if (one.service_name || one.author_name) body.append(h("small", {}, one.author_name || one.service_name));
  if (one.pretext) body.append(h("p", {}, mrkdwn(one.pretext)));
  if (one.title) body.append(h("p", {}, /^https?:/.test(one.title_link || "") ? h("a", { href: one.title_link, target: "_blank", rel: "noopener noreferrer" }, h("strong", {}, one.title)) : h("strong", {}, one.title)));
  if (one.blocks) body.append(blocks(one.blocks, press));
  else if (one.text || one.fallback) body.append(h("div", { class: "text" }, mrkdwn(one.text || one.fallback)));
  return body;
}

function reactions(said, channel) {
  return h("div", { class: "reactions" }, said.reactions.map((one) => {
    const mine = one.users.includes(ui.viewer);
    const who = one.users.map((id) => (names.people.get(id) || { name: id }).name).join(", ");
    const toggle = () => ask("react", { user: ui.viewer, channel, ts: said.ts, name: one.name, add: !mine });
    return h("button", { type: "button", class: mine ? "mine" : "", title: `${who}: :${one.name}:`, "aria-pressed": String(mine), onclick: toggle }, emoji(one.name), " ", String(one.count));
  }));
}

function thread(said, channel) {
  const replies = said.replies || [];
  const parts = [];
  if (replies.length) {
    const list = h("div", { class: "replies" });
    keyed(list, replies, (one) => one.ts, () => "", (one) => message(one, false, channel));
    parts.push(list);
  }
  if (ui.replying === said.ts) {
    const box = h("textarea", { rows: 1, placeholder: "Reply in thread…", "aria-label": "Reply in thread", oninput: () => ui.drafts.set("reply" + said.ts, box.value), onkeydown: (event) => {
      if (event.key === "Escape") stop();
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        if (box.value.trim()) ask("post", { user: ui.viewer, channel, text: box.value, thread_ts: said.ts });
        stop();
      }
    } }, ui.drafts.get("reply" + said.ts) || "");
    const stop = () => {
      ui.drafts.delete("reply" + said.ts);
      ui.replying = null;
      ui.redraw();
    };
    queueMicrotask(() => {
      box.focus();
      box.setSelectionRange(box.value.length, box.value.length);
    });
    parts.push(h("div", { class: "reply" }, avatar(ui.viewer, "tiny"), box));
  }
  return parts.length ? h("div", { class: "thread", "aria-label": "Thread" }, parts) : null;
}

function editor(said, channel) {
  const box = h("textarea", { rows: 2, "aria-label": "Edit the message", oninput: () => ui.drafts.set("edit" + said.ts, box.value), onkeydown: (event) => {
    if (event.key === "Escape") stop();
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      save();
    }
  } }, ui.drafts.get("edit" + said.ts) ?? typedText(said));
  const stop = () => {
    ui.drafts.delete("edit" + said.ts);
    ui.editing = null;
    ui.redraw();
  };
  const save = () => {
    ask("edit", { user: ui.viewer, channel, ts: said.ts, text: box.value });
    stop();
  };
  queueMicrotask(() => {
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  });
  return h("div", { class: "editor" }, box, h("div", { class: "actions" }, h("button", { type: "button", class: "button", onclick: stop }, "Cancel"), h("button", { type: "button", class: "button primary", onclick: save }, "Save")));
}

// The text as its author typed it: links, mentions and emoji back in their plain form.
export function typedText(said) {
  const back = (said.text || "").replace(/<([^<>|]+)(?:\|([^<>]*))?>/g, (_, target, label) => {
    if (target.startsWith("@")) return "@" + (names.people.get(target.slice(1)) || { handle: target.slice(1) }).handle;
    if (target.startsWith("#")) return "#" + (names.channels.get(target.slice(1)) || label || "");
    if (target.startsWith("!")) return "@" + target.slice(1);
    return label || target;
  });
  return unescaped(back).replace(/:([a-z0-9_+-]+):/g, (all, name) => names.emoji[name] || all);
}

function toolbar(said, channel) {
  if (said.is_ephemeral || said.subtype === "tombstone") return null;
  const own = said.user === ui.viewer;
  const act = (label, sign, run) => h("button", { type: "button", "aria-label": label, title: label, onclick: run }, sign);
  const start = (key, ts) => () => {
    ui[key] = ts;
    ui.redraw();
  };
  return h("div", { class: "toolbar" },
    act("React with thumbs up", "👍", () => ask("react", { user: ui.viewer, channel, ts: said.ts, name: "+1" })),
    act("Reply in thread", "↩", start("replying", said.thread_ts || said.ts)),
    own && act("Edit", "✎", start("editing", said.ts)),
    own && act("Delete", "✕", () => ask("delete", { user: ui.viewer, channel, ts: said.ts })));
}
