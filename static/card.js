/* The card that other sites show for a declaration's address speaks WordPress's messages: how high it is, and which link
   was followed. WordPress opens it in a sandbox, with a secret behind its address by which it knows its own frames. */
"use strict";

(() => {
  const SECRET = /^[0-9a-z]+$/i;
  let secret = location.hash.replace(/^#\?secret=/, "");

  // Where its page lies cannot be known in a sandbox, and what is said is no secret.
  function tell(message, value) {
    if (SECRET.test(secret)) parent.postMessage({ message, value, secret }, "*");
  }

  function tellHeight() {
    tell("height", Math.ceil(document.body.getBoundingClientRect().height));
  }

  function follow(event) {
    const link = event.target.closest("a");
    if (!link || !SECRET.test(secret)) return;
    event.preventDefault();
    tell("link", link.href);
  }

  if (parent === self) return;
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || data?.message !== "ready" || !SECRET.test(data.secret)) return;
    secret = data.secret;
    tellHeight();
  });
  document.addEventListener("click", follow);
  new ResizeObserver(tellHeight).observe(document.body);
  addEventListener("load", tellHeight);
})();
