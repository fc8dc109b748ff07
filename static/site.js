/* What pages do more where script runs: numbers that stay new, help while typing, one click for one post, sharing.
   Nothing needs it, nothing is stored, and nobody but this site is asked. */
"use strict";

(() => {
  const words = document.currentScript.dataset;
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];

  /* ---- Said to those who listen ---- */

  const status = document.createElement("p");
  let silence = 0;

  function prepareStatus() {
    // A screen reader tells only what changes in an element that it knows already.
    status.className = "unseen";
    status.setAttribute("aria-live", "polite");
    document.body.append(status);
  }

  function say(sentence) {
    clearTimeout(silence);
    status.textContent = sentence;
    // Whoever reads on to the page's end must not meet it there.
    silence = setTimeout(() => (status.textContent = ""), 6_000);
  }

  /* ---- Regions that stay new: data-live names the page that has the same region, by its id ---- */

  const EVERY = 15_000;
  const MOST = 300_000;

  function keepRegionsNew() {
    const regions = all("[data-live]").filter((region) => !region.parentElement.closest("[data-live]"));
    if (!regions.length || navigator.connection?.saveData) return;
    let wait = EVERY;
    let asked = Date.now();
    let timer = 0;

    async function look() {
      asked = Date.now();
      try {
        await Promise.all(regions.map(renew));
        wait = EVERY;
      } catch {
        wait = Math.min(2 * wait, MOST);
      }
      plan();
    }

    function plan() {
      clearTimeout(timer);
      if (!document.hidden) timer = setTimeout(look, Math.max(0, asked + wait - Date.now()));
    }

    document.addEventListener("visibilitychange", plan);
    plan();
  }

  async function renew(region) {
    const answer = await fetch(region.dataset.live);
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(region.id);
    if (fresh) blendChildren(region, fresh);
  }

  /* Changes only what differs, so that focus, selection and opened details stay. */
  function blend(old, fresh) {
    if (old.nodeName !== fresh.nodeName) {
      old.replaceWith(fresh);
    } else if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
    } else {
      blendAttributes(old, fresh);
      blendChildren(old, fresh);
    }
  }

  function blendAttributes(old, fresh) {
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    for (const { name } of [...old.attributes]) {
      if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
    }
  }

  function blendChildren(old, fresh) {
    const before = [...old.childNodes];
    const after = [...fresh.childNodes];
    after.forEach((node, at) => (before[at] ? blend(before[at], node) : old.append(node)));
    before.slice(after.length).forEach((node) => node.remove());
  }

  /* ---- Addresses with a slip in their domain ---- */

  const PROVIDERS = `gmail.com googlemail.com hotmail.com outlook.com yahoo.com icloud.com live.com aol.com msn.com
    proton.me protonmail.com ymail.com rocketmail.com fastmail.com zoho.com tutanota.com
    hotmail.co.uk yahoo.co.uk live.co.uk btinternet.com sky.com virginmedia.com comcast.net verizon.net att.net
    sbcglobal.net bellsouth.net bigpond.com rogers.com shaw.ca yahoo.ca
    hotmail.it yahoo.it outlook.it live.it libero.it virgilio.it tiscali.it alice.it tim.it fastwebnet.it pec.it
    hotmail.fr yahoo.fr outlook.fr live.fr orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr
    hotmail.de yahoo.de outlook.de web.de gmx.de gmx.net gmx.at gmx.ch t-online.de freenet.de arcor.de posteo.de
    mailbox.org bluewin.ch skynet.be telenet.be ziggo.nl kpnmail.nl
    hotmail.es yahoo.es outlook.es telefonica.net terra.es sapo.pt yahoo.com.mx yahoo.com.ar
    uol.com.br bol.com.br terra.com.br ig.com.br globo.com yahoo.com.br hotmail.com.br
    wp.pl o2.pl op.pl onet.pl interia.pl gazeta.pl tlen.pl poczta.onet.pl seznam.cz
    yandex.ru yandex.com mail.ru inbox.ru list.ru bk.ru ukr.net
    yahoo.co.in rediffmail.com yahoo.co.jp naver.com daum.net hanmail.net
    qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com`.split(/\s+/);
  /* Right as they are, though close to one of those. */
  const OTHERS = "mail.com email.com gmx.com me.com mac.com pm.me tuta.com hey.com mail.de libera.it".split(" ");
  const COUNTRIES = /^(yahoo|ymail|hotmail|live|outlook|msn|aol|gmx)\.(com?\.)?(?!c[mo]$|om$)[a-z]{2}$/;

  function isKnown(domain) {
    return PROVIDERS.includes(domain) || OTHERS.includes(domain) || COUNTRIES.test(domain);
  }

  /* The address that was probably meant, or "". */
  function guess(address) {
    const at = address.lastIndexOf("@") + 1;
    const domain = address.slice(at).trim().toLowerCase();
    if (at < 2 || !domain || isKnown(domain)) return "";
    let nearest = "";
    let least = Infinity;
    for (const provider of PROVIDERS) {
      const steps = distance(domain, provider);
      if (steps < least && isSlip(domain, provider, steps)) [nearest, least] = [provider, steps];
    }
    return nearest && address.slice(0, at) + nearest;
  }

  /* Short names lie close to others that exist, so in these only swapped letters and the ending are doubted. */
  function isSlip(typed, provider, steps) {
    const [label] = provider.split(".");
    const sorted = (name) => [...name].sort().join("");
    if (label.length < 3) return false;
    if (label.length < 5) return steps === 1 && sorted(typed.split(".")[0]) === sorted(label);
    return steps === 1 || (steps === 2 && typed[0] === provider[0]);
  }

  /* How many letters were left out, added, changed or swapped with their neighbour (Damerau and Levenshtein). */
  function distance(a, b) {
    let above = [];
    let last = Array.from({ length: b.length + 1 }, (_, at) => at);
    for (let i = 1; i <= a.length; i++) {
      const row = [i];
      for (let j = 1; j <= b.length; j++) {
        const changed = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, changed);
        const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
        if (swapped) row[j] = Math.min(row[j], above[j - 2] + 1);
      }
      above = last;
      last = row;
    }
    return last[b.length];
  }

  function hintAtSlips(field) {
    const hint = document.createElement("p");
    hint.id = `${field.id}-meant`;
    let timer = 0;

    function look() {
      clearTimeout(timer);
      const meant = guess(field.value);
      if (meant === (hint.dataset.meant ?? "")) return;
      hint.remove();
      describe(field, hint.id, Boolean(meant));
      hint.dataset.meant = meant;
      if (!meant) return;
      hint.replaceChildren(offer(meant, () => take(meant)));
      field.after(hint);
      say(hint.textContent);
    }

    function take(meant) {
      field.value = meant;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
      look();
    }

    field.addEventListener("change", () => whenReleased(look));
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(look, 700);
    });
  }

  function offer(address, take) {
    const [before, after] = words.meant.split("{}");
    const shown = document.createElement("bdi");
    shown.textContent = address;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "meant";
    button.append(before, shown, after);
    button.addEventListener("click", take);
    return button;
  }

  /* ---- Errors beside their fields: the server's sentences, and the server has the last word ---- */

  // Wider than the browser's own rule, which refuses local parts in other scripts.
  const ADDRESS = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;
  const typedIn = new WeakSet();
  const complained = new WeakSet();

  function checkWhileTyping(form) {
    // The browser's bubbles would come first, in the browser's words, and go away by themselves.
    form.noValidate = true;
    form.addEventListener("input", ({ target }) => {
      typedIn.add(target);
      if (complained.has(target)) judge(target);
    });
    form.addEventListener("focusout", ({ target }) => {
      if (typedIn.has(target)) whenReleased(() => judgeLeft(target));
    });
  }

  function judgeLeft(field) {
    // Another window may have come to the front, with the field still in use.
    const sentence = document.activeElement !== field && judge(field);
    if (sentence) say(sentence);
  }

  const isJudged = (field) => field.required && field.dataset.missing;

  /* What is wrong with a field, in a sentence, or "". */
  function complaint(field) {
    const empty = field.validity.valueMissing || !field.value.trim();
    if (empty) return field.dataset.missing;
    return field.dataset.wrong && !ADDRESS.test(field.value.trim()) ? field.dataset.wrong : "";
  }

  function judge(field) {
    if (!isJudged(field)) return "";
    const sentence = complaint(field);
    const id = `${field.id}-error`;
    const shown = document.getElementById(id);
    if (sentence) complained.add(field);
    if (sentence === (shown?.lastChild.textContent.trim() ?? "")) return sentence;
    shown?.remove();
    if (sentence) (field.closest(".choice") ?? field).before(error(id, sentence));
    mark(field, id, Boolean(sentence));
    return sentence;
  }

  function mark(field, id, wrong) {
    if (wrong) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    describe(field, id, wrong);
    field.closest(".field")?.classList.toggle("wrong", wrong);
  }

  function error(id, sentence) {
    const prefix = document.createElement("span");
    prefix.className = "unseen";
    prefix.textContent = words.before;
    const paragraph = document.createElement("p");
    paragraph.id = id;
    paragraph.className = "error";
    paragraph.append(prefix, ` ${sentence}`);
    return paragraph;
  }

  function describe(field, id, tied) {
    const ids = new Set((field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
    if (tied) ids.add(id);
    else ids.delete(id);
    if (ids.size) field.setAttribute("aria-describedby", [...ids].join(" "));
    else field.removeAttribute("aria-describedby");
  }

  /* A sentence that appears moves what is below it: not away from under a finger that is pressing it. */
  let pressed = false;
  const waiting = [];

  function whenReleased(act) {
    if (pressed) waiting.push(act);
    else setTimeout(act);
  }

  function release() {
    pressed = false;
    waiting.splice(0).forEach((act) => setTimeout(act));
  }

  function watchPresses() {
    addEventListener("pointerdown", () => (pressed = true), true);
    addEventListener("pointerup", release, true);
    addEventListener("pointercancel", release, true);
  }

  /* ---- Sending: what is wrong first, and one click for one post ---- */

  // Should no answer come, the form must not stay shut.
  const SHUT_FOR = 8_000;
  let sent = new WeakSet();

  function watchSending() {
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (form.method !== "post") return;
      const wrong = event.submitter?.formNoValidate ? [] : [...form.elements].filter((field) => judge(field));
      if (wrong.length || sent.has(form)) event.preventDefault();
      if (wrong.length) return wrong[0].focus();
      sent.add(form);
      setTimeout(() => sent.delete(form), SHUT_FOR);
    });
    // Whoever comes back finds the page as it was left, and may send again.
    addEventListener("pageshow", () => (sent = new WeakSet()));
  }

  /* ---- Sharing: buttons that are hidden where nothing could come of them ---- */

  function offerSharing() {
    if (navigator.share) all("[data-share]").forEach((button) => show(button, share));
    if (navigator.clipboard) all("[data-copy]").forEach((button) => show(button, copy));
  }

  function show(button, act) {
    button.hidden = false;
    // Whoever closes the device's menu has changed their mind; that is no error.
    button.addEventListener("click", () => act(button).catch(() => {}));
  }

  function share({ dataset }) {
    return navigator.share({ title: dataset.title, url: dataset.url });
  }

  async function copy(button) {
    await navigator.clipboard.writeText(button.dataset.url);
    const label = button.textContent;
    if (label === button.dataset.copied) return;
    button.textContent = button.dataset.copied;
    say(button.dataset.copied);
    setTimeout(() => (button.textContent = label), 4_000);
  }

  prepareStatus();
  watchPresses();
  watchSending();
  all("form").filter((form) => form.querySelector("[data-missing]")).forEach(checkWhileTyping);
  all("input[type=email]").forEach(hintAtSlips);
  offerSharing();
  keepRegionsNew();
})();
