// Comfort only: every page works without it.
"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const typing = (at) => at && at.closest("input, select, textarea, [contenteditable]");
  root.classList.add("ready");

  // Colours change at once; the server reads the cookie on the next page.
  const themes = all("[data-set-theme]");
  for (const link of themes) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      root.dataset.theme = link.dataset.setTheme;
      const tls = location.protocol === "https:" ? ";secure" : "";
      document.cookie = `theme=${link.dataset.setTheme};path=/;max-age=31536000;samesite=strict${tls}`;
      for (const other of themes) other.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
    });
  }

  for (const button of all("[data-copy]")) {
    const words = button.textContent;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(location.href);
        button.textContent = button.dataset.done;
        setTimeout(() => (button.textContent = words), 2000);
      } catch {
        prompt(words, location.href);
      }
    });
  }
  for (const button of all("[data-print]")) button.addEventListener("click", () => print());

  // A choice is applied when it is made.
  for (const select of all("form[method=get] select")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }

  // Only one list or definition is open at a time; Escape closes it.
  const folds = "details.choices, details.help, details.menu";
  const close = (but) => all(folds).forEach((one) => one !== but && (one.open = false));
  document.addEventListener("click", (event) => close(event.target.closest(folds)));

  // What is at work is looked at again, while somebody looks.
  const seconds = Number(document.body.dataset.refresh);
  if (seconds > 0) {
    const again = async () => {
      if (document.hidden || typing(document.activeElement)) return;
      try {
        const answer = await fetch(location.href, { headers: { accept: "text/html" } });
        if (!answer.ok) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of all("[data-live]")) {
          const fresh = page.getElementById(part.id);
          if (fresh) part.replaceChildren(...fresh.childNodes);
        }
        if (!page.body.dataset.refresh) clearInterval(timer);
      } catch { /* the next look may succeed */ }
    };
    const timer = setInterval(again, 1000 * seconds);
  }

  // "/" searches, "g" and a letter lead to a page, "?" lists them.
  let led = false;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const page = led && all(".pages [data-letter]").find((link) => link.dataset.letter === event.key);
    led = event.key === "g";
    if (page) location.href = page.href;
    if (event.key === "?") {
      const keys = document.querySelector("details.keys");
      keys.open = !keys.open;
      keys.querySelector("summary").focus();
    }
    if (event.key === "/") {
      event.preventDefault();
      const field = document.querySelector("input[type=search]");
      const lookup = document.querySelector('.pages [data-letter="c"]');
      if (field) field.focus();
      else location.href = `${lookup.href}#search`;
    }
  });
  if (location.hash === "#search") document.querySelector("input[type=search]")?.focus();

  // The ids that begin so, while somebody types: sent in a body, never in an address.
  const find = document.querySelector("[list]");
  find?.addEventListener("input", async () => {
    const body = new URLSearchParams(new FormData(find.form));
    const answer = await fetch("/customers", { method: "POST", body, headers: { accept: "application/json" } });
    if (answer.ok) find.list.replaceChildren(...(await answer.json()).map((id) => new Option(id)));
  });

  // The last five customers of this tab; they are gone with it.
  let seen = JSON.parse(sessionStorage.seen ?? "[]");
  const id = document.querySelector("[data-seen]")?.dataset.seen;
  if (id) {
    seen = [[id, location.pathname], ...seen.filter(([other]) => other !== id)].slice(0, 5);
    sessionStorage.seen = JSON.stringify(seen);
  }
  const recent = document.querySelector("[data-recent]");
  if (recent && seen[0]) {
    recent.hidden = false;
    for (const [text, href] of seen) {
      const link = Object.assign(document.createElement("a"), { href, textContent: text });
      recent.lastElementChild.append(document.createElement("li"));
      recent.lastElementChild.lastElementChild.append(link);
    }
  }
})();
