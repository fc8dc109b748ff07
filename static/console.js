/* What staff pages do more where script runs. Nothing needs it. */
"use strict";

/* On a phone the tabs scroll: the page that one is on comes into view. */
for (const tab of document.querySelectorAll(".tabs [aria-current]")) tab.scrollIntoView({ block: "nearest", inline: "center" });

/* Passkeys: asked for by a form, made or used by the authenticator, posted as JSON in a hidden field. */
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  const read = (options) => ({
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: named(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: named(options.allowCredentials) }),
  });

  const written = (made) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[name]) response[name] = text(made.response[name]);
    }
    if (made.response.getTransports) response.transports = made.response.getTransports();
    return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} });
  };

  const ask = async (part, form, field) => {
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
    const answer = await fetch(part.dataset.options, { method: "POST", body });
    if (!answer.ok) throw new Error(answer.status);
    const publicKey = read(await answer.json());
    field.value = written(await navigator.credentials[part.dataset.passkey]({ publicKey }));
  };

  for (const part of document.querySelectorAll("[data-passkey]")) {
    const form = part.closest("form");
    const field = part.querySelector("[name=passkey], [name=credential]");
    const button = part.querySelector("button");
    const error = part.querySelector(".error[hidden]");
    const start = async (event) => {
      if (field.value) return;
      event.preventDefault();
      // It is sent only later: site.js would take that for the second post of a double click.
      event.stopPropagation();
      if (!form.reportValidity()) return;
      error.hidden = button.disabled = true;
      try {
        await ask(part, form, field);
        button.disabled = false;
        form.requestSubmit();
      } catch {
        error.hidden = false;
      }
      button.disabled = false;
    };
    if (part === form) form.addEventListener("submit", start);
    else button.addEventListener("click", start);
    part.hidden = false;
  }
  for (const part of document.querySelectorAll("[data-passkey-without]")) part.hidden = true;
})();

/* Declarations: the preview follows what is written, a little later. */
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

/* Tables of things to decide about: the head gets a box that ticks all the others. */
for (const table of document.querySelectorAll("table[data-check-all]")) {
  const boxes = [...table.querySelectorAll("tbody input[type=checkbox]")];
  const all = document.createElement("input");
  all.type = "checkbox";
  all.setAttribute("aria-label", table.dataset.checkAll);
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  table.querySelector("thead th").replaceChildren(all);
}
