// What stands behind the # of an address: a log-in link's secret, or a run in the way MLflow's clients print it.
"use strict";

const behind = location.hash.slice(1);
const form = document.querySelector("form[data-door]");
const run = /^\/experiments\/[^/]+\/runs\/([\w-]+)/.exec(behind);

if (form && behind.startsWith("rl_")) {
  form.elements.token.value = behind;
  history.replaceState(null, "", location.pathname + location.search);
  form.querySelector("label").hidden = form.elements.token.hidden = true;
  form.querySelector("[data-linked]").hidden = false;
  document.querySelector("[data-unlinked]").hidden = true;
  form.querySelector("button").focus();
} else if (form && run) {
  form.elements.next.value = `/runs/${run[1]}`;
} else if (run) {
  location.replace(`/runs/${run[1]}`);
}
