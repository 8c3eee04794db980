// Block Kit, drawn. `press(element, value)` is called for whatever is pressed or chosen.

import { h } from "./dom.js";
import { richText } from "./richtext.js";
import { dataTable, table } from "./tables.js";
import { markdown, mrkdwn, plain, textObject } from "./words.js";

export function blocks(list, press) {
  return h("div", { class: "blocks" }, (list || []).map((block) => one(block, press)));
}

function one(block, press) {
  const draw = DRAW[block.type];
  const node = draw ? draw(block, press) : unknown(block);
  node.classList.add("block");
  return node;
}

const DRAW = {
  header: (block) => h("h3", {}, plain(block.text.text)),
  divider: () => h("hr"),
  section(block, press) {
    const body = h("div", { class: "section-body" });
    if (block.text) body.append(h("div", { class: "text" }, textObject(block.text)));
    if (block.fields) body.append(h("div", { class: "fields" }, block.fields.map((field) => h("div", {}, textObject(field)))));
    return h("div", { class: "section" }, body, block.accessory && element(block.accessory, press));
  },
  context: (block) =>
    h("div", { class: "context" }, block.elements.map((part) => (part.type === "image" ? image(part, "small") : h("span", {}, textObject(part))))),
  actions: (block, press) => h("div", { class: "actions" }, block.elements.map((part) => element(part, press))),
  image: (block) => figure(block),
  table: (block) => table(block),
  data_table: (block) => dataTable(block),
  markdown: (block) => h("div", { class: "markdown" }, markdown(block.text)),
  rich_text: (block) => h("div", { class: "rich" }, richText(block)),
  alert: (block) => h("div", { class: "alert" }, textObject(block.text)),
  input: (block, press) =>
    h("label", { class: "input", "data-block": block.block_id }, h("span", {}, plain(block.label.text), block.optional ? " (optional)" : ""),
      element(block.element, press), block.hint && h("small", {}, plain(block.hint.text)), h("small", { class: "wrong" })),
  card(block, press) {
    return h("div", { class: "card" }, block.title && h("strong", {}, textObject(block.title)),
      block.subtitle && h("small", {}, textObject(block.subtitle)), block.body && h("p", {}, textObject(block.body)),
      block.actions && h("div", { class: "actions" }, block.actions.map((part) => element(part, press))));
  },
};

function unknown(block) {
  return h("details", { class: "unknown" }, h("summary", {}, `A block of type ${block.type}, which this page does not draw`),
    h("pre", {}, JSON.stringify(block, null, 2)));
}

// Only files of the workspace are shown: a picture from elsewhere would be a request that leaves the machine.
export function sourceOf(part) {
  const file = part.slack_file || {};
  const id = file.id || (/-(F[A-Z0-9]+)\//.exec(file.url || "") || [])[1];
  return id ? `/sandbox/files/${encodeURIComponent(id)}` : null;
}

function image(part, size) {
  const source = sourceOf(part);
  if (source) return h("img", { src: source, alt: part.alt_text || "", class: size, loading: "eager" });
  if (size === "small") return h("span", { class: "faraway", title: part.image_url }, "▦ " + (part.alt_text || "image"));
  return h("a", { class: "faraway", href: part.image_url, target: "_blank", rel: "noopener noreferrer" }, "▦ " + (part.alt_text || part.image_url));
}

function figure(block) {
  const shown = image(block);
  const inside = shown.localName === "img" ? h("a", { href: shown.getAttribute("src"), target: "_blank", title: "Open the picture" }, shown) : shown;
  return h("figure", {}, block.title && h("figcaption", {}, plain(block.title.text)), inside);
}

export function element(part, press) {
  if (part.type === "image") return image(part, "thumb");
  if (part.type === "button") return button(part, press);
  if (part.type === "static_select" || part.type === "overflow") return select(part, press);
  if (part.type === "radio_buttons" || part.type === "checkboxes") return choices(part, press);
  if (part.type === "plain_text_input" && part.multiline)
    return h("textarea", { rows: 4, name: part.action_id, placeholder: part.placeholder && part.placeholder.text, "data-type": part.type }, part.initial_value || "");
  const types = { number_input: "number", datepicker: "date", timepicker: "time", email_text_input: "email", url_text_input: "url" };
  if (part.type === "plain_text_input" || types[part.type])
    return h("input", {
      type: types[part.type] || "text",
      name: part.action_id,
      value: part.initial_value || part.initial_date || part.initial_time,
      placeholder: part.placeholder && part.placeholder.text,
      "data-type": part.type,
      step: part.is_decimal_allowed ? "any" : null,
    });
  return h("code", {}, part.type);
}

function button(part, press) {
  const style = ["button", part.style].filter(Boolean).join(" ");
  const label = [h("span", {}, plain(part.text.text)), part.url && h("span", { class: "out", "aria-hidden": "true" }, "↗")];
  const pressed = async (event) => {
    if (part.confirm && !(await confirmed(part.confirm))) return;
    const node = event.target.closest(".button");
    node.classList.add("busy");
    await press(part, part.value);
    node.classList.remove("busy");
  };
  if (part.url && /^https?:/.test(part.url))
    return h("a", { class: style, href: part.url, target: "_blank", rel: "noopener noreferrer", onclick: () => press(part, part.value) }, label);
  return h("button", { type: "button", class: style, "aria-label": part.accessibility_label, onclick: pressed }, label);
}

function select(part, press) {
  const options = part.options || (part.option_groups || []).flatMap((group) => group.options);
  const chosen = part.initial_option && part.initial_option.value;
  const label = part.type === "overflow" ? "⋯" : (part.placeholder && part.placeholder.text) || "Choose";
  return h("select", { name: part.action_id, "data-type": part.type, "aria-label": label, onchange: (event) => press(part, event.target.value) },
    h("option", { value: "", disabled: true, selected: !chosen }, label),
    options.map((option) => h("option", { value: option.value, selected: option.value === chosen }, option.text.text)));
}

function choices(part, press) {
  const type = part.type === "checkboxes" ? "checkbox" : "radio";
  const initial = (part.initial_options || (part.initial_option ? [part.initial_option] : [])).map((option) => option.value);
  return h("span", { class: "choices", "data-type": part.type, "data-name": part.action_id },
    part.options.map((option) =>
      h("label", {}, h("input", { type, name: part.action_id, value: option.value, checked: initial.includes(option.value), onchange: () => press(part, option.value) }),
        " ", textObject(option.text))));
}

function confirmed(confirm) {
  return new Promise((resolve) => {
    const end = (answer) => () => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const dialog = h("dialog", { class: "confirm" }, h("h3", {}, plain(confirm.title.text)), h("p", {}, textObject(confirm.text)),
      h("div", { class: "actions" }, h("button", { type: "button", class: "button", onclick: end(false) }, plain(confirm.deny.text)),
        h("button", { type: "button", class: "button primary", onclick: end(true) }, plain(confirm.confirm.text))));
    dialog.addEventListener("cancel", end(false));
    document.body.append(dialog);
    dialog.showModal();
  });
}

export { mrkdwn };
