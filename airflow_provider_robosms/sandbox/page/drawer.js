// Fault switches and settings.
import { byId, call, element, shown } from "./api.js";
import { Faults, strike } from "./faults.js";

const SETTINGS = [
  ["latency_ms", "Answers after (ms)", null],
  ["answer_shape", "Answer", ["flat", "wrapped-response", "wrapped-message_id"]],
  ["code_type", "Codes", ["string", "integer"]],
  ["accepted_code", "Code for accepted", ["000", "100", "102", "200"]],
  ["rate", "Price of a part", null],
  ["max_characters", "Longest text", null],
  ["suspended", "Account suspended", [false, true]],
  ["ip_whitelisted", "IP address allowed", [true, false]],
];

export class Drawer {
  constructor() {
    this.body = byId("drawer-body");
    this.inputs = new Map();
    byId("drawer-toggle").addEventListener("click", () => this.open(this.body.hidden));
    this.open(localStorage.getItem("drawer") === "open");
    this.buildSettings();
    this.gatewayFaults = new Faults({
      box: byId("gateway-faults"),
      path: "/sandbox/faults",
      when: { before: "not accepted", after: "accepted" },
      extras: {
        code: { field: "code", value: "201", title: "Code to answer" },
        "http-429": { field: "retry_after", title: "Retry-After, in seconds", placeholder: "after s" },
        refuse: { field: "seconds", title: "For how many seconds", placeholder: "seconds" },
      },
      common: (kind) => (kind === "refuse" ? {} : { ...strike(byId("fault-how")), ...numbers() }),
    });
    this.googleFaults = new Faults({
      box: byId("google-faults"),
      path: "/sandbox/sheets/faults",
      when: { before: "not applied", after: "applied" },
      extras: { delay: { field: "seconds", value: "2", title: "For how many seconds" } },
      common: (kind) => ({ ...strike(byId("google-how")), on: kind === "invalid-grant" ? "token" : byId("google-on").value }),
    });
  }

  open(on) {
    this.body.hidden = !on;
    byId("drawer").dataset.open = on ? "yes" : "no";
    byId("drawer-toggle").setAttribute("aria-expanded", String(on));
    localStorage.setItem("drawer", on ? "open" : "closed");
  }

  buildSettings() {
    for (const [name, words, choices] of SETTINGS) {
      const input = choices
        ? element("select", {}, ...choices.map((value) => element("option", { value: String(value), textContent: plain(value) })))
        : element("input", { type: "text", spellcheck: false });
      if (name === "latency_ms") input.title = "One number, or the shortest and the longest: 20-80";
      input.addEventListener("change", shown(() => call("POST", "/sandbox/settings", { [name]: typed(name, input.value) })));
      byId("gateway-settings").append(element("label", {}, element("span", { textContent: words }), input));
      this.inputs.set(name, input);
    }
  }

  async show(state, googleFaults) {
    for (const [name, input] of this.inputs) {
      if (input !== document.activeElement) input.value = written(state.settings[name]);
    }
    summarise(state, googleFaults);
    await this.googleFaults.show(googleFaults);
    await this.gatewayFaults.show(state.faults);
    this.gatewayFaults.switches.get("refuse").text.textContent = `Refuses (port ${state.gateway_port})`;
  }
}

function summarise({ faults, settings }, googleFaults) {
  const troubles = [...faults.map(({ kind }) => kind), ...googleFaults.map(({ kind }) => `Google ${kind}`)];
  if (settings.suspended) troubles.push("account suspended");
  if (!settings.ip_whitelisted) troubles.push("IP address not allowed");
  const summary = byId("fault-summary");
  summary.dataset.trouble = troubles.length ? "yes" : "no";
  summary.textContent = troubles.length ? troubles.join(" · ") : "Everything works";
}

function numbers() {
  const given = byId("fault-numbers").value.split(/[\s,]+/).filter(Boolean);
  return given.length ? { numbers: given } : {};
}

function plain(value) {
  return typeof value === "boolean" ? (value ? "yes" : "no") : value;
}

function written(value) {
  return Array.isArray(value) ? (value[0] === value[1] ? String(value[0]) : value.join("–")) : String(value);
}

function typed(name, text) {
  if (text === "true" || text === "false") return text === "true";
  if (name !== "latency_ms") return text.trim();
  const ends = text.split(/[\s–,-]+/).filter(Boolean).map(Number);
  return ends.length === 1 ? ends[0] : ends;
}
