/* What staff pages do more where script runs. Nothing needs it. */
"use strict";

/* declarations: the preview follows what is written, a little later. */
document.querySelectorAll("form[data-preview]").forEach((form) => {
  const shown = document.getElementById("preview");
  let waiting, asked = 0;
  const show = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      const html = answer.ok ? await answer.text() : null;
      // An answer that was overtaken by a later one, and a page to sign in on, are not shown.
      if (html !== null && mine === asked && !answer.redirected) shown.innerHTML = html;
    } catch { /* Without a line the last preview stays. */ }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 600);
  });
  let written = false;
  form.addEventListener("input", () => { written = true; });
  form.addEventListener("submit", () => { written = false; });
  addEventListener("beforeunload", (event) => { if (written) event.preventDefault(); });
});
