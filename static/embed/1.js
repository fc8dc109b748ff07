/* <declaration-form declaration="…" partner="…">: the form in a frame, as high as it needs to be. It stores nothing.
   A published file never changes: what has to change goes into the next number. */
"use strict";

(() => {
  const home = new URL(document.currentScript.src).origin;
  const LEAST = 120;
  const MOST = 8_000;

  class DeclarationForm extends HTMLElement {
    connectedCallback() {
      addEventListener("message", this);
      this.frame ??= this.make();
      if (this.frame.parentNode !== this) this.replaceChildren(this.frame);
    }

    disconnectedCallback() {
      removeEventListener("message", this);
    }

    make() {
      const frame = document.createElement("iframe");
      let loads = 0;
      frame.addEventListener("load", () => {
        // Another page in it may begin above what is seen.
        if (loads++ && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
        frame.contentWindow.postMessage({ declaration: "hello" }, home);
      });
      frame.loading = "lazy";
      frame.referrerPolicy = "no-referrer";
      frame.title = this.title || this.textContent.trim();
      frame.style.cssText = "display:block;width:100%;height:40rem;border:0";
      frame.src = this.address();
      return frame;
    }

    address() {
      const given = {
        partner: this.getAttribute("partner"),
        lang: this.closest("[lang]")?.lang.split("-")[0].toLowerCase(),
        source: this.getAttribute("source") ?? new URLSearchParams(location.search).get("source"),
      };
      const query = new URLSearchParams(Object.entries(given).filter(([, value]) => value));
      return `${home}/embed/${encodeURIComponent(this.getAttribute("declaration"))}?${query}`;
    }

    handleEvent({ source, origin, data }) {
      if (source !== this.frame.contentWindow || origin !== home) return;
      if (data?.declaration === "height" && Number.isFinite(data.value)) {
        this.frame.style.height = `${Math.min(Math.max(Math.ceil(data.value), LEAST), MOST)}px`;
      } else if (data?.declaration === "signed") {
        const detail = { declaration: this.getAttribute("declaration"), partner: this.getAttribute("partner") };
        this.dispatchEvent(new CustomEvent("declaration:signed", { bubbles: true, detail }));
      }
    }
  }

  function begin() {
    if (!customElements.get("declaration-form")) customElements.define("declaration-form", DeclarationForm);
  }

  // Earlier, the link inside would not be there yet.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
