/* Small conveniences; every page works without them. Listens for the event names of htmx 2 and htmx 4. */
(() => {
  "use strict";
  const all = (q, from = document) => from.querySelectorAll(q);
  const on = (names, act) => names.forEach((name) => document.addEventListener(name, act));

  function wake(from) {
    all("[data-js]", from).forEach((el) => { el.hidden = false; });
    all("[data-wait]", from).forEach(wait);
    all("[data-left]", from).forEach(countDown);
    all("[data-toast]", from).forEach((el) => setTimeout(() => el.remove(), 6000));
    if (!window.PublicKeyCredential) all("[data-needs-passkey]", from).forEach((el) => { el.hidden = true; });
    from.querySelector(".workbench .nav [aria-current]")?.scrollIntoView({ block: "nearest" });
    const errors = from.querySelector("#errors");
    if (errors) errors.focus();
  }

  function wait(button) {
    const label = button.querySelector("span");
    const words = label.textContent;
    let left = Number(button.dataset.wait);
    const tick = () => {
      button.disabled = left > 0;
      label.textContent = left > 0 ? `${button.dataset.words} ${left}` : words;
      if (left-- > 0) setTimeout(tick, 1000);
    };
    tick();
  }

  /* Seconds that are left, counted down in place. */
  function countDown(el) {
    const from = Date.now();
    const first = Number(el.dataset.left);
    delete el.dataset.left;
    const tick = setInterval(() => {
      const left = first - Math.round((Date.now() - from) / 1000);
      el.textContent = Math.max(left, 0);
      if (left <= 0 || !el.isConnected) clearInterval(tick);
    }, 500);
  }

  /* One press, one form: buttons sleep until the answer comes. */
  const sleep = (form, off) => setTimeout(() => {
    all("button:not([type=button])", form).forEach((el) => el.toggleAttribute("disabled", off));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || "download" in form.dataset || form.method === "dialog") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    sleep(form, true);
  });
  const rouse = (form) => { delete form.dataset.sent; sleep(form, false); };
  window.addEventListener("pageshow", (event) => { if (event.persisted) all("form").forEach(rouse); });

  const say = (el) => {
    const label = el.querySelector("span");
    const words = label.textContent;
    label.textContent = el.dataset.done;
    setTimeout(() => { label.textContent = words; }, 2000);
  };
  const copy = (el, text) => navigator.clipboard.writeText(text).then(() => say(el));

  /* The file goes along where the device can share one. */
  async function hand(el, text) {
    const what = { title: el.dataset.title, text };
    const { file, name } = el.dataset;
    try {
      if (file && navigator.canShare) {
        const files = [new File([await (await fetch(file)).blob()], name, { type: "application/pdf" })];
        if (navigator.canShare({ files })) what.files = files;
      }
      await navigator.share(what);
    } catch { /* they changed their mind */ }
  }

  /* A slider beside a typed amount: either moves the other. */
  document.addEventListener("input", ({ target }) => {
    const field = document.getElementById(target.dataset.slides);
    if (field) field.value = Number(target.value).toLocaleString("en");
    const slider = target.id && document.querySelector(`[data-slides="${target.id}"]`);
    if (slider) slider.value = target.value.replace(/[^0-9.]/g, "");
  });

  document.addEventListener("click", (event) => {
    const el = event.target.closest("button");
    if (!el) return;
    const { copy: text, share, reveal, open } = el.dataset;
    if (text) copy(el, text);
    if (share && navigator.share) hand(el, share);
    else if (share) copy(el, share);
    if ("print" in el.dataset) window.print();
    if (open) document.getElementById(open).showModal();
    if ("close" in el.dataset) el.closest("dialog").close();
    if (reveal) {
      const field = document.getElementById(reveal);
      const shown = field.type === "password";
      field.type = shown ? "text" : "password";
      el.setAttribute("aria-pressed", shown);
    }
  });

  /* Ctrl K or / opens the palette where there is one. */
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input,textarea,select,[contenteditable]");
    const asked = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !field);
    const palette = asked && document.querySelector("[data-palette]");
    if (!palette) return;
    event.preventDefault();
    if (palette.showModal) palette.showModal(); else palette.focus();
  });

  /* Arrows walk through what the palette found; Escape closes it. */
  document.addEventListener("keydown", (event) => {
    const find = event.target.closest(".find-any");
    if (!find) return;
    const field = find.querySelector("input");
    const hits = find.querySelector(".hits");
    if (event.key === "Escape") { hits.replaceChildren(); field.focus(); }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const stops = step ? [field, ...all("a", hits)] : [];
    const next = stops[stops.indexOf(document.activeElement) + step];
    if (next) { event.preventDefault(); next.focus(); }
  });

  /* A minute before the stay ends, ask; when it has ended, leave nothing on the screen. */
  const { warn, end, worker } = document.body.dataset;
  const dialog = document.getElementById("stay");
  let timers = [];
  const alive = () => {
    if (!dialog || !warn) return;
    timers.forEach(clearTimeout);
    if (dialog.open) dialog.close();
    timers = [
      setTimeout(() => dialog.showModal(), warn * 1000),
      setTimeout(() => window.location.assign(window.location.pathname + window.location.search), end * 1000 + 2000),
    ];
  };
  on(["htmx:afterRequest", "htmx:after:request"], (event) => {
    if (event.target.id !== "live") alive(); /* a page that looks again by itself is no sign of life */
    if (event.target.tagName === "FORM") rouse(event.target);
  });

  /* A page that waits is told when to look; while the stream is open, looking by itself is kept for every half minute. */
  const waiting = document.querySelector("[data-news]");
  if (waiting && "EventSource" in window) {
    const stream = new EventSource(waiting.dataset.news, { withCredentials: true });
    let looked = Date.now();
    stream.addEventListener("news", () => {
      const page = document.querySelector("[data-news]");
      if (page) page.dispatchEvent(new CustomEvent("news")); else stream.close();
    });
    on(["htmx:beforeRequest", "htmx:before:request"], (event) => {
      if (event.target.id !== "live") return;
      const told = event.detail.requestConfig?.triggeringEvent?.type === "news";
      if (!told && stream.readyState === EventSource.OPEN && Date.now() - looked < 30000) event.preventDefault();
      else looked = Date.now();
    });
  }

  /* A refused form is the answer to a POST: on the way back to it the browser would ask whether to send it again. Where
     the same page can be asked for, it is that page in the history. */
  const { pathname, href } = location;
  if (!document.querySelector("#errors[data-posted]")) sessionStorage.setItem("asked", href);
  else {
    const asked = sessionStorage.getItem("asked");
    if (asked && new URL(asked).pathname === pathname) history.replaceState(history.state, "", asked);
  }

  on(["htmx:afterSwap", "htmx:after:swap"], (event) => wake(event.target.parentNode || document));

  if (worker && "serviceWorker" in navigator && window.isSecureContext) navigator.serviceWorker.register(worker);
  wake(document);
  alive();
})();
