// A list of fault switches, for the gateway and for Google alike: both have the same kind of API.
import { call, element, shown } from "./api.js";

export class Faults {
  // options: box (the element that gets the switches), path (of the API), when (before/after -> words), extras (kind -> input),
  // common(kind) (fields of every fault).
  constructor(options) {
    Object.assign(this, options);
    this.switches = new Map();
    this.ready = shown(() => this.build())();
  }

  async build() {
    const { kinds } = await call("GET", this.path);
    for (const { kind, words, when, either } of kinds) {
      const button = element("button", { type: "button", role: "switch", "aria-checked": "false", "aria-label": words });
      const text = element("span", { textContent: words });
      const struck = element("em");
      const row = element("div", { className: "switch" }, button, text, struck);
      const fields = {};
      if (this.extras[kind]) {
        const { field, ...properties } = this.extras[kind];
        fields[field] = element("input", { ...properties, ariaLabel: properties.title });
        row.append(fields[field]);
      }
      if (either) {
        const choices = Object.entries(this.when).map(([value, textContent]) => element("option", { value, textContent }));
        fields.when = element("select", { ariaLabel: "Whether the request takes effect" }, ...choices);
        fields.when.value = when;
        row.append(fields.when);
      }
      button.addEventListener("click", shown(() => this.flip(kind, fields)));
      this.box.append(row);
      this.switches.set(kind, { button, text, struck, fields, active: [] });
    }
  }

  async flip(kind, fields) {
    const { active } = this.switches.get(kind);
    if (active.length) {
      for (const fault of active) await call("DELETE", `${this.path}/${fault.id}`);
    } else {
      const fault = { kind, ...this.common(kind) };
      for (const [name, input] of Object.entries(fields)) {
        const text = input.value.trim();
        if (text) fault[name] = name === "seconds" ? Number(text) : text;
      }
      await call("POST", this.path, fault);
    }
  }

  async show(active) {
    await this.ready;
    for (const [kind, row] of this.switches) {
      row.active = active.filter((fault) => fault.kind === kind);
      row.button.setAttribute("aria-checked", String(row.active.length > 0));
      for (const [name, input] of Object.entries(row.fields)) {
        // A fault that is on shows what it was switched on with, also when that was done elsewhere.
        input.disabled = row.active.length > 0;
        if (input.disabled) input.value = row.active[0][name] ?? "";
      }
      row.struck.textContent = row.active.map((fault) => left(fault)).filter(Boolean).join(", ");
    }
  }
}

// "count:10" of a select becomes { count: 10 }, "always" becomes {}.
export function strike(select) {
  const [name, value] = select.value.split(":");
  return value ? { [name]: Number(value) } : {};
}

function left(fault) {
  if (fault.count) return `${fault.count - fault.struck} left`;
  return fault.struck ? `${fault.struck}×` : "";
}
