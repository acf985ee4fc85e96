// An editable grid that keeps only the rows in view in the page, so that ten thousand rows scroll as ten do.
import { element } from "./api.js";

const ROW = 27;
const GUTTER = 46;
const MARGIN = 8;
const WIDEST = 190;
// What a tick box holds, and what it holds after a click.
const TICKS = { TRUE: "FALSE", FALSE: "TRUE" };
const STATUSES = ["SENT", "REJECTED", "FAILED", "UNKNOWN", "SKIPPED"];

export function columnName(index) {
  let name = "";
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  }
  return name;
}

export function statusOf(text) {
  const word = text.trim().split(/\s/, 1)[0].toUpperCase();
  return STATUSES.includes(word) ? word : null;
}

export function columnOf(rows, name) {
  return (rows[0] ?? []).findIndex((text) => text.trim().toLowerCase() === name);
}

// The first row stays in view: it is the header.
export class Grid {
  // onEdit(row, column, text) when a person has changed a cell; onSelect(row, column, text) when the selection moves.
  constructor(container, { onEdit, onSelect }) {
    Object.assign(this, { container, onEdit, onSelect, rows: [], columns: 0, total: 0, widths: [], editing: null });
    this.selected = { row: 0, column: 0 };
    this.ruler = document.createElement("canvas").getContext("2d");
    this.ruler.font = getComputedStyle(container).font;
    container.style.setProperty("--row", `${ROW}px`);
    container.style.setProperty("--gutter", `${GUTTER}px`);
    this.lines = element("div", { className: "lines" }); // as high as all rows, or the header would not stay in view
    this.inner = element("div", { className: "inner" }, this.lines);
    container.append(this.inner);
    container.addEventListener("scroll", () => this.draw(), { passive: true });
    container.addEventListener("mousedown", (event) => this.pressed(event));
    container.addEventListener("keydown", (event) => this.typed(event));
    new ResizeObserver(() => this.draw()).observe(container);
  }

  // Shows another tab from its top.
  open(sheet) {
    this.finish(false);
    this.widths = [];
    this.selected = { row: 0, column: 0 };
    this.container.scrollTo(0, 0);
    this.update(sheet, sheet.rows);
  }

  // Shows new content in place of what was there before: scroll, selection and a cell that is being edited stay as they are.
  update(sheet, before = this.rows) {
    this.rows = sheet.rows;
    const used = this.rows.reduce((most, row) => Math.max(most, row.length), 0);
    this.columns = Math.max(sheet.columnCount, used);
    this.total = Math.max(sheet.rowCount, this.rows.length);
    this.statusColumn = columnOf(this.rows, "status");
    this.measure(used);
    this.inner.style.width = `${this.left(this.columns)}px`;
    this.inner.style.height = `${(this.total + 1) * ROW}px`;
    this.draw(before);
    if (!this.editing) this.onSelect(this.selected.row, this.selected.column, this.text());
  }

  measure(used) {
    const step = Math.max(1, Math.floor(this.rows.length / 200));
    for (let column = 0; column < this.columns; column += 1) {
      const least = column === this.statusColumn ? 108 : column < used ? 52 : 84;
      let width = Math.max(this.widths[column] ?? 0, least);
      for (let row = 0; row < this.rows.length; row += step) {
        const text = this.rows[row][column];
        if (text) width = Math.max(width, this.ruler.measureText(text.slice(0, 60)).width + (row === 0 ? 24 : 20));
      }
      this.widths[column] = Math.max(this.widths[column] ?? 0, Math.min(Math.ceil(width), WIDEST));
    }
  }

  // Makes a column as wide as its longest text.
  fit(column) {
    const longest = Math.max(...this.rows.map((row) => this.ruler.measureText(row[column] ?? "").width));
    this.widths[column] = Math.max(this.widths[column], Math.ceil(longest) + 24);
    this.inner.style.width = `${this.left(this.columns)}px`;
    this.draw();
  }

  // How far from the left a column begins.
  left(column) {
    return GUTTER + this.widths.slice(0, column).reduce((sum, each) => sum + each, 0);
  }

  // Draws the rows in view; cells whose text was another one before flash once.
  draw(before = this.rows) {
    const { scrollTop, clientHeight } = this.container;
    const first = Math.max(1, Math.floor(scrollTop / ROW) - MARGIN);
    const last = Math.min(this.total, Math.ceil((scrollTop + clientHeight) / ROW) + MARGIN);
    const lines = [this.letters(), this.line(0, before)];
    for (let row = first; row < last; row += 1) lines.push(this.line(row, before));
    this.lines.replaceChildren(...lines);
    this.container.setAttribute("aria-activedescendant", `cell-${this.selected.row}-${this.selected.column}`);
  }

  letters() {
    const line = element("div", { className: "line sticky", role: "row" }, element("div", { className: "corner" }));
    for (let column = 0; column < this.columns; column += 1) {
      const letter = element("div", { className: "letter", role: "columnheader", textContent: columnName(column) });
      letter.classList.toggle("here", column === this.selected.column);
      this.place(letter, 0, column);
      line.append(letter);
    }
    return line;
  }

  line(row, before) {
    const number = element("div", { className: "number", role: "rowheader", textContent: row + 1 });
    number.place = { row, column: 0 };
    number.classList.toggle("here", row === this.selected.row);
    const line = element("div", { className: row === 0 ? "line sticky first" : "line", role: "row" }, number);
    line.style.top = `${(row + 1) * ROW}px`;
    for (let column = 0; column < this.columns; column += 1) line.append(this.cell(row, column, before));
    return line;
  }

  cell(row, column, before) {
    const text = this.text(row, column);
    const status = column === this.statusColumn && row > 0 ? statusOf(text) : null;
    const cell = element("div", { className: "cell", role: "gridcell", dir: "auto", id: `cell-${row}-${column}`, textContent: text });
    if (status) cell.replaceChildren(element("span", { className: "pill", textContent: status, data: { status } }));
    else if (row > 0 && TICKS[text]) cell.replaceChildren(element("span", { className: "tick", textContent: text, data: { on: text } }));
    if (text.length > 24 || status) cell.title = text;
    cell.classList.toggle("selected", row === this.selected.row && column === this.selected.column);
    cell.classList.toggle("changed", text !== (before[row]?.[column] ?? ""));
    this.place(cell, row, column);
    return cell;
  }

  place(node, row, column) {
    node.style.width = `${this.widths[column]}px`;
    node.place = { row, column };
  }

  text(row = this.selected.row, column = this.selected.column) {
    return this.rows[row]?.[column] ?? "";
  }

  select(row, column) {
    this.selected = {
      row: Math.min(Math.max(row, 0), this.total - 1),
      column: Math.min(Math.max(column, 0), this.columns - 1),
    };
    this.reveal();
    this.draw();
    this.onSelect(this.selected.row, this.selected.column, this.text());
  }

  reveal() {
    const { row, column } = this.selected;
    const box = this.container;
    const [left, top] = [this.left(column), (row + 1) * ROW];
    // The letters, the header and the numbers cover what is behind them.
    box.scrollLeft = Math.max(Math.min(box.scrollLeft, left - GUTTER), left + this.widths[column] - box.clientWidth);
    box.scrollTop = Math.max(Math.min(box.scrollTop, top - 2 * ROW), top + ROW - box.clientHeight);
  }

  pressed(event) {
    const place = event.target.closest(".cell, .letter, .number")?.place;
    if (!place || event.target === this.editing?.input) return;
    event.preventDefault();
    this.finish(true);
    this.container.focus({ preventScroll: true });
    this.select(place.row, place.column);
    if (event.target.classList.contains("tick")) this.toggle();
    // Drawn anew by the first press, nothing here is ever double-clicked: the second press tells.
    else if (event.detail === 2) this.pressedTwice(event.target.classList, place);
  }

  pressedTwice(classes, { column }) {
    if (classes.contains("letter")) this.fit(column);
    else if (!classes.contains("number")) this.edit(this.text());
  }

  // Ticks or unticks the selected cell; false when it is no tick box.
  toggle() {
    const { row, column } = this.selected;
    const other = row > 0 && TICKS[this.text()];
    if (other) this.change(row, column, other);
    return Boolean(other);
  }

  typed(event) {
    if (event.target === this.editing?.input) {
      this.typedInEditor(event);
      return;
    }
    const { row, column } = this.selected;
    const page = Math.max(1, Math.floor(this.container.clientHeight / ROW) - 3);
    const moves = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1], Tab: [row, column + (event.shiftKey ? -1 : 1)],
      PageUp: [row - page, column], PageDown: [row + page, column], Home: [row, 0],
    };
    const atEdge = event.shiftKey ? column === 0 : column === this.columns - 1;
    const leaving = event.key === "Tab" && (atEdge || this.escaped); // Escape and Tab leave a wide sheet from any cell
    this.escaped = event.key === "Escape" || (event.key === "Shift" && this.escaped);
    if (event.ctrlKey || event.metaKey || event.altKey || leaving) return;
    if (moves[event.key]) this.select(...moves[event.key]);
    else if (event.key === "Enter" || event.key === "F2") this.edit(this.text());
    else if (event.key === "Delete" || event.key === "Backspace") this.change(row, column, "");
    else if (event.key === " " && this.toggle()) { /* a tick box */ }
    else if (event.key.length === 1) this.edit(event.key);
    else return;
    event.preventDefault();
  }

  typedInEditor(event) {
    const { row, column } = this.editing;
    const next = { Enter: [row + 1, column], Tab: [row, column + (event.shiftKey ? -1 : 1)], Escape: [row, column] };
    if (!next[event.key] || event.isComposing) return;
    event.preventDefault();
    this.finish(event.key !== "Escape");
    this.container.focus({ preventScroll: true });
    this.select(...next[event.key]);
  }

  // Opens the editor in its own element, which redrawing the cells below it does not touch.
  edit(text, row = this.selected.row, column = this.selected.column) {
    this.finish(true);
    this.select(row, column);
    const input = element("input", { className: "editor", value: text, dir: "auto", spellcheck: false });
    input.style.top = `${(row + 1) * ROW}px`;
    input.style.left = `${this.left(column)}px`;
    input.style.width = `${Math.max(this.widths[column], 160)}px`;
    input.style.height = `${ROW}px`;
    this.editing = { row, column, input, before: this.text(row, column) };
    input.addEventListener("blur", () => this.finish(true));
    this.inner.append(input);
    input.focus({ preventScroll: true });
    input.setSelectionRange(text.length, text.length);
  }

  finish(keep) {
    if (!this.editing) return;
    const { row, column, input, before } = this.editing;
    this.editing = null;
    input.remove();
    if (keep && input.value !== before) this.change(row, column, input.value);
  }

  change(row, column, text) {
    while (this.rows.length <= row) this.rows.push([]);
    while (this.rows[row].length <= column) this.rows[row].push("");
    this.rows[row][column] = text;
    this.draw();
    this.onEdit(row, column, text);
    this.onSelect(this.selected.row, this.selected.column, this.text());
  }
}
