// The spreadsheet part of the page: which one, which tab, its content kept up to date, and what a person does to it.
import { byId, call, count, element, money, notice, pause, setText, shown } from "./api.js";
import { columnName, columnOf, Grid, statusOf } from "./grid.js";

export class SheetView {
  constructor() {
    // Google's addresses name the spreadsheet, and so do ours.
    this.id = location.pathname.match(/^\/spreadsheets\/d\/([^/]+)/)?.[1] ?? null;
    this.list = "";
    this.announced = null;
    this.loading = false;
    this.sheets = [];
    this.tab = null;
    this.rate = 0;
    this.grid = new Grid(byId("grid"), { onEdit: shown((...change) => this.typed(...change)), onSelect: showCell });
    byId("spreadsheet").addEventListener("change", (event) => this.choose(event.target.value));
    byId("cell-text").addEventListener("keydown", (event) => this.typedAbove(event));
    const actions = {
      "row-above": (row) => ["insert_rows", { at: row, count: 1 }],
      "row-below": (row) => ["insert_rows", { at: row + 1, count: 1 }],
      "delete-row": (row) => ["delete_rows", { at: row, count: 1 }],
      "sort-up": (row, column) => ["sort", { column, descending: false }],
      "sort-down": (row, column) => ["sort", { column, descending: true }],
    };
    for (const button of document.querySelectorAll("[data-sheet]")) {
      button.addEventListener("click", shown(() => {
        const { row, column } = this.grid.selected;
        return this.edit(...actions[button.dataset.sheet](row, column));
      }));
    }
  }

  // Takes the list of spreadsheets, each with id, title and version, and loads what is new.
  show(list) {
    const names = JSON.stringify(list.map(({ id, title }) => [id, title]));
    if (names !== this.list) {
      this.list = names;
      byId("spreadsheet").replaceChildren(...list.map(({ id, title }) => element("option", { value: id, textContent: title })));
      byId("spreadsheet").value = this.id;
      byId("no-sheet").hidden = list.length > 0;
      byId("grid").hidden = list.length === 0;
      byId("spreadsheet").hidden = list.length === 0;
    }
    const current = list.find(({ id }) => id === this.id) ?? list.at(-1);
    if (!current) return;
    if (current.id !== this.id || !byId("spreadsheet").value) this.choose(current.id);
    if (current.version !== this.announced) this.load();
    this.announced = current.version;
  }

  choose(id) {
    Object.assign(this, { id, tab: null });
    byId("spreadsheet").value = id;
    history.replaceState(null, "", `/spreadsheets/d/${encodeURIComponent(id)}/edit`);
    this.load();
  }

  // Fetches the content until nothing has changed meanwhile.
  async load() {
    this.stale = true;
    if (this.loading) return;
    this.loading = true;
    try {
      while (this.stale) {
        this.stale = false;
        const began = performance.now();
        const { id, sheets } = await call("GET", this.path());
        if (id !== this.id) continue;
        this.sheets = sheets;
        this.draw(this.tab === null);
        // A large sheet that changes all the time is fetched less often, so that watching it does not slow it down.
        await pause(3 * (performance.now() - began));
      }
    } catch (error) {
      this.announced = null;
      notice(error.message);
    } finally {
      this.loading = false;
    }
  }

  path() {
    return `/sandbox/sheets/${encodeURIComponent(this.id)}`;
  }

  draw(fresh) {
    const titles = this.sheets.map(({ title }) => title);
    if (!titles.includes(this.tab)) [this.tab] = titles;
    const sheet = this.sheets.find(({ title }) => title === this.tab);
    this.drawTabs(titles);
    if (fresh) this.grid.open(sheet);
    else this.grid.update(sheet);
    byId("csv").href = `${this.path()}/csv?sheet=${encodeURIComponent(this.tab)}`;
    showStatuses(sheet.rows);
    this.total();
  }

  // One of the tabs is in the Tab key's way, and the arrow keys go on from it, as in every list of tabs.
  drawTabs(titles) {
    const list = byId("tabs");
    const focused = list.contains(document.activeElement);
    const open = (title) => { this.tab = title; this.draw(true); };
    list.replaceChildren(...titles.map((title, at) => {
      const selected = title === this.tab;
      const tab = element("button", {
        textContent: title, role: "tab", "aria-selected": String(selected), "aria-controls": "grid", tabIndex: selected ? 0 : -1,
      });
      tab.addEventListener("click", () => open(title));
      tab.addEventListener("keydown", (event) => {
        const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: titles.length - 1 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        open(titles.at(to % titles.length));
      });
      return tab;
    }));
    // The page draws again whenever something is sent: whoever is here stays here.
    if (focused) list.querySelector("[aria-selected=true]").focus();
  }

  // Takes what a message part costs now.
  price(rate) {
    if (rate === this.rate) return;
    this.rate = rate;
    this.total();
  }

  // Adds up what the rows of all tabs say was sent.
  total() {
    let [messages, parts] = [0, 0];
    for (const { rows } of this.sheets) {
      const [status, part] = [columnOf(rows, "status"), columnOf(rows, "parts")];
      for (const row of status < 0 ? [] : rows.slice(1)) {
        if (statusOf(row[status] ?? "") !== "SENT") continue;
        messages += 1;
        parts += Number(row[part]) || 0;
      }
    }
    setText("total-messages", count(messages));
    setText("total-parts", count(parts));
    setText("total-cost", money(parts * this.rate));
  }

  edit(action, more) {
    return call("POST", `${this.path()}/edit`, { action, sheet: this.tab, ...more });
  }

  async typed(row, column, text) {
    try {
      await this.edit("set", { row, column, value: text });
    } catch (error) {
      // What was refused must not stay on the screen.
      this.load();
      throw error;
    }
  }

  typedAbove(event) {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    const { row, column } = this.grid.selected;
    if (event.key === "Enter") this.grid.change(row, column, event.target.value);
    byId("grid").focus();
  }
}

function showStatuses(rows) {
  const column = columnOf(rows, "status");
  const counts = new Map();
  for (const row of column < 0 ? [] : rows.slice(1)) {
    const status = statusOf(row[column] ?? "");
    if (status) counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  const pills = [...counts].sort((a, b) => b[1] - a[1]).map(([status, many]) =>
    element("span", { className: "pill", textContent: `${status} ${count(many)}`, data: { status } }));
  byId("statuses").replaceChildren(...pills);
}

function showCell(row, column, text) {
  byId("cell-name").textContent = columnName(column) + (row + 1);
  const field = byId("cell-text");
  if (field !== document.activeElement) field.value = text;
}
