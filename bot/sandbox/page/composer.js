// Where one types: Enter sends, "/" offers the app's command, "@" the people, a dropped or chosen file goes along.

import { ask, h } from "./dom.js";
import { names } from "./words.js";

export function composer(place, context) {
  const files = [];
  const offer = h("ul", { class: "offer", role: "listbox", id: "offer", hidden: true });
  const chips = h("div", { class: "chips" });
  const box = h("textarea", { id: "say", rows: 1, "aria-label": "Message", "aria-controls": "offer", "aria-autocomplete": "list", autocomplete: "off" });
  const picker = h("input", { type: "file", multiple: true, hidden: true, onchange: () => take(picker.files) });
  const send = h("button", { type: "button", class: "send", "aria-label": "Send", onclick: () => say() }, "➤");
  let chosen = 0;

  place.replaceChildren(h("div", { class: "box" }, offer, chips, box,
    h("div", { class: "row" },
      h("button", { type: "button", "aria-label": "Attach a file", title: "Attach a file", onclick: () => picker.click() }, "+"),
      h("button", { type: "button", "aria-label": "Mention somebody", title: "Mention somebody", onclick: () => insert("@") }, "@"),
      h("button", { type: "button", "aria-label": "Give a command", title: "Give a command", onclick: () => insert("/results ") }, "/"),
      h("span", { class: "hint" }, "Enter sends · Shift+Enter breaks the line · ↑ edits your last"), picker, send)));

  function insert(text) {
    box.value = text.startsWith("/") ? text : box.value + text;
    box.focus();
    grow();
    suggest();
  }

  function grow() {
    box.style.height = "auto";
    box.style.height = Math.min(box.scrollHeight, 240) + "px";
    send.disabled = !box.value.trim() && !files.length;
  }

  function options() {
    const text = box.value.slice(0, box.selectionStart);
    const command = /^\/(\S*)(?: (\S*))?$/.exec(text);
    if (command) return context.commands().filter((one) => one.line.startsWith(text) && one.line !== text).map((one) => ({ ...one, put: one.line + " ", from: 0 }));
    const call = /(?:^|\s)@([\p{L}\w]*)$/u.exec(text);
    if (!call) return [];
    const from = text.length - call[1].length - 1;
    const sought = call[1].toLowerCase();
    return [...names.people.values()]
      .filter((one) => one.id !== "USLACKBOT" && (one.handle.startsWith(sought) || one.name.toLowerCase().startsWith(sought)))
      .map((one) => ({ line: "@" + one.handle, hint: one.name, put: `@${one.handle} `, from }));
  }

  function suggest() {
    const found = options();
    chosen = Math.min(chosen, Math.max(found.length - 1, 0));
    offer.hidden = !found.length;
    offer.replaceChildren(...found.map((one, at) =>
      h("li", { role: "option", "aria-selected": String(at === chosen), onmousedown: (event) => {
        event.preventDefault();
        accept(one);
      } }, h("code", {}, one.line), h("span", {}, one.hint))));
    const shown = offer.children[chosen];
    if (shown) shown.scrollIntoView({ block: "nearest" });
    return found;
  }

  function accept(one) {
    box.setRangeText(one.put, one.from, box.selectionStart, "end");
    grow();
    suggest();
  }

  async function take(list) {
    for (const file of list) {
      const bytes = new Uint8Array(await file.arrayBuffer());
      let binary = "";
      for (let at = 0; at < bytes.length; at += 32768) binary += String.fromCharCode(...bytes.subarray(at, at + 32768));
      files.push({ name: file.name, base64: btoa(binary) });
    }
    picker.value = "";
    draw();
  }

  function draw() {
    chips.replaceChildren(...files.map((file, at) =>
      h("span", { class: "chip" }, file.name, h("button", { type: "button", "aria-label": `Leave ${file.name} out`, onclick: () => {
        files.splice(at, 1);
        draw();
      } }, "✕"))));
    grow();
  }

  async function say() {
    const text = box.value.trim();
    if (!text && !files.length) return;
    const along = files.splice(0);
    box.value = "";
    draw();
    suggest();
    const where = { user: context.viewer(), channel: context.channel() };
    const answer = text.startsWith("/") ? await ask("command", { ...where, line: text }) : await ask("post", { ...where, text, files: along });
    if (!answer.ok) {
      box.value = text;
      context.complain(answer.error);
      grow();
    }
  }

  box.addEventListener("input", () => {
    chosen = 0;
    grow();
    suggest();
  });
  box.addEventListener("blur", () => (offer.hidden = true));
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const found = offer.hidden ? [] : options();
    if (found.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
      suggest();
    } else if (found.length && event.key === "Tab") {
      event.preventDefault();
      accept(found[chosen]);
    } else if (event.key === "Escape") offer.hidden = true;
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      say();
    } else if (event.key === "ArrowUp" && !box.value) {
      event.preventDefault();
      context.editLast();
    }
  });
  place.addEventListener("dragover", (event) => event.preventDefault());
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  box.addEventListener("paste", (event) => event.clipboardData.files.length && take(event.clipboardData.files));
  grow();
  return { label: (text) => box.setAttribute("placeholder", text), focus: () => box.focus() };
}
