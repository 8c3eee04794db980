// Slack's mrkdwn, and Markdown as far as a markdown block needs it, as DOM nodes.

import { h, safeLink, unescaped } from "./dom.js";

export const names = { people: new Map(), channels: new Map(), emoji: {}, viewer: "" };

const INLINE = new RegExp(
  [
    "(?<pre>```([\\s\\S]+?)```)",
    "(?<code>`[^`\\n]+`)",
    "(?<control><[^<>\\n]+>)",
    "(?<bold>(?<![\\w*])\\*(?=\\S)[^*\\n]*[^*\\s\\n]\\*(?![\\w*]))",
    "(?<italic>(?<![\\w_])_(?=\\S)[^_\\n]*[^_\\s\\n]_(?![\\w_]))",
    "(?<strike>(?<![\\w~])~(?=\\S)[^~\\n]*[^~\\s\\n]~(?![\\w~]))",
    "(?<emoji>:[a-z0-9_+'-]+:)",
  ].join("|"),
  "g",
);

export function mrkdwn(text) {
  const nodes = [];
  let quote = null;
  const parts = String(text || "").split(/(```[\s\S]+?```)/);
  for (const [index, whole] of parts.entries()) {
    const fenced = (at) => /^```/.test(parts[at] || "") && parts[at].length > 6;
    const part = fenced(index) ? whole : whole.replace(fenced(index - 1) ? /^\n/ : /(?!)/, "").replace(fenced(index + 1) ? /\n$/ : /(?!)/, "");
    if (part.startsWith("```") && part.length > 6) {
      nodes.push(h("pre", {}, unescaped(part.slice(3, -3).replace(/^\n|\n$/g, "").replace(/<([^<>|]+)(\|[^<>]*)?>/g, "$1"))));
      continue;
    }
    const lines = part.split("\n");
    lines.forEach((line, at) => {
      const quoted = /^(&gt;|>) ?/.exec(line);
      if (quoted) {
        if (!quote) nodes.push((quote = h("blockquote")));
        else quote.append(h("br"));
        quote.append(...inline(line.slice(quoted[0].length)));
        return;
      }
      quote = null;
      nodes.push(...inline(line));
      if (at < lines.length - 1 && !/^(&gt;|>)/.test(lines[at + 1])) nodes.push(h("br"));
    });
  }
  return nodes;
}

export function inline(text) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    nodes.push(unescaped(text.slice(at, found.index)));
    at = found.index + found[0].length;
    const { pre, code, control, bold, italic, strike } = found.groups;
    const inner = found[0].slice(1, -1);
    if (pre) nodes.push(h("pre", {}, unescaped(found[0].slice(3, -3))));
    else if (code) nodes.push(h("code", {}, unescaped(inner)));
    else if (control) nodes.push(controlNode(inner));
    else if (bold) nodes.push(h("strong", {}, inline(inner)));
    else if (italic) nodes.push(h("em", {}, inline(inner)));
    else if (strike) nodes.push(h("s", {}, inline(inner)));
    else nodes.push(emoji(inner));
  }
  nodes.push(unescaped(text.slice(at)));
  return nodes.filter((node) => node !== "");
}

function controlNode(inner) {
  const [target, label] = inner.split(/\|(.*)/s);
  if (target.startsWith("@")) return person(target.slice(1));
  if (target.startsWith("#")) return channel(target.slice(1), label);
  if (target.startsWith("!date^")) return h("time", {}, unescaped(label || target.split("^")[2] || ""));
  if (target.startsWith("!")) return h("span", { class: "mention loud" }, label ? unescaped(label) : "@" + target.slice(1).split("^")[0]);
  const url = unescaped(target);
  return safeLink(url, label ? unescaped(label) : url.replace(/^mailto:/, ""));
}

export function person(id) {
  const known = names.people.get(id);
  const mine = id === names.viewer ? " me" : "";
  return h("span", { class: "mention" + mine, title: known ? known.name : id }, "@" + (known ? known.handle : id));
}

export function channel(id, label) {
  return h("a", { class: "mention", href: "#" + id }, "#" + (label || names.channels.get(id) || id));
}

export function emoji(name) {
  const sign = names.emoji[name];
  return sign ? h("span", { class: "emoji", role: "img", "aria-label": name, title: `:${name}:` }, sign) : `:${name}:`;
}

// Plain text objects take emoji, and nothing else.
export function plain(text) {
  return String(text || "")
    .split(/(:[a-z0-9_+'-]+:)/)
    .map((part) => (/^:[a-z0-9_+'-]+:$/.test(part) ? emoji(part.slice(1, -1)) : part));
}

export function textObject(object) {
  if (!object) return [];
  return object.type === "mrkdwn" ? mrkdwn(object.text) : plain(object.text);
}

const SPAN = /(`[^`\n]+`)|(\*\*[^*\n]+\*\*)|(~~[^~\n]+~~)|(\*[^*\n]+\*)|(?<!\w)(_[^_\n]+_)(?!\w)|(\[[^\]\n]+\]\([^()\s]+\))|(:[a-z0-9_+'-]+:)/g;

function spans(text) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(SPAN)) {
    nodes.push(unescaped(text.slice(at, found.index)));
    at = found.index + found[0].length;
    const [all, code, bold, strike, starred, under, link] = found;
    if (code) nodes.push(h("code", {}, unescaped(all.slice(1, -1))));
    else if (bold) nodes.push(h("strong", {}, spans(all.slice(2, -2))));
    else if (strike) nodes.push(h("s", {}, spans(all.slice(2, -2))));
    else if (starred || under) nodes.push(h("em", {}, spans(all.slice(1, -1))));
    else if (link) {
      const [, label, url] = /^\[(.*)\]\((.*)\)$/.exec(all);
      nodes.push(safeLink(url, label));
    } else nodes.push(emoji(all.slice(1, -1)));
  }
  nodes.push(unescaped(text.slice(at)));
  return nodes.filter((node) => node !== "");
}

const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());

export function markdown(text) {
  const nodes = [];
  const lines = String(text).split("\n");
  let list = null;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    const item = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/.exec(line);
    if (item) {
      const kind = item[1] ? "ol" : "ul";
      if (!list || list.localName !== kind) nodes.push((list = h(kind)));
      list.append(h("li", {}, spans(item[2])));
      continue;
    }
    list = null;
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (line.startsWith("```")) {
      const from = ++at;
      while (at < lines.length && !lines[at].startsWith("```")) at++;
      nodes.push(h("pre", {}, lines.slice(from, at).join("\n")));
    } else if (heading) nodes.push(h("p", { class: "heading h" + heading[1].length }, spans(heading[2])));
    else if (/^\s*\|.*\|/.test(line) && /^[\s|:-]+$/.test(lines[at + 1] || "")) {
      const head = cells(line);
      const rows = [];
      at += 2;
      while (at < lines.length && /^\s*\|/.test(lines[at])) rows.push(cells(lines[at++]));
      at--;
      nodes.push(
        h("div", { class: "sheet" }, h("table", {}, h("thead", {}, h("tr", {}, head.map((cell) => h("th", {}, spans(cell))))),
          h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, spans(cell)))))))),
      );
    } else if (line.startsWith(">")) nodes.push(h("blockquote", {}, spans(line.slice(1).trim())));
    else if (/^-{3,}$/.test(line.trim())) nodes.push(h("hr"));
    else if (line.trim()) nodes.push(h("p", {}, spans(line)));
  }
  return nodes;
}
