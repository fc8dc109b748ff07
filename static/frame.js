/* What the form in a partner's page does more where script runs: it tells the page that carries it how high it is and
   that somebody has signed, and nothing else. */
"use strict";

(() => {
  const { parents, signed } = document.currentScript.dataset;
  const carrier = parent === self ? null : parent;
  let origin = "";
  let told = 0;

  /* The page that carries the frame speaks first; what is said to it, nobody else can read. */
  function listen({ source, origin: from, data }) {
    if (source !== carrier || data?.declaration !== "hello" || !isKnown(from)) return;
    const first = !origin;
    origin = from;
    told = 0;
    tellHeight();
    if (first && signed !== undefined) tell({ declaration: "signed" });
  }

  function isKnown(from) {
    return from === location.origin || parents.split(" ").some((known) => matches(from, known));
  }

  /* `https://*.example.org` stands for every host below, and not for example.org itself. */
  function matches(from, known) {
    const [before, after] = known.split("*");
    if (after === undefined) return from === known;
    return from.length > known.length - 1 && from.startsWith(before) && from.endsWith(after);
  }

  function tell(message) {
    carrier.postMessage(message, origin);
  }

  function tellHeight() {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (!origin || height === told) return;
    told = height;
    tell({ declaration: "height", value: height });
  }

  /* A sandbox that hides the origin would have the form refused: its own page takes its place. */
  function offerOwnPage() {
    document.getElementById("here").hidden = true;
    document.getElementById("elsewhere").hidden = false;
  }

  /* The page is the same for every source; its links on to our own pages carry it along. */
  function carrySource() {
    const source = new URLSearchParams(location.search).get("source");
    if (!source) return;
    for (const link of document.querySelectorAll("a[data-carries]")) {
      const address = new URL(link.href);
      address.searchParams.set("source", source);
      link.href = address;
    }
  }

  carrySource();
  if (self.origin === "null" && document.getElementById("elsewhere")) offerOwnPage();
  if (carrier) {
    addEventListener("message", listen);
    new ResizeObserver(tellHeight).observe(document.body);
  }
})();
