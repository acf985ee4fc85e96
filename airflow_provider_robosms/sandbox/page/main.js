// Puts the page together. One event stream says what has changed.
import { byId, call, count, money, setText, shown } from "./api.js";
import { Drawer } from "./drawer.js";
import { Inbox } from "./inbox.js";
import { SheetView } from "./sheet.js";

const inbox = new Inbox();
const drawer = new Drawer();
const sheet = new SheetView();

let events;

// A browser opens six connections to one server for all its tabs together: one that nobody looks at gives its own back.
function connect() {
  events?.close();
  live(false);
  if (document.hidden) return;
  events = new EventSource("/sandbox/events");
  events.onmessage = (event) => show(JSON.parse(event.data));
  events.onerror = () => live(false);
}

function show({ state, messages, replace, sheets, google_faults: googleFaults }) {
  live(true);
  setText("balance", money(state.balance));
  setText("rate", money(state.rate));
  setText("affordable", state.parts_affordable === null ? "any number" : `${count(state.parts_affordable)} parts`);
  setText("accepted", `${count(state.counts.accepted)} accepted in all, ${money(state.spent)}`);
  if (replace || messages.length) inbox.show(messages, replace);
  drawer.show(state, googleFaults);
  sheet.price(state.rate);
  sheet.show(sheets);
}

function live(on) {
  const node = byId("live");
  node.dataset.on = on ? "yes" : "no";
  node.textContent = on ? "live" : "not connected";
}

byId("top-up").addEventListener("submit", (event) => {
  event.preventDefault();
  shown(() => call("POST", "/sandbox/top-up", { amount: byId("top-up-amount").value.trim() }))();
});

document.addEventListener("visibilitychange", connect);
window.addEventListener("pagehide", () => events?.close());
connect();
