// Keeps a page up to date while it is looked at: when the project's pulse is another one, the part that lives is
// fetched again and put in place of the old one.
"use strict";

const PAUSE = 4000, HIDDEN = 30000;
const mark = document.querySelector(".live");

function say(on) {
  if (!mark) return;
  mark.classList.toggle("on", on);
  mark.textContent = on ? mark.dataset.live : mark.dataset.away;
}

async function look() {
  const region = document.querySelector("[data-pulse]");
  if (!region) return;
  try {
    const answer = await fetch(region.dataset.source, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const { pulse } = await answer.json();
    say(true);
    // A table of very many runs comes without its pulse, which takes longer to reckon than the page: the first one is it.
    region.dataset.pulse ||= pulse;
    if (pulse !== region.dataset.pulse && !region.contains(document.activeElement) && !region.querySelector(":checked")) {
      const page = await fetch(location.href, { headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[data-pulse]");
      if (page.ok && fresh) {
        region.replaceWith(document.importNode(fresh, true));
        document.dispatchEvent(new CustomEvent("runcite:renewed"));
      }
    }
  } catch {
    say(false);
  }
  setTimeout(look, document.hidden ? HIDDEN : PAUSE);
}

look();
