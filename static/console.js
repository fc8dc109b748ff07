/* What staff pages do more where script runs. Nothing needs it. */
"use strict";

/* Deliveries: how far each is, every two seconds; when one has become something else, the page is loaded anew. */
(() => {
  const list = document.querySelector("[data-deliveries]");
  if (!list || !list.dataset.deliveries) return;
  const look = async () => {
    let told;
    try {
      const answer = await fetch(list.dataset.deliveries, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return;
      told = (await answer.json()).deliveries;
    } catch {
      return setTimeout(look, 5000);
    }
    for (const item of list.querySelectorAll("[data-delivery]")) {
      const now = told[item.dataset.delivery];
      if (!now) continue;
      const begun = item.dataset.state === "waiting" && now.state === "working";
      if (now.state !== item.dataset.state && !begun) return location.replace(location.pathname);
      const bar = item.querySelector("progress");
      if (!bar) continue;
      item.querySelector("[data-words]").textContent = now.words;
      if (now.percent === null) bar.removeAttribute("value");
      else bar.value = now.percent;
    }
    setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
})();
