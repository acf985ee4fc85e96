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
    this.container = container;
    this.onEdit = onEdit;
    this.onSelect = onSelect;
    this.rows = [];
    this.columns = 0;
    this.widths = [];
    this.total = 0;
    this.lines = new Map();
    this.letterNodes = [];
    this.selected = { row: 0, column: 0 };
    this.editing = null;
    this.ruler = document.createElement("canvas").getContext("2d");
    this.ruler.font = getComputedStyle(container).font;
    container.style.setProperty("--row", `${ROW}px`);
    container.style.setProperty("--gutter", `${GUTTER}px`);
    this.inner = element("div", { className: "inner" });
    container.append(this.inner);
    container.addEventListener("scroll", () => this.draw(), { passive: true });
    container.addEventListener("mousedown", (event) => this.pressed(event));
    container.addEventListener("dblclick", () => this.edit(this.text()));
    container.addEventListener("keydown", (event) => this.typed(event));
    new ResizeObserver(() => this.draw()).observe(container);
  }

  // Shows another tab from its top.
  open(sheet) {
    this.finish(false);
    this.widths = [];
    this.rows = [];
    this.selected = { row: 0, column: 0 };
    this.container.scrollTo(0, 0);
    this.update(sheet, false);
    this.select(0, 0);
  }

  // Shows new content in place: scroll, selection and a cell that is being edited stay as they are.
  update(sheet, mark = true) {
    this.rows = sheet.rows;
    const used = this.rows.reduce((most, row) => Math.max(most, row.length), 0);
    this.columns = Math.max(sheet.columnCount, used);
    this.statusColumn = columnOf(this.rows, "status");
    this.measure(used);
    this.total = Math.max(sheet.rowCount, this.rows.length);
    this.layout();
    this.draw(mark);
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
      this.widths[column] = Math.min(Math.ceil(width), WIDEST);
    }
  }

  layout() {
    const signature = `${this.columns}|${this.widths.join()}`;
    const width = GUTTER + this.widths.slice(0, this.columns).reduce((sum, each) => sum + each, 0);
    this.inner.style.width = `${width}px`;
    this.inner.style.height = `${(this.total + 1) * ROW}px`;
    if (signature === this.signature) return;
    this.signature = signature;
    const kept = this.editing && { ...this.editing, text: this.editing.input.value };
    if (kept) this.finish(false);
    this.lines.clear();
    this.inner.replaceChildren(this.letters());
    this.line(0);
    this.draw(false);
    if (kept) this.edit(kept.text, kept.row, kept.column);
  }

  letters() {
    const line = element("div", { className: "line sticky", role: "row" }, element("div", { className: "corner" }));
    line.style.top = "0";
    this.letterNodes = [];
    for (let column = 0; column < this.columns; column += 1) {
      const letter = element("div", { className: "letter", role: "columnheader", textContent: columnName(column) });
      letter.style.width = `${this.widths[column]}px`;
      letter.place = { row: 0, column };
      this.letterNodes.push(letter);
      line.append(letter);
    }
    return line;
  }

  line(row) {
    const node = element("div", { className: "line", role: "row" });
    node.style.top = `${(row + 1) * ROW}px`;
    if (row === 0) node.classList.add("sticky", "first");
    const number = element("div", { className: "number", role: "rowheader", textContent: row + 1 });
    number.place = { row, column: 0 };
    node.append(number);
    const cells = [];
    for (let column = 0; column < this.columns; column += 1) {
      const cell = element("div", { className: "cell", role: "gridcell", dir: "auto", id: `cell-${row}-${column}` });
      cell.style.width = `${this.widths[column]}px`;
      cell.place = { row, column };
      cells.push(cell);
      node.append(cell);
    }
    this.inner.append(node);
    const line = { node, number, cells, texts: [] };
    this.lines.set(row, line);
    return line;
  }

  // Draws the rows in view and drops the others; with mark, cells whose text is new flash once.
  draw(mark = false) {
    const top = this.container.scrollTop;
    const first = Math.max(1, Math.floor(top / ROW) - MARGIN);
    const last = Math.min(this.total, Math.ceil((top + this.container.clientHeight) / ROW) + MARGIN);
    for (const [row, line] of this.lines) {
      const needed = row === 0 || (row >= first && row < last) || this.editing?.row === row;
      if (!needed) {
        line.node.remove();
        this.lines.delete(row);
      }
    }
    this.fill(0, mark);
    for (let row = first; row < last; row += 1) this.fill(row, mark);
    this.showSelection();
  }

  fill(row, mark) {
    const known = this.lines.get(row);
    const line = known ?? this.line(row);
    const texts = this.rows[row] ?? [];
    for (let column = 0; column < this.columns; column += 1) {
      const text = texts[column] ?? "";
      if (line.texts[column] === text) continue;
      line.texts[column] = text;
      const cell = line.cells[column];
      const status = column === this.statusColumn && row > 0 ? statusOf(text) : null;
      if (status) cell.replaceChildren(element("span", { className: "pill", textContent: status, data: { status } }));
      else if (row > 0 && TICKS[text]) cell.replaceChildren(element("span", { className: "tick", textContent: text, data: { on: text } }));
      else cell.textContent = text;
      cell.title = text.length > 24 || status ? text : "";
      cell.classList.remove("changed");
      if (mark && known) requestAnimationFrame(() => cell.classList.add("changed"));
    }
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

  showSelection() {
    const { row, column } = this.selected;
    this.inner.querySelectorAll(".selected, .here").forEach((node) => node.classList.remove("selected", "here"));
    this.letterNodes[column]?.classList.add("here");
    const line = this.lines.get(row);
    if (!line) return;
    line.number.classList.add("here");
    line.cells[column]?.classList.add("selected");
    this.container.setAttribute("aria-activedescendant", `cell-${row}-${column}`);
  }

  reveal() {
    const { row, column } = this.selected;
    const box = this.container;
    const left = this.widths.slice(0, column).reduce((sum, each) => sum + each, 0);
    if (left < box.scrollLeft) box.scrollLeft = left;
    const right = GUTTER + left + this.widths[column] - box.clientWidth;
    if (right > box.scrollLeft) box.scrollLeft = right;
    if (row === 0) return;
    const top = (row - 1) * ROW;
    if (top < box.scrollTop) box.scrollTop = top;
    const bottom = (row + 2) * ROW - box.clientHeight;
    if (bottom > box.scrollTop) box.scrollTop = bottom;
  }

  pressed(event) {
    const place = event.target.closest(".cell, .letter, .number")?.place;
    if (!place || event.target === this.editing?.input) return;
    event.preventDefault();
    this.finish(true);
    this.container.focus({ preventScroll: true });
    this.select(place.row, place.column);
    if (event.target.classList.contains("tick")) this.toggle();
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
    const leaving = event.key === "Tab" && (event.shiftKey ? column === 0 : column === this.columns - 1);
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
    const line = this.lines.get(row) ?? this.line(row);
    const input = element("input", { className: "editor", value: text, dir: "auto", spellcheck: false });
    input.style.left = `${GUTTER + this.widths.slice(0, column).reduce((sum, each) => sum + each, 0)}px`;
    input.style.width = `${Math.max(this.widths[column], 160)}px`;
    input.style.height = `${ROW}px`;
    this.editing = { row, column, input, before: this.text(row, column) };
    input.addEventListener("blur", () => this.finish(true));
    line.node.append(input);
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
