// The live half of the page. The server renders every fragment; this puts it where it belongs and sends what is
// typed and pressed. Nothing that people write is kept here.

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

const panes = new Map(all("[data-pane]").map((element) => [element.dataset.pane, makePane(element)]));
const narrow = matchMedia("(max-width: 959px)");

function makePane(element) {
  const pane = {
    element,
    id: element.dataset.pane,
    log: one("[data-log]", element),
    down: one("[data-down]", element),
    form: one("form", element),
    field: one("textarea", element),
    sticks: true, // the reader is at the bottom, so the log follows
    editing: null, // {ref, draft} while an earlier message is in the field
  };
  pane.log.addEventListener("scroll", () => {
    pane.sticks = pane.log.scrollHeight - pane.log.scrollTop - pane.log.clientHeight < 48;
    if (pane.sticks) pane.down.hidden = true;
  });
  new ResizeObserver(() => settle(pane)).observe(pane.log);
  return pane;
}

// --- what comes in ------------------------------------------------------------------------------------------------

function toNode(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function settle(pane) {
  if (pane.sticks) pane.log.scrollTop = pane.log.scrollHeight;
}

function find(pane, ref) {
  return one(`[data-ref="${CSS.escape(ref)}"]`, pane.log);
}

function apply(operation) {
  showClock(operation.clock);
  if (operation.op === "flows" || operation.op === "afresh") showFlows(operation);
  if (operation.op === "flows") return;
  if (operation.op === "afresh") {
    for (const [id, html] of Object.entries(operation.logs)) refill(panes.get(id), html);
    return;
  }
  const pane = panes.get(operation.pane);
  if (!pane) return;
  const refs = operation.refs ?? [operation.ref];
  const old = refs.map((ref) => find(pane, ref)).filter(Boolean);
  const focused = old.some((node) => node.contains(document.activeElement));
  if (operation.op === "remove") {
    for (const node of old) node.remove();
  } else if (old.length) {
    old[0].replaceWith(toNode(operation.html));
  } else if (operation.op === "append") {
    pane.log.append(toNode(operation.html));
    const added = find(pane, operation.ref);
    added.classList.add("fresh");
    if (added.matches(".own")) pane.sticks = true;
    if (!pane.sticks) pane.down.hidden = false;
    if (!isShown(pane)) mark(pane, true);
  }
  if (focused) pane.lostFocus = true;
  tidy(pane);
}

function refill(pane, html) {
  if (!pane) return;
  // A log that is refilled is not news: it must not be read out from its beginning.
  pane.log.setAttribute("aria-live", "off");
  pane.log.replaceChildren(toNode(html));
  tidy(pane);
  requestAnimationFrame(() => pane.log.setAttribute("aria-live", "polite"));
}

function tidy(pane) {
  const last = new Map(all(".said:not(.command)", pane.log).map((entry) => [entry.dataset.author, entry]));
  for (const entry of all(".said:not(.command)", pane.log)) {
    one(".edit", entry).hidden = last.get(entry.dataset.author) !== entry;
  }
  if (pane.editing && !find(pane, pane.editing.ref)) stopEditing(pane);
  settle(pane);
}

let loadedTimer = 0;

/** What the flows offer, and what is wrong with their files, if anything is. */
function showFlows(operation) {
  for (const [id, html] of Object.entries(operation.chips)) {
    one("[data-chips]", panes.get(id)?.element)?.replaceChildren(toNode(html));
  }
  const problems = one("[data-problems]");
  problems.replaceChildren(toNode(operation.problems));
  problems.hidden = !problems.childElementCount;
  const loaded = one("[data-loaded]");
  clearTimeout(loadedTimer);
  loaded.hidden = operation.op !== "flows" || !problems.hidden;
  loadedTimer = setTimeout(() => (loaded.hidden = true), 6000);
}

function showClock(clock) {
  one("[data-clock]").dateTime = clock.stamp;
  one("[data-clock-day]").textContent = clock.day;
  one("[data-clock-short]").textContent = clock.short;
  one("[data-clock-time]").textContent = clock.time;
}

let latest = document.body.dataset.after;
let awayTimer = 0;

function connect() {
  const source = new EventSource(`/live?after=${encodeURIComponent(latest)}`);
  source.onopen = () => {
    clearTimeout(awayTimer);
    awayTimer = 0;
    one("[data-away]").hidden = true;
  };
  source.onmessage = (event) => {
    if (event.lastEventId) latest = event.lastEventId;
    apply(JSON.parse(event.data));
  };
  source.onerror = () => {
    awayTimer ||= setTimeout(() => (one("[data-away]").hidden = false), 1500);
    // After an answer that is no stream the browser gives up for good; we do not.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
  };
}

// --- what goes out ------------------------------------------------------------------------------------------------

let queue = Promise.resolve();

/** Sends in the order of asking; resolves to whether it was taken. */
function post(path, body) {
  const sent = queue.then(async () => {
    try {
      const response = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      notice(response.ok ? "" : (await response.text()) || "That did not get through; try again.");
      return response.ok;
    } catch {
      notice("That did not get through. Is the demo still running?");
      return false;
    }
  });
  queue = sent;
  return sent;
}

function notice(text) {
  const strip = one("[data-notice]");
  strip.textContent = text;
  strip.hidden = !text;
}

function speaker(pane) {
  return pane.element.dataset.person ?? one("[name=as]:checked", pane.form).value;
}

async function say(pane, text) {
  pane.sticks = true;
  return post("/say", { pane: pane.id, person: speaker(pane), text });
}

async function submit(pane) {
  const text = pane.field.value;
  if (!text.trim()) return;
  const editing = pane.editing;
  if (editing) {
    stopEditing(pane);
    const { ref, author } = editing;
    const taken = await post("/change", { pane: pane.id, person: author, message: ref, text });
    if (!taken && !pane.field.value) fill(pane, text);
    return;
  }
  fill(pane, "");
  if (!(await say(pane, text)) && !pane.field.value) fill(pane, text);
}

async function press(pane, button) {
  const group = all("button", button.closest(".choices"));
  if (button.getAttribute("aria-disabled")) return;
  const byKeyboard = button.matches(":focus-visible");
  const person = button.closest("[data-only]")?.dataset.only ?? speaker(pane);
  for (const each of group) each.setAttribute("aria-disabled", "true");
  button.classList.add("going");
  pane.lostFocus = false;
  pane.sticks = true;
  await post("/press", { pane: pane.id, person, token: button.dataset.token });
  for (const each of group) each.removeAttribute("aria-disabled");
  button.classList.remove("going");
  setTimeout(() => byKeyboard && refocus(pane), 60);
}

/** The pressed choice is gone: the keyboard goes on at the newest one, or in the field. */
function refocus(pane) {
  if (!pane.lostFocus) return;
  pane.lostFocus = false;
  const groups = all(".choices", pane.log);
  (groups.length ? one("button", groups.at(-1)) : pane.field).focus();
}

// --- the field ----------------------------------------------------------------------------------------------------

function fill(pane, text) {
  pane.field.value = text;
  grow(pane);
}

function grow(pane) {
  pane.field.style.height = "auto";
  pane.field.style.height = `${Math.min(pane.field.scrollHeight, 160)}px`;
}

function startEditing(pane, entry) {
  const draft = pane.editing ? pane.editing.draft : pane.field.value;
  pane.editing = { ref: entry.dataset.ref, author: entry.dataset.author, draft };
  one("[data-editing]", pane.form).hidden = false;
  fill(pane, one(".text", entry).textContent);
  pane.field.focus();
}

function stopEditing(pane) {
  const { draft } = pane.editing;
  pane.editing = null;
  one("[data-editing]", pane.form).hidden = true;
  fill(pane, draft);
}

for (const pane of panes.values()) {
  pane.form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(pane);
  });
  pane.field.addEventListener("input", () => grow(pane));
  pane.field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit(pane);
    }
    if (event.key === "Escape" && pane.editing) stopEditing(pane);
  });
  pane.element.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.matches(".choice")) press(pane, button);
    else if (button.matches(".edit")) startEditing(pane, button.closest(".entry"));
    else if (button.matches("[data-cancel]")) stopEditing(pane);
    else if (button.matches("[data-chip]")) say(pane, button.dataset.chip);
    else if (button.matches("[data-down]")) {
      pane.sticks = true;
      button.hidden = true;
      settle(pane);
    }
  });
  for (const radio of all("[name=as]", pane.form)) {
    radio.addEventListener("change", () => {
      paint(pane);
      sessionStorage.setItem("as", radio.value);
    });
  }
}

/** The room takes on the colour of whoever speaks in it. */
function paint(pane) {
  const checked = one("[name=as]:checked", pane.form);
  const hue = [...checked.closest("label").classList].find((name) => name.startsWith("hue-"));
  pane.form.className = `composer ${hue}`;
  pane.element.dataset.as = hue;
}

for (const pane of panes.values()) {
  if (pane.element.dataset.person) continue;
  const remembered = all("[name=as]", pane.form).find((radio) => radio.value === sessionStorage.getItem("as"));
  if (remembered) remembered.checked = true;
  paint(pane);
}

// --- time and restart ---------------------------------------------------------------------------------------------

const leaps = all("[data-leap]");
for (const button of leaps) {
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled")) return;
    for (const each of leaps) each.setAttribute("aria-disabled", "true");
    await post("/travel", { by: button.dataset.leap });
    for (const each of leaps) each.removeAttribute("aria-disabled");
  });
}

const restart = one("[data-restart]");
let sureTimer = 0;

function unsure() {
  clearTimeout(sureTimer);
  sureTimer = 0;
  restart.classList.remove("sure");
  one("[data-label]", restart).textContent = "Restart";
}

restart.addEventListener("click", () => {
  if (sureTimer) {
    unsure();
    post("/restart", {});
    return;
  }
  restart.classList.add("sure");
  one("[data-label]", restart).textContent = "Press again to wipe";
  sureTimer = setTimeout(unsure, 5000);
});
restart.addEventListener("blur", unsure);

// --- tabs, on a narrow screen -------------------------------------------------------------------------------------

const tabs = all("[data-tab]");

function isShown(pane) {
  return !narrow.matches || pane.element.classList.contains("selected");
}

function mark(pane, isNew) {
  one(".new", tabs.find((tab) => tab.dataset.tab === pane.id)).hidden = !isNew;
}

function select(id) {
  for (const tab of tabs) {
    const chosen = tab.dataset.tab === id;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    panes.get(tab.dataset.tab).element.classList.toggle("selected", chosen);
  }
  const pane = panes.get(id);
  mark(pane, false);
  settle(pane);
}

function arrange() {
  for (const [index, pane] of [...panes.values()].entries()) {
    if (narrow.matches) {
      pane.element.setAttribute("role", "tabpanel");
      pane.element.setAttribute("aria-labelledby", tabs[index].id);
    } else {
      pane.element.removeAttribute("role");
      pane.element.setAttribute("aria-labelledby", one("h2", pane.element).id);
      mark(pane, false);
    }
    settle(pane);
  }
}

for (const [index, tab] of tabs.entries()) {
  tab.addEventListener("click", () => select(tab.dataset.tab));
  tab.addEventListener("keydown", (event) => {
    const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const target = tabs.at(next % tabs.length);
    select(target.dataset.tab);
    target.focus();
  });
}

document.documentElement.classList.add("js");
narrow.addEventListener("change", arrange);
arrange();
for (const pane of panes.values()) tidy(pane);
connect();
