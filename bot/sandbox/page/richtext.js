// rich_text blocks and cells.

import { h, safeLink } from "./dom.js";
import { channel, emoji, person } from "./words.js";

export function richText(block) {
  return (block.elements || []).map(part);
}

function part(element) {
  const inner = () => (element.elements || []).map(piece);
  if (element.type === "rich_text_section") return h("div", { class: "line" }, inner());
  if (element.type === "rich_text_preformatted") return h("pre", {}, inner());
  if (element.type === "rich_text_quote") return h("blockquote", {}, inner());
  if (element.type === "rich_text_list") {
    const tag = element.style === "ordered" ? "ol" : "ul";
    const indent = Math.min(Number(element.indent) || 0, 8);
    return h(tag, { class: "indent" + indent }, (element.elements || []).map((item) => h("li", {}, (item.elements || []).map(piece))));
  }
  return h("code", {}, JSON.stringify(element));
}

function piece(element) {
  let node;
  if (element.type === "text") node = lines(element.text || "");
  else if (element.type === "link") node = safeLink(element.url || "", element.text || element.url || "");
  else if (element.type === "user") node = person(element.user_id);
  else if (element.type === "channel") node = channel(element.channel_id);
  else if (element.type === "broadcast") node = h("span", { class: "mention loud" }, "@" + element.range);
  else if (element.type === "emoji") node = emoji(element.name);
  else if (element.type === "date") node = h("time", {}, element.fallback || new Date(element.timestamp * 1000).toLocaleString());
  else node = h("code", {}, JSON.stringify(element));
  const style = element.style || {};
  if (style.code) node = h("code", {}, node);
  if (style.bold) node = h("strong", {}, node);
  if (style.italic) node = h("em", {}, node);
  if (style.strike) node = h("s", {}, node);
  return node;
}

function lines(text) {
  return text.split("\n").flatMap((line, at) => (at ? [h("br"), line] : [line]));
}
