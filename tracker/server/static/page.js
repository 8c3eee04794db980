// What a run's page does beyond its HTML: copying the ID, and following a run that is still going.
"use strict";

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 1500);
  });
}

const title = document.querySelector("[data-run]");
if (title && (title.dataset.state === "running" || title.dataset.state === "silent")) {
  let events = Number(title.dataset.events);
  const look = async () => {
    try {
      const answer = await fetch(`/api/v1/runs/${title.dataset.run}`, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const record = await answer.json();
        if (record.state !== title.dataset.state) { location.reload(); return; }
        if (record.events !== events) {
          events = record.events;
          document.dispatchEvent(new CustomEvent("runcite:grown"));
        }
      }
    } catch { /* The server is away; the next look finds it again. */ }
    setTimeout(look, document.hidden ? 30000 : 2500);
  };
  setTimeout(look, 2500);
}
