// The blocks `table` and `data_table`; the latter sorts and turns pages, as Slack's does.

import { h } from "./dom.js";
import { richText } from "./richtext.js";
import { plain } from "./words.js";

const shown = (cell) => (cell.type === "rich_text" ? richText(cell) : plain(cell.text ?? String(cell.value ?? "")));
const isNumber = (cell) => cell && cell.type === "raw_number";

function wordsOf(cell) {
  if (cell.type !== "rich_text") return String(cell.text ?? cell.value ?? "");
  return (cell.elements || []).flatMap((part) => part.elements || []).map((piece) => piece.text || piece.url || "").join("");
}

export function table(block) {
  const settings = block.column_settings || [];
  const classOf = (at) => [settings[at] && settings[at].align ? "to-" + settings[at].align : "", settings[at] && settings[at].is_wrapped ? "wraps" : ""].join(" ").trim();
  const [head, ...rows] = block.rows;
  return h("div", { class: "sheet" }, h("table", {},
    h("thead", {}, h("tr", {}, head.map((cell, at) => h("th", { class: classOf(at) }, shown(cell))))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, at) => h("td", { class: classOf(at) }, shown(cell))))))));
}

export function dataTable(block) {
  const [head, ...rows] = block.rows;
  const size = block.page_size || 10;
  const state = { by: -1, down: false, page: 0 };
  const body = h("tbody");
  const turn = h("div", { class: "turn" });
  const named = block.row_header_column_index;
  const headers = head.map((cell, at) =>
    h("th", { scope: "col", class: rows.length && isNumber(rows[0][at]) ? "to-right" : "" },
      h("button", { type: "button", onclick: () => sort(at) }, shown(cell), h("span", { class: "arrow", "aria-hidden": "true" }))));

  function sort(at) {
    state.down = state.by === at ? !state.down : false;
    state.by = at;
    state.page = 0;
    draw();
  }

  function sorted() {
    if (state.by < 0) return rows;
    const sign = state.down ? -1 : 1;
    const compare = (a, b) =>
      isNumber(a) && isNumber(b) ? a.value - b.value : wordsOf(a).localeCompare(wordsOf(b), undefined, { numeric: true });
    return [...rows].sort((a, b) => sign * compare(a[state.by], b[state.by]));
  }

  function draw() {
    const from = state.page * size;
    body.replaceChildren(...sorted().slice(from, from + size).map((row) =>
      h("tr", {}, row.map((cell, at) =>
        h(at === named ? "th" : "td", { scope: at === named ? "row" : null, class: isNumber(cell) ? "to-right" : "" }, shown(cell))))));
    headers.forEach((header, at) => {
      header.setAttribute("aria-sort", state.by !== at ? "none" : state.down ? "descending" : "ascending");
      header.querySelector(".arrow").textContent = state.by !== at ? "" : state.down ? " ↓" : " ↑";
    });
    if (rows.length <= size) return;
    const pages = Math.ceil(rows.length / size);
    const go = (by) => () => {
      state.page += by;
      draw();
    };
    turn.replaceChildren(
      h("button", { type: "button", disabled: state.page === 0, "aria-label": "Previous page", onclick: go(-1) }, "‹"),
      `${state.page + 1} of ${pages}`,
      h("button", { type: "button", disabled: state.page === pages - 1, "aria-label": "Next page", onclick: go(1) }, "›"),
    );
  }

  draw();
  return h("div", { class: "data-table" }, h("div", { class: "caption" }, block.caption),
    h("div", { class: "sheet" }, h("table", { "aria-label": block.caption }, h("thead", {}, h("tr", {}, headers)), body)), turn);
}
