// An app's modal: its blocks, what was typed into them, and the app's complaints about it.

import { blocks } from "./blocks.js";
import { ask, h } from "./dom.js";
import { plain } from "./words.js";

export function modal(dialog, state) {
  const view = state.modals[state.modals.length - 1];
  if (!view) {
    if (dialog.open) dialog.close();
    dialog.shown = null;
    return;
  }
  const signature = JSON.stringify([view.id, view.hash]);
  if (dialog.shown !== signature) {
    dialog.shown = signature;
    fill(dialog, view, state.viewer);
  }
  complain(dialog, view.errors || {});
  if (!dialog.open) dialog.showModal();
}

function fill(dialog, view, viewer) {
  const press = (part, value) => {
    if (part.type === "button") ask("click", { user: viewer, where: { view: view.id }, action_id: part.action_id, value });
  };
  const close = () => ask("close", { user: viewer, view: view.id });
  const submit = (event) => {
    event.preventDefault();
    ask("submit", { user: viewer, view: view.id, values: typed(form) });
  };
  const form = h("form", { onsubmit: submit }, h("h2", {}, plain(view.title.text)), h("p", { class: "wrong whole" }), blocks(view.blocks, press),
    h("div", { class: "actions" }, h("button", { type: "button", class: "button", onclick: close }, plain(view.close ? view.close.text : "Cancel")),
      view.submit && h("button", { type: "submit", class: "button primary" }, plain(view.submit.text))));
  dialog.oncancel = (event) => {
    event.preventDefault();
    close();
  };
  dialog.replaceChildren(form);
}

function complain(dialog, errors) {
  for (const input of dialog.querySelectorAll("label.input")) input.querySelector(".wrong").textContent = errors[input.dataset.block] || "";
  const whole = dialog.querySelector(".whole");
  if (whole) whole.textContent = errors[""] || "";
}

function typed(form) {
  const values = {};
  for (const input of form.querySelectorAll("label.input")) {
    const part = input.querySelector("[data-type]");
    if (!part) continue;
    const type = part.dataset.type;
    const state = { type };
    if (type === "static_select") state.selected_option = part.value ? { value: part.value, text: { type: "plain_text", text: part.selectedOptions[0].text } } : null;
    else if (type === "datepicker") state.selected_date = part.value || null;
    else if (type === "timepicker") state.selected_time = part.value || null;
    else if (type === "checkboxes" || type === "radio_buttons") {
      const chosen = [...part.querySelectorAll("input:checked")].map((one) => ({ value: one.value }));
      if (type === "checkboxes") state.selected_options = chosen;
      else state.selected_option = chosen[0] || null;
    } else state.value = part.value || null;
    values[input.dataset.block] = { [part.name || part.dataset.name]: state };
  }
  return values;
}
